import { join } from "node:path";
import type { ReportLedger } from "../ledger/ledger.ts";
import { reportPage } from "./html/report-page.ts";
import { writeOutcomeFiles } from "./outcome-files.ts";
import type { RunSummary } from "./summary.ts";
import { writeText } from "./whole-file.ts";

/**
 * Writes all that a plan or a run leaves for people and programs into its folder: the files of {@link writeOutcomeFiles}, and
 * report.html (0600), whole or not at all. A sync has no such page: it would not tell what was changed.
 */
export async function writeRunFiles(ledger: ReportLedger, summary: RunSummary): Promise<void> {
  await writeOutcomeFiles(ledger, summary);
  const page = reportPage(ledger, summary, { shown: "plain", madeAt: new Date(), isBeside: true });
  await writeText(join(summary.runDir, "report.html"), page);
}
