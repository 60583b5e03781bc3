import type { Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { visibleWithin } from "../core/visible.ts";
import type { RunSummary } from "../report/summary.ts";
import { confirm, requireConfirmable } from "./confirm.ts";
import { examplesText } from "./help-text.ts";
import { findConfig } from "./find-config.ts";
import { joinText } from "./join-text.ts";
import { ownCommand } from "./own-command.ts";
import { addPlanOptions, planOptionsOf, type PlanFlags } from "./plan-options.ts";
import { runCommand, type Work } from "./run-command.ts";
import { summaryText } from "./summary-text.ts";
import { targetText } from "./target-text.ts";
import { printNote } from "./terminal.ts";

interface MigrateFlags extends PlanFlags {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `poolferry migrate`: plan, show, confirm, apply. */
export function addMigrateCommand(program: Command): void {
  addPlanOptions(program.command("migrate"))
    .option("-y, --yes", "apply the plan without asking")
    .option("--dry-run", "only make and show the plan, as plan does; nothing is sent")
    .summary("plan, show the plan, ask, and carry it out")
    .description(
      "Makes a plan, shows it, says what would be written where, asks, and carries it out. It asks for any pool, a local one too, so that a rehearsal is like the real thing; where there is no terminal, --yes is the answer.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry migrate --from auth0:export.json.gz --user-pool-id eu-central-1_AbCd12345 --logs-role-arn arn:aws:iam::123456789012:role/poolferry-import-log",
        "poolferry migrate --config ferry.yaml --dry-run",
        "poolferry migrate --config ferry.yaml --yes",
      ),
    )
    .action((flags: MigrateFlags) => runCommand(flags, (work) => migrate(flags, work)));
}

async function migrate(flags: MigrateFlags, work: Work): Promise<RunSummary> {
  if (flags.dryRun !== true) requireConfirmable(flags, `Say yes with: ${ownCommand("--yes")}`);
  const { config, path } = await findConfig(flags);
  const options = await planOptionsOf(flags, config);
  const { plan } = await import("../run/plan.ts");
  if (flags.dryRun === true) {
    const planned = await plan({ ...options, ...work });
    if (planned.unsettled > 0) printNote(`Nothing was sent. ${laterText(planned)}`);
    return planned;
  }
  if (options.logsRoleArn === undefined && options.signUp === undefined) {
    throw new FerryError("LOGS_ROLE_MISSING", "An import job needs a role that lets it write its log", {
      hint: "Give --logs-role-arn; the README shows how to make the role. poolferry plan can do without",
    });
  }
  const [{ apply }, { requireReplaceable, runFolderAt }] = await Promise.all([
    import("../run/apply.ts"),
    import("../run/run-folder.ts"),
  ]);
  if (options.runDir !== undefined)
    await requireReplaceable(runFolderAt(options.runDir, process.env), ["planning"]);
  const planned = await plan({ ...options, ...work });
  if (flags.yes !== true && planned.unsettled > 0 && !(await isConfirmed(planned, path, work)))
    return planned;
  if (planned.unsettled > 0 && options.ledger !== undefined) printNote(joinText(planned, options.ledger));
  return apply({ runDir: planned.runDir, environment: process.env, ...work });
}

/** Shows the plan and what a yes writes where, and asks. */
async function isConfirmed(
  planned: RunSummary,
  configPath: string | undefined,
  { signal }: Work,
): Promise<boolean> {
  const { runTarget } = await import("../run/run-target.ts");
  const shown = visibleWithin(planned);
  const target = visibleWithin(await runTarget(planned.runDir, process.env));
  printNote(`${summaryText(shown)}\n${targetText(shown, target, configPath)}`);
  const question = `Import ${planned.unsettled} users into ${planned.userPoolId}? [y/N] `;
  const whenInterrupted = { message: "Interrupted; nothing was sent", hint: laterText(planned) };
  if (await confirm(question, { signal, whenInterrupted })) return true;
  printNote(`Nothing was sent. ${laterText(planned)}`);
  return false;
}

function laterText({ runDir }: RunSummary): string {
  return `Carry the plan out later with: poolferry apply --run-dir ${runDir}`;
}
