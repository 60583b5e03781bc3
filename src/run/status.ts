import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { requireRun, runFolderAt } from "./run-folder.ts";

/** Sums up the run in a folder as it stands, also while another process works on it. Throws RUN_NOT_FOUND. */
export async function status(runDir: string): Promise<RunSummary> {
  const folder = runFolderAt(runDir);
  try {
    await requireRun(folder);
    await using ledger = await openSqliteLedger(folder.ledgerPath, "read");
    return await summarise(ledger, folder.path);
  } catch (error) {
    throw explainDiskError(error, folder.path);
  }
}
