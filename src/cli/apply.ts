import { InvalidArgumentError, type Command } from "commander";
import { addOutputOptions } from "./plan-options.ts";
import { runCommand, type OutputFlags } from "./run-command.ts";

interface ApplyFlags extends OutputFlags {
  readonly runDir: string;
  readonly logsRoleArn?: string;
  readonly profile?: string;
  readonly failedShare?: number;
  readonly quotaShare?: number;
}

/** `poolferry apply` and `poolferry resume`: carry a plan out, from wherever it is. */
export function addApplyCommands(program: Command): void {
  addApplyCommand(program, "apply", "carry out a plan", "Carries out the plan in a run folder.");
  addApplyCommand(
    program,
    "resume",
    "go on with a run that was stopped",
    "Goes on where a run was stopped: nothing is lost and nobody is sent twice.",
  );
}

function addApplyCommand(program: Command, name: string, summary: string, description: string): void {
  addOutputOptions(
    program
      .command(name)
      .requiredOption("--run-dir <dir>", "the folder of the run")
      .option("--logs-role-arn <arn>", "the role that lets an import job write its log (default: the plan's)")
      .option("--profile <name>", "a profile of your AWS configuration (default: the plan's)")
      .option(
        "--failed-share <share>",
        "the share of failing users above which it stops, 0 to 1 (default: the plan's)",
        parseShare,
      )
      .option(
        "--quota-share <share>",
        "the share of every request quota to take, above 0 and up to 1 (default: the plan's)",
        parseQuotaShare,
      ),
  )
    .summary(summary)
    .description(description)
    .addHelpText("after", `\nExample:\n  $ poolferry ${name} --run-dir first-try`)
    .action((flags: ApplyFlags) =>
      runCommand(flags, async (work) => {
        const { apply } = await import("../run/apply.ts");
        return apply({ ...flags, ...work });
      }),
    );
}

function parseShare(text: string): number {
  const share = text.trim() === "" ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new InvalidArgumentError("It is a number from 0 to 1.");
}

function parseQuotaShare(text: string): number {
  const share = Number(text);
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError("It must be a number above 0 and up to 1, such as 0.5.");
}
