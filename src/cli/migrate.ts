import type { Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { visibleWithin } from "../core/visible.ts";
import type { RunSummary } from "../report/summary.ts";
import { confirm, requireConfirmable } from "./confirm.ts";
import { examplesText } from "./help-text.ts";
import { findConfig } from "./find-config.ts";
import { joinText } from "./join-text.ts";
import { addPlanOptions, planOptionsOf, type PlanFlags } from "./plan-options.ts";
import { runCommand, type Work } from "./run-command.ts";
import { summaryText } from "./summary-text.ts";
import { printNote } from "./terminal.ts";

interface MigrateFlags extends PlanFlags {
  readonly yes?: boolean;
}

/** `poolferry migrate`: plan, show, confirm, apply. */
export function addMigrateCommand(program: Command): void {
  addPlanOptions(program.command("migrate"))
    .option("-y, --yes", "apply the plan without asking")
    .summary("plan, show the plan, ask, and carry it out")
    .description("Makes a plan, shows it, asks, and carries it out.")
    .addHelpText(
      "after",
      examplesText(
        "poolferry migrate --from auth0:export.json.gz --user-pool-id eu-central-1_AbCd12345 --logs-role-arn arn:aws:iam::123456789012:role/poolferry-import-log",
        "poolferry migrate --config ferry.yaml --yes",
      ),
    )
    .action((flags: MigrateFlags) => runCommand(flags, (work) => migrate(flags, work)));
}

async function migrate(flags: MigrateFlags, work: Work): Promise<RunSummary> {
  requireConfirmable(flags, "Add --yes, or use plan and then apply");
  const { config } = await findConfig(flags);
  const options = await planOptionsOf(flags, config);
  if (options.logsRoleArn === undefined && options.signUp === undefined) {
    throw new FerryError("LOGS_ROLE_MISSING", "An import job needs a role that lets it write its log", {
      hint: "Give --logs-role-arn; the README shows how to make the role. poolferry plan can do without",
    });
  }
  const [{ plan }, { apply }, { requireReplaceable, runFolderAt }] = await Promise.all([
    import("../run/plan.ts"),
    import("../run/apply.ts"),
    import("../run/run-folder.ts"),
  ]);
  if (options.runDir !== undefined)
    await requireReplaceable(runFolderAt(options.runDir, process.env), ["planning"]);
  const planned = await plan({ ...options, ...work });
  if (flags.yes !== true && planned.unsettled > 0) {
    printNote(summaryText(visibleWithin(planned)));
    const question = `Import ${planned.unsettled} users into ${planned.userPoolId}? [y/N] `;
    const whenInterrupted = {
      message: "Interrupted; nothing was sent",
      hint: `Carry the plan out later with: poolferry apply --run-dir ${planned.runDir}`,
    };
    if (!(await confirm(question, { signal: work.signal, whenInterrupted }))) {
      printNote(`Nothing was sent. Carry it out later with: poolferry apply --run-dir ${planned.runDir}`);
      return planned;
    }
  }
  if (planned.unsettled > 0 && options.ledger !== undefined) printNote(joinText(planned, options.ledger));
  return apply({ runDir: planned.runDir, environment: process.env, ...work });
}
