import { InvalidArgumentError, Option, type Command } from "commander";
import { FerryError } from "../core/ferry-error.ts";
import { ROUTES, type Route } from "../core/route.ts";
import { LOAD_STEPS, type LoadStep } from "../core/load-step.ts";
import type { ApplyOptions } from "../run/apply.ts";
import type { Rehearsal } from "../run/rehearse.ts";
import type { RunSummary } from "../report/summary.ts";
import { addAccountOption, type AccountFlags } from "./account-option.ts";
import { oneOf } from "./choice.ts";
import { examplesText } from "./help-text.ts";
import { addFormatOption, addOutputOptions } from "./plan-options.ts";
import { profileOption, runDirOption } from "./pool-options.ts";
import { runCommand, type SummaryFlags } from "./run-command.ts";
import { printNote } from "./terminal.ts";
import { settableOption } from "./settable-option.ts";

interface ApplyFlags extends SummaryFlags, AccountFlags {
  readonly runDir?: string;
  readonly ledger?: string;
  readonly runId?: string;
  readonly logsRoleArn?: string;
  readonly profile?: string;
  readonly failedShare?: number;
  readonly quotaShare?: number;
  readonly only?: LoadStep;
  readonly maxUsers?: number;
  readonly allowChangedSource?: boolean;
  readonly dryRun?: boolean;
}

/** `poolferry apply` and `poolferry resume`: carry a plan out, from wherever it is. */
export function addApplyCommands(program: Command): void {
  addApplyCommand(
    program,
    "apply",
    "carry out a plan",
    "Carries out the plan in a run folder, or takes part in a run whose ledger is in PostgreSQL.",
  );
  addApplyCommand(
    program,
    "resume",
    "go on with a run that was stopped",
    "Goes on where a run was stopped: nothing is lost and nobody is sent twice.",
  );
}

function addApplyCommand(program: Command, name: string, summary: string, description: string): void {
  addFormatOption(
    addOutputOptions(
      addAccountOption(program.command(name))
        .addOption(
          runDirOption(
            "the folder of the run (of one that is joined, default: a new one under poolferry-runs)",
          ),
        )
        .addOption(
          settableOption(
            "--ledger <postgres:variable>",
            "join a run that was planned elsewhere: the variable with its database's address",
          ),
        )
        .addOption(settableOption("--run-id <id>", "the id of the run that is joined, as the plan prints it"))
        .addOption(
          settableOption(
            "--logs-role-arn <arn>",
            "the role that lets an import job write its log (default: the plan's)",
          ),
        )
        .addOption(profileOption("the plan's"))
        .addOption(
          settableOption(
            "--failed-share <share>",
            "the share of failing users above which it stops, 0 to 1 (default: the plan's)",
          ).argParser(parseShare),
        )
        .addOption(
          settableOption(
            "--quota-share <share>",
            "the share of every request quota to take, above 0 and up to 1 (default: the plan's)",
          ).argParser(parseQuotaShare),
        )
        .addOption(
          oneOf(
            new Option(
              "--only <step>",
              "do this step and leave the others to another time; who may not sign in is disabled all the same",
            ),
            LOAD_STEPS,
          ),
        )
        .option(
          "--max-users <count>",
          "send so many users at the most, and leave the others to another time",
          parseMaxUsers,
        )
        .option(
          "--dry-run",
          "check the pool, the account and the source against the plan, and say what would be sent",
        )
        .option(
          "--allow-changed-source",
          "carry the plan out as it was made, although the source has changed since",
        ),
    ),
  )
    .summary(summary)
    .description(description)
    .addHelpText(
      "after",
      examplesText(
        `poolferry ${name} --run-dir first-try`,
        ...(name === "apply"
          ? [
              "poolferry apply --run-dir first-try --dry-run",
              "poolferry apply --run-dir first-try --max-users 50",
            ]
          : ["poolferry resume --run-dir first-try --quota-share 0.5"]),
        `poolferry ${name} --ledger postgres:LEDGER_URL --run-id 20260101-120000-abc123`,
      ),
    )
    .action((flags: ApplyFlags, command: Command) =>
      runCommand(flags, async (work) => {
        const place = placeOf(withoutAmbientLedger(flags, command));
        if (flags.dryRun === true)
          return rehearsed({ ...flags, ...place, environment: process.env, ...work });
        const { apply } = await import("../run/apply.ts");
        return apply({ ...flags, ...place, environment: process.env, ...work });
      }),
    );
}

/** What would be sent, once all that can be checked before it has been. Throws USAGE for a run that is to be joined first. */
async function rehearsed(options: ApplyOptions): Promise<RunSummary> {
  if (options.join !== undefined) {
    throw new FerryError("USAGE", "--dry-run cannot join a run, as that makes a folder for it", {
      hint: "Give --run-dir with the folder of the plan, on the computer that has it",
    });
  }
  const { rehearse } = await import("../run/rehearse.ts");
  const { summary, left } = await rehearse(options);
  printNote(`Dry run, nothing was sent. ${wouldSendText(left, options)}`);
  return summary;
}

const ROUTE_OF_STEP: Readonly<Record<LoadStep, Route | undefined>> = {
  "import-jobs": "import-job",
  "admin-create": "admin-create",
  "sign-up": "sign-up",
  "follow-ups": undefined,
};

function wouldSendText(left: Rehearsal["left"], { only, maxUsers }: ApplyOptions): string {
  const shares = ROUTES.filter((route) => route !== "none" && left[route] > 0).filter(
    (route) => only === undefined || ROUTE_OF_STEP[only] === route,
  );
  const counts = shares.map((route) => `${left[route]} by ${route}`).join(", ");
  const limit = maxUsers === undefined ? "" : `, of these ${maxUsers} at the most`;
  const users = counts === "" ? "nobody" : `${counts}${limit}`;
  const isWhole = only === undefined && maxUsers === undefined;
  return `Would be sent: ${users}${isWhole ? "; then the follow-ups that are left" : ""}`;
}

/** A ledger that the environment names is for plans, too: a run that has its folder here is not joined by it. */
function withoutAmbientLedger(flags: ApplyFlags, command: Command): ApplyFlags {
  const isAmbient = command.getOptionValueSource("ledger") === "env";
  if (!isAmbient || flags.runDir === undefined || flags.runId !== undefined) return flags;
  const { ledger: _ledger, ...others } = flags;
  return others;
}

/** Which run it is. Throws USAGE. */
function placeOf({ runDir, ledger, runId }: ApplyFlags): Pick<ApplyOptions, "runDir" | "join"> {
  if (ledger !== undefined && runId !== undefined && runId !== "")
    return { runDir: runDir ?? `poolferry-runs/${runId}`, join: { ledger, runId } };
  if (ledger !== undefined || runId !== undefined) {
    throw new FerryError("USAGE", "--ledger and --run-id are given together", {
      hint: "The plan prints both; in the folder that it was made in, --run-dir is enough",
    });
  }
  if (runDir !== undefined) return { runDir };
  throw new FerryError("USAGE", "--run-dir is missing", {
    hint: "Name the folder of the run, or join one with --ledger and --run-id",
  });
}

function parseShare(text: string): number {
  const share = text.trim() === "" ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("It is a number from 0 to 1.");
}

function parseMaxUsers(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

function parseQuotaShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError("It must be a number above 0 and up to 1, such as 0.5.");
}
