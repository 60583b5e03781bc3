import type { Command } from "commander";
import { examplesText } from "./help-text.ts";
import { addFormatOption, addOutputOptions } from "./plan-options.ts";
import { runDirOption } from "./pool-options.ts";
import { runCommand, type SummaryFlags } from "./run-command.ts";

/** `poolferry status`: the numbers of a run as it stands. */
export function addStatusCommand(program: Command): void {
  addFormatOption(
    addOutputOptions(
      program.command("status").addOption(runDirOption("the folder of the run").makeOptionMandatory()),
    ),
  )
    .summary("show how far a run is")
    .description(
      "Shows how far a run is, also while another process works on it. Ends with 4 while it is unfinished.",
    )
    .addHelpText(
      "after",
      examplesText("poolferry status --run-dir first-try", "poolferry status --run-dir first-try --json"),
    )
    .action((flags: SummaryFlags & { readonly runDir: string }) =>
      runCommand(flags, async () => {
        const { status } = await import("../run/status.ts");
        return status(flags.runDir, process.env);
      }),
    );
}
