import type { Command } from "commander";
import { createInterface } from "node:readline/promises";
import { FerryError } from "../core/ferry-error.ts";
import type { RunSummary } from "../report/summary.ts";
import { addPlanOptions, planOptionsFrom, type PlanFlags } from "./plan-options.ts";
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
      "\nExample:\n  $ poolferry migrate --from auth0:export.json.gz --user-pool-id eu-central-1_AbCd12345 \\\n      --logs-role-arn arn:aws:iam::123456789012:role/poolferry-import-log",
    )
    .action((flags: MigrateFlags) => runCommand(flags, (work) => migrate(flags, work)));
}

async function migrate(flags: MigrateFlags, work: Work): Promise<RunSummary> {
  if (flags.yes !== true && !process.stdin.isTTY) {
    throw new FerryError("CONFIRMATION_MISSING", "There is no terminal to ask for confirmation", {
      hint: "Add --yes, or use plan and then apply",
    });
  }
  const options = await planOptionsFrom(flags);
  if (options.logsRoleArn === undefined) {
    throw new FerryError("LOGS_ROLE_MISSING", "An import job needs a role that lets it write its log", {
      hint: "Give --logs-role-arn; the README shows how to make the role. poolferry plan can do without",
    });
  }
  const [{ plan }, { apply }, { requireReplaceable, runFolderAt }] = await Promise.all([
    import("../run/plan.ts"),
    import("../run/apply.ts"),
    import("../run/run-folder.ts"),
  ]);
  if (options.runDir !== undefined) requireReplaceable(runFolderAt(options.runDir), ["planning"]);
  const planned = await plan({ ...options, ...work });
  if (flags.yes !== true && planned.unsettled > 0) {
    printNote(summaryText(planned));
    const question = `Import ${planned.unsettled} users into ${planned.userPoolId}? [y/N] `;
    if (!(await confirm(question, { signal: work.signal, runDir: planned.runDir }))) {
      printNote(`Nothing was sent. Carry it out later with: poolferry apply --run-dir ${planned.runDir}`);
      return planned;
    }
  }
  return apply({ runDir: planned.runDir, ...work });
}

async function confirm(question: string, { signal, runDir }: Asking): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(question, { signal })).trim());
  } catch (error) {
    // Control-C and Control-D at the question come as an abort of readline's own.
    if (!signal.aborted && !(error instanceof Error && error.name === "AbortError")) throw error;
    throw new FerryError("INTERRUPTED", "Interrupted; nothing was sent", {
      hint: `Carry the plan out later with: poolferry apply --run-dir ${runDir}`,
      cause: error,
    });
  } finally {
    terminal.close();
  }
}

interface Asking {
  readonly signal: AbortSignal;
  readonly runDir: string;
}
