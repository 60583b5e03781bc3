import { Option, type Command } from "commander";
import { join } from "node:path";
import pc from "picocolors";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import { visibleWithin } from "../core/visible.ts";
import type { UndoAction } from "../core/undo.ts";
import type { UndoOptions, UndoPreview, UndoSummary } from "../run/undo.ts";
import { addAccountOption, type AccountFlags } from "./account-option.ts";
import { ask } from "./confirm.ts";
import { examplesText } from "./help-text.ts";
import { addOutputOptions } from "./plan-options.ts";
import { profileOption, runDirOption } from "./pool-options.ts";
import { printOutcome, type OutputFlags, type Work } from "./run-command.ts";
import { printNote } from "./terminal.ts";
import { undoCountsText } from "./undo-text.ts";

interface UndoFlags extends OutputFlags, AccountFlags {
  readonly runDir: string;
  readonly profile?: string;
  readonly delete?: boolean;
  readonly disable?: boolean;
  readonly includeChanged?: boolean;
  readonly confirm?: string;
  readonly dryRun?: boolean;
}

/** `poolferry undo`: takes back what a run has created. */
export function addUndoCommand(program: Command): void {
  addOutputOptions(
    addAccountOption(program.command("undo"))
      .addOption(runDirOption("the folder of the run").makeOptionMandatory())
      .addOption(new Option("--delete", "delete the users whom the run created").conflicts("disable"))
      .option("--disable", "disable them: they stay in the pool and cannot sign in")
      .option(
        "--include-changed",
        "take those back too who were changed since, for instance by a new password",
      )
      .option("--dry-run", "only say how many users it would be about, and in which pool")
      .option("--confirm <run-id>", "the id of the run, for scripts; at a terminal you are asked for it")
      .addOption(profileOption("the plan's")),
  )
    .summary("delete or disable exactly the users whom a run created")
    .description(
      "Deletes or disables exactly the users whom a run created, after you typed the run's id. Users who were in the pool before are never touched, nor is another account that has such a name by now; users who were changed since the run are kept unless you say --include-changed. Works on a finished run and on one that was stopped, which can then no longer be resumed. Groups stay. undo.csv in the run folder says what became of each user. Can be repeated when it was stopped. Ends with 3 when some users were left as they are.",
    )
    .addHelpText(
      "after",
      examplesText(
        "poolferry undo --run-dir first-try --delete --dry-run",
        "poolferry undo --run-dir first-try --delete",
        "poolferry undo --run-dir first-try --disable --confirm 20260101-120000-abc123",
      ),
    )
    .action((flags: UndoFlags) =>
      flags.dryRun === true
        ? printOutcome(
            flags,
            (work) => preview(flags, work),
            (shown) => rehearsalText(shown, flags),
          )
        : printOutcome(flags, (work) => undoConfirmed(flags, work), undoText),
    );
}

/** What an undo would be about, without doing it. */
async function preview(flags: UndoFlags, work: Work): Promise<UndoPreview & { readonly exitCode: ExitCode }> {
  actionOf(flags);
  const { previewUndo } = await import("../run/undo.ts");
  const { runDir, profile, expectAccount } = flags;
  const shown = await previewUndo({ runDir, profile, expectAccount, environment: process.env, ...work });
  return { ...shown, exitCode: EXIT_CODES.ok };
}

function rehearsalText(shown: UndoPreview, flags: UndoFlags): string {
  const { includeChanged } = flags;
  return `${previewText(shown, { action: actionOf(flags), includeChanged })}\n  Nothing was undone (--dry-run). Who of them was changed or is gone shows when it is done.`;
}

async function undoConfirmed(flags: UndoFlags, work: Work): Promise<UndoSummary> {
  const action = actionOf(flags);
  if (flags.confirm === undefined && !process.stdin.isTTY) {
    throw new FerryError("CONFIRMATION_MISSING", "There is no terminal to ask for confirmation", {
      hint: "Add --confirm with the run's id, which poolferry status shows",
    });
  }
  const { previewUndo, undo } = await import("../run/undo.ts");
  const { runDir, profile, expectAccount, includeChanged } = flags;
  const options: Omit<UndoOptions, "confirm"> = {
    runDir,
    profile,
    expectAccount,
    environment: process.env,
    action,
    includeChanged,
    ...work,
  };
  if (flags.confirm !== undefined) return undo({ ...options, confirm: flags.confirm });
  printNote(previewText(visibleWithin(await previewUndo(options)), options));
  const typed = await ask("Type the run's id to go on: ", {
    signal: work.signal,
    whenInterrupted: { message: "Interrupted; nothing was undone", hint: "Repeat the command" },
  });
  return undo({ ...options, confirm: typed });
}

function actionOf({ delete: isDelete, disable: isDisable }: UndoFlags): UndoAction {
  if (isDelete === true) return "delete";
  if (isDisable === true) return "disable";
  throw new FerryError("USAGE", "Neither --delete nor --disable was given", {
    hint: "Say which of the two is to become of the users",
  });
}

function previewText(
  preview: UndoPreview,
  { action, includeChanged }: Pick<UndoOptions, "action" | "includeChanged">,
): string {
  const { runId, userPoolId, userPoolName, region, account, created, uncertain } = preview;
  const where = [...(account === undefined ? [] : [`account ${account}`]), `region ${region}`].join(", ");
  return [
    pc.bold(`Run ${runId} has created ${created} users in the user pool "${userPoolName}"`),
    `  ${userPoolId}, ${where}`,
    ...(uncertain === 0
      ? []
      : [`  It was stopped and may have created some of ${uncertain} more; the pool tells which.`]),
    `  ${action === "delete" ? pc.red("They will be DELETED, for good.") : pc.yellow("They will be DISABLED.")}`,
    includeChanged === true
      ? "  Also those who were changed since the run, for instance by a new password."
      : "  Those who were changed since the run are kept.",
  ].join("\n");
}

function undoText({ runId, userPoolId, results, runDir }: UndoSummary): string {
  return [
    pc.bold(`Run ${runId} undone in ${userPoolId}`),
    `  users     ${undoCountsText(results)}`,
    `  each of them: ${pc.dim(join(runDir, "undo.csv"))}`,
  ].join("\n");
}
