import { join } from "node:path";
import { FerryError } from "../core/ferry-error.ts";
import type { RunState } from "../ledger/ledger.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { writeJson } from "../report/whole-file.ts";
import type { Environment } from "./client-secret.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import {
  finishUndo,
  holdRunFolder,
  removeParts,
  removeReports,
  requireRun,
  runFolderAt,
  type RunFolder,
} from "./run-folder.ts";
import { openRun } from "./run-ledger.ts";
import { withoutRun } from "./without-run.ts";

/** What purging a run needs. */
export interface PurgeOptions {
  /** The folder of a run that is finished or was undone, or of a plan of which nothing was sent. */
  readonly runDir: string;
  /** Where the address of a ledger in a database is looked up, by the name of its variable. */
  readonly environment?: Environment | undefined;
}

/**
 * Erases all personal data and secrets of a run, for good: its users leave the ledger, which is written anew without
 * them, and the reports and what is left of parts are deleted. Numbers stay, and the run's id, pool and times; report.json holds them. The
 * pool is not touched. From then on the run can be neither resumed nor verified nor undone, and a plan is none any more. Can be
 * repeated after whatever stopped it. Throws FerryError: RUN_UNFINISHED for a run that can be resumed, or whose undo
 * is not finished; RUN_BUSY while another process works on it or reads it.
 *
 * @example
 * ```ts
 * import { purge } from "poolferry";
 *
 * const { purged } = await purge({ runDir: "night" });
 * console.log("nobody's data is in it any more:", purged !== undefined);
 * ```
 */
export async function purge(options: PurgeOptions): Promise<RunSummary> {
  const folder = runFolderAt(options.runDir, options.environment);
  try {
    await requireRun(folder);
    using _hold = await holdRunFolder(folder);
    await requirePurgeable(folder);
    await using run = await openRun(folder, "alone");
    const { ledger } = run;
    await ledger.eraseUsers(new Date().toISOString());
    await ledger.rewrite();
    await removeReports(folder);
    await removeParts(folder);
    await ledger.setState("purged");
    const summary = await summarise(ledger, folder.path);
    await writeJson(join(folder.path, "report.json"), summary);
    return summary;
  } catch (error) {
    throw withoutRun(explainDiskError(error, folder.path), "Interrupted");
  }
}

/** Throws RUN_UNFINISHED for a run that still needs what a purge erases. */
export async function requirePurgeable(folder: RunFolder): Promise<RunState> {
  const state = await requireRun(folder);
  if (state !== "applying" && state !== "undoing") return state;
  const [what, hint] =
    state === "applying"
      ? ["is not finished", `Finish it with: poolferry resume --run-dir ${folder.path}; or undo it first`]
      : ["is being undone", finishUndo(folder)];
  throw new FerryError("RUN_UNFINISHED", `The run in ${folder.path} ${what}, and needs its users to go on`, {
    hint,
  });
}
