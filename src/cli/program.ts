import { Command, Help } from "commander";
import { createRequire } from "node:module";
import pc from "picocolors";
import { addApplyCommands } from "./apply.ts";
import { addCompletionCommand } from "./completion.ts";
import { addDemoCommand } from "./demo.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addEmulatorCommand } from "./emulator.ts";
import { addExportCommand } from "./export.ts";
import { EXIT_CODE_HELP, examplesText, OUTPUT, underHeading } from "./help-text.ts";
import { addInitCommand } from "./init.ts";
import { addJobsCommand } from "./jobs.ts";
import { addMigrateCommand } from "./migrate.ts";
import { addPlanCommand } from "./plan.ts";
import { addPoolCommand } from "./pool.ts";
import { addPurgeCommand } from "./purge.ts";
import { addReportCommand } from "./report.ts";
import { addStatusCommand } from "./status.ts";
import { addHistoryCommand, addSyncCommand } from "./sync.ts";
import { addUndoCommand } from "./undo.ts";
import { addVerifyCommand } from "./verify.ts";
import { addWatchCommand } from "./watch.ts";

/** All commands, under the headings of the help, in the order in which a newcomer meets them. */
const COMMANDS: Readonly<Record<string, readonly ((program: Command) => void)[]>> = {
  "Try it:": [addDemoCommand, addEmulatorCommand],
  "Get ready:": [addDoctorCommand, addPoolCommand],
  "Migrate:": [addInitCommand, addPlanCommand, addApplyCommands, addMigrateCommand],
  "See what happens:": [
    addStatusCommand,
    addWatchCommand,
    addReportCommand,
    addVerifyCommand,
    addJobsCommand,
  ],
  "Afterwards:": [addUndoCommand, addPurgeCommand],
  "Keep a pool in step:": [addSyncCommand, addHistoryCommand],
  "Besides:": [addExportCommand, addCompletionCommand],
};

/** The whole command line; nothing is read or printed before it is parsed. */
export function createProgram(): Command {
  const program = new Command("poolferry")
    .description(
      "Moves users into an Amazon Cognito user pool: planned first, resumable, with an outcome for every user.",
    )
    .version(version())
    .exitOverride()
    // Options of `sync` and of `sync approve` have the same names, and each takes its own.
    .enablePositionalOptions()
    .configureOutput({
      getOutHasColors: () => pc.isColorSupported,
      getErrHasColors: () => pc.isColorSupported,
    })
    .configureHelp({ showGlobalOptions: false, ...STYLE });
  for (const [heading, adders] of Object.entries(COMMANDS)) {
    program.commandsGroup(heading);
    for (const add of adders) add(program);
  }
  program
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText(
      "after",
      examplesText(
        "poolferry demo",
        "poolferry plan --from csv:users.csv --user-pool-id eu-central-1_AbCd12345 --run-dir first-try",
        "poolferry apply --run-dir first-try",
        "poolferry plan --help",
      ),
    );
  for (const command of [program, ...commandsUnder(program)]) {
    underHeading(command, OUTPUT, addColourOptions);
    command.exitOverride().addHelpText("after", EXIT_CODE_HELP);
  }
  return program;
}

// Heeded by picocolors, which reads the arguments and the environment itself.
function addColourOptions(command: Command): void {
  command.option("--color", "colours also where the output is no terminal, as FORCE_COLOR does");
  command.option("--no-color", "no colours, as NO_COLOR does");
}

/** All commands below this one. */
export function commandsUnder(command: Command): readonly Command[] {
  return command.commands.flatMap((each) => [each, ...commandsUnder(each)]);
}

// Commander leaves the colours out again where there are to be none.
const { bold, cyan } = pc.createColors(true);
const STYLE: Partial<Help> = {
  // What every command has comes last.
  groupItems(unsortedItems, visibleItems, groupOf) {
    const groups = new Help().groupItems(unsortedItems, visibleItems, groupOf);
    const output = groups.get(OUTPUT);
    return output === undefined || !groups.delete(OUTPUT) ? groups : groups.set(OUTPUT, output);
  },
  styleTitle: bold,
  styleCommandText: cyan,
  styleSubcommandText: cyan,
  styleOptionText: cyan,
};

function version(): string {
  const manifest = createRequire(import.meta.url)("poolferry/package.json") as { readonly version: string };
  return manifest.version;
}
