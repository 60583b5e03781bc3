import type { Command } from "commander";
import type { RunSummary } from "../report/summary.ts";
import { examplesText } from "./help-text.ts";
import { findConfig } from "./find-config.ts";
import { joinText } from "./join-text.ts";
import { addPlanOptions, planOptionsOf, type PlanFlags } from "./plan-options.ts";
import { runCommand } from "./run-command.ts";
import { printNote } from "./terminal.ts";

/** `poolferry plan`: decide for every user what will happen, and send nothing. */
export function addPlanCommand(program: Command): void {
  addPlanOptions(program.command("plan"))
    .summary("decide for every user what will happen; sends nothing")
    .description(
      "Reads the source and the pool's settings, decides for every user what will happen, and sends nothing.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry plan --from csv:users.csv --user-pool-id eu-central-1_AbCd12345 --run-dir first-try",
        "poolferry plan --config ferry.yaml --format markdown",
      ),
    )
    .action((flags: PlanFlags) =>
      runCommand(flags, async (work) => {
        const { plan } = await import("../run/plan.ts");
        const { config } = await findConfig(flags);
        const options = await planOptionsOf(flags, config);
        const summary = await plan({ ...options, ...work });
        if (summary.unsettled > 0) printNote(nextStep(summary, options.ledger));
        return summary;
      }),
    );
}

function nextStep(summary: RunSummary, ledger: string | undefined): string {
  const here = `Carry it out with: poolferry apply --run-dir ${summary.runDir}`;
  return [here, joinText(summary, ledger)].filter(Boolean).join("\n");
}
