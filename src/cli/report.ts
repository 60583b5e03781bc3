import type { Command } from "commander";
import pc from "picocolors";
import type { WrittenReport } from "../run/write-report.ts";
import { examplesText } from "./help-text.ts";
import { addOutputOptions } from "./plan-options.ts";
import { runDirOption } from "./pool-options.ts";
import { printOutcome, type OutputFlags } from "./run-command.ts";

interface ReportFlags extends OutputFlags {
  readonly runDir: string;
  readonly out: string;
  readonly showValues?: boolean;
}

/** `poolferry report`: the page of a run, to be passed on. */
export function addReportCommand(program: Command): void {
  addOutputOptions(
    program
      .command("report")
      .addOption(runDirOption("the folder of the run").makeOptionMandatory())
      .requiredOption("--out <file>", "write the page to a new file")
      .option("--show-values", "with usernames, ids and messages, as report.html in the run folder has them"),
  )
    .summary("write a run as a page that can be passed on")
    .description(
      "Writes a run as it stands as one HTML page, in which nothing says who a user is: names and ids are shown in outline, and messages, which may quote a value, are left out. Works on plans, on runs while they go on, and on what is left of a run that was purged. The page loads nothing. report.html in the run folder is the same with all values.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry report --run-dir first-try --out for-the-team.html",
        "poolferry report --run-dir first-try --out all.html --show-values",
      ),
    )
    .action((flags: ReportFlags) =>
      printOutcome(
        flags,
        async () => {
          const { writeReport } = await import("../run/write-report.ts");
          const { runDir, out, showValues = false } = flags;
          const shown = showValues ? "plain" : "masked";
          return writeReport({ runDir, out, shown, environment: process.env });
        },
        reportText,
      ),
    );
}

function reportText({ runId, out, values }: WrittenReport): string {
  const what = values === "masked" ? "nothing in it says who a user is" : "it holds personal data";
  return `${pc.bold(`Run ${runId}`)} as a page; ${what}\n  ${out}`;
}
