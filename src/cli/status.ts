import type { Command } from "commander";
import { addFormatOption, addOutputOptions } from "./plan-options.ts";
import { runCommand, type SummaryFlags } from "./run-command.ts";

/** `poolferry status`: the numbers of a run as it stands. */
export function addStatusCommand(program: Command): void {
  addFormatOption(
    addOutputOptions(program.command("status").requiredOption("--run-dir <dir>", "the folder of the run")),
  )
    .summary("show how far a run is")
    .description(
      "Shows how far a run is, also while another process works on it. Ends with 4 while it is unfinished.",
    )
    .addHelpText("after", "\nExample:\n  $ poolferry status --run-dir first-try")
    .action((flags: SummaryFlags & { readonly runDir: string }) =>
      runCommand(flags, async () => {
        const { status } = await import("../run/status.ts");
        return status(flags.runDir, process.env);
      }),
    );
}
