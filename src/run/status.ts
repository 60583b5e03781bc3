import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { requireRun, runFolderAt } from "./run-folder.ts";

/** Sums up the run in a folder as it stands, also while another process works on it. Throws RUN_NOT_FOUND. */
export function status(runDir: string): RunSummary {
  const folder = runFolderAt(runDir);
  try {
    requireRun(folder);
    using ledger = openSqliteLedger(folder.ledgerPath, "read");
    return summarise(ledger, folder.path);
  } catch (error) {
    throw explainDiskError(error, folder.path);
  }
}
