import type { Command } from "commander";
import pc from "picocolors";
import { EXIT_CODES } from "../core/ferry-error.ts";
import { visible } from "../core/visible.ts";
import type { RunSummary } from "../report/summary.ts";
import type { PersonalFiles } from "../run/run-folder.ts";
import { confirm, requireConfirmable } from "./confirm.ts";
import { examplesText } from "./help-text.ts";
import { ownCommand } from "./own-command.ts";
import { addOutputOptions } from "./plan-options.ts";
import { runDirOption } from "./pool-options.ts";
import { runCommand, type OutputFlags, type Work } from "./run-command.ts";
import { printNote } from "./terminal.ts";

interface PurgeFlags extends OutputFlags {
  readonly runDir: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `poolferry purge`: erases the personal data and secrets of a run that has ended. */
export function addPurgeCommand(program: Command): void {
  addOutputOptions(
    program
      .command("purge")
      .addOption(
        runDirOption(
          "the folder of a finished run, or of a plan of which nothing was sent",
        ).makeOptionMandatory(),
      )
      .option("-y, --yes", "purge it without asking")
      .option("--dry-run", "only say what would be erased"),
  )
    .summary("erase the personal data and secrets of a run that has ended")
    .description(
      "Erases all personal data and secrets of a run that is finished or was undone, or of a plan of which nothing was sent, after asking: its users leave the ledger, and the reports and parts are deleted. Numbers stay, for poolferry status. The pool is not touched. After it the run can be neither verified nor undone, so copy what you still need, such as identity-map.csv. Can be repeated when it was stopped.",
    )
    .addHelpText(
      "after",
      examplesText("poolferry purge --run-dir first-try --dry-run", "poolferry purge --run-dir first-try"),
    )
    .action((flags: PurgeFlags) => runCommand(flags, (work) => purgeConfirmed(flags, work)));
}

async function purgeConfirmed({ runDir, yes, dryRun }: PurgeFlags, { signal }: Work): Promise<RunSummary> {
  if (dryRun !== true) requireConfirmable({ yes: yes ?? false }, `Say yes with: ${ownCommand("--yes")}`);
  const [{ purge, requirePurgeable }, { status }, { foreignFiles, personalFiles, runFolderAt }] =
    await Promise.all([
      import("../run/purge.ts"),
      import("../run/status.ts"),
      import("../run/run-folder.ts"),
    ]);
  if (dryRun === true || yes !== true) {
    await requirePurgeable(runFolderAt(runDir, process.env));
    const summary = await status(runDir, process.env);
    printNote(previewText(summary));
    if (dryRun === true) {
      printNote(`Nothing was erased. It would delete: ${doomedText(personalFiles(runFolderAt(runDir)))}`);
      return { ...summary, exitCode: EXIT_CODES.ok };
    }
    const whenInterrupted = { message: "Interrupted; nothing was erased", hint: "Repeat the command" };
    if (!(await confirm("Erase them for good? [y/N] ", { signal, whenInterrupted }))) {
      printNote("Nothing was erased.");
      return summary;
    }
  }
  const summary = await purge({ runDir, environment: process.env });
  const left = foreignFiles(runFolderAt(runDir));
  if (left.length > 0) printNote(leftText(left));
  // Whatever the run ended with, the purge is done.
  return { ...summary, exitCode: EXIT_CODES.ok };
}

function doomedText({ reports, parts }: PersonalFiles): string {
  const partsText = parts === 0 ? [] : [`${parts} files of parts`];
  return [...reports, ...partsText, "and every user in the ledger"].join(", ");
}

/** Files that are named; a folder can hold any number. */
const MAX_LEFT_SHOWN = 20;

function leftText(left: readonly string[]): string {
  const names = left.slice(0, MAX_LEFT_SHOWN).map(visible);
  const more = left.length > names.length ? ` and ${left.length - names.length} more` : "";
  return pc.yellow(
    `Left alone, as poolferry did not make them, and perhaps full of users: ${names.join(", ")}${more}`,
  );
}

function previewText({ runId, runDir, source: { rows } }: RunSummary): string {
  return [
    pc.bold(`Run ${runId} holds ${rows} users in ${runDir}`),
    pc.red("  They will be ERASED from the ledger, and the reports deleted; the pool is not touched."),
    "  After it the run cannot be verified or undone. Copy what you still need, such as identity-map.csv.",
  ].join("\n");
}
