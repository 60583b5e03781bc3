import { resolve } from "node:path";
import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import { explainLedgerDamage } from "../ledger/sqlite-ledger.ts";
import { reportPage } from "../report/html/report-page.ts";
import type { ShownValues } from "../report/html/user-list.ts";
import { summarise } from "../report/summary.ts";
import { writeText } from "../report/whole-file.ts";
import type { Environment } from "./client-secret.ts";
import { explainWriteError, requireNew } from "./new-file.ts";
import { requireRun, runFolderAt } from "./run-folder.ts";
import { readLedger } from "./run-ledger.ts";

/** Of which run a page is made, and where to. */
export interface WriteReportOptions {
  readonly runDir: string;
  /** A new file (0600). */
  readonly out: string;
  readonly shown: ShownValues;
  /** Where the address of a ledger in a database is looked up, by the name of its variable. */
  readonly environment?: Environment | undefined;
}

/** What was written, as `--json` prints it. */
export interface WrittenReport {
  readonly runId: string;
  /** Absolute path of the page. */
  readonly out: string;
  /** Whether usernames, ids and messages stand in it, or only what cannot be told from whom. */
  readonly values: ShownValues;
  readonly exitCode: ExitCode;
}

/**
 * Writes the page about a run as it stands, also while another process works on it, and of one that was purged what is left of
 * it. Whole or not at all, and over nothing. Throws FerryError: RUN_NOT_FOUND, USAGE, DISK_UNUSABLE.
 */
export async function writeReport(options: WriteReportOptions): Promise<WrittenReport> {
  const out = resolve(options.out);
  const folder = runFolderAt(options.runDir, options.environment);
  await requireRun(folder);
  await requireNew(out, "report");
  try {
    await using ledger = await readLedger(folder);
    const { shown } = options;
    const summary = await summarise(ledger, folder.path);
    await writeText(out, reportPage(ledger, summary, { shown, madeAt: new Date(), isBeside: false }));
    return { runId: summary.runId, out, values: shown, exitCode: EXIT_CODES.ok };
  } catch (error) {
    throw explainWriteError(explainLedgerDamage(error, folder.ledgerPath), out);
  }
}
