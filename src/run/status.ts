import { summarise, type RunSummary } from "../report/summary.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import type { Environment } from "./client-secret.ts";
import { isFolderHeld, requireRun, runFolderAt } from "./run-folder.ts";
import { readLedger } from "./run-ledger.ts";

/**
 * Sums up the run in a folder as it stands, also while another process works on it. The address of a ledger in a database is
 * looked up in `environment`. Throws RUN_NOT_FOUND.
 *
 * @example
 * ```ts
 * import { status } from "poolferry";
 *
 * const { state, unsettled } = await status("night");
 * console.log(state, unsettled, "users without an outcome yet");
 * ```
 */
export async function status(runDir: string, environment?: Environment): Promise<RunSummary> {
  const folder = runFolderAt(runDir, environment);
  try {
    await requireRun(folder);
    await using ledger = await readLedger(folder);
    return { ...(await summarise(ledger, folder.path)), isHeld: isFolderHeld(folder) };
  } catch (error) {
    throw explainDiskError(error, folder.path);
  }
}
