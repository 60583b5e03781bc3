import { Command, CommanderError } from "commander";
import { readFileSync } from "node:fs";
import { EXIT_CODES } from "../core/ferry-error.ts";
import { addApplyCommands } from "./apply.ts";
import { addDemoCommand } from "./demo.ts";
import { addEmulatorCommand } from "./emulator.ts";
import { addExportCommand } from "./export.ts";
import { addInitCommand } from "./init.ts";
import { addJobsCommand } from "./jobs.ts";
import { addMigrateCommand } from "./migrate.ts";
import { addPlanCommand } from "./plan.ts";
import { addPurgeCommand } from "./purge.ts";
import { addStatusCommand } from "./status.ts";
import { addHistoryCommand, addSyncCommand } from "./sync.ts";
import { addUndoCommand } from "./undo.ts";
import { addVerifyCommand } from "./verify.ts";
import { EXIT_CODE_HELP, printResult, reportError } from "./terminal.ts";

/** Runs the command line; sets the exit code and never ends the process itself. */
export async function main(argv: readonly string[]): Promise<void> {
  // What Node itself says of a crash would show the environment and whatever the error holds.
  process.report.excludeEnv = true;
  process.on("uncaughtException", (error) => {
    process.exitCode = reportError(error, { json: wantsJson(argv) });
    // oxlint-disable-next-line unicorn/no-process-exit -- nothing is known of the state any more; the ledger is whole
    process.exit();
  });
  // A reader that goes away (head) must not end a run in its middle.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    // Commander has said what was wrong, or shown the help that was asked for.
    if (error instanceof CommanderError) endWithUsage(error, wantsJson(argv));
    else process.exitCode = reportError(error, { json: false });
  }
}

/** Whether errors are told as JSON on stdout, too: before or beside what the command line is read by. */
function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (argument, place) =>
      argument === "--json" ||
      argument === "--format=json" ||
      (argument === "json" && argv[place - 1] === "--format"),
  );
}

function endWithUsage({ exitCode, message }: CommanderError, json: boolean): void {
  process.exitCode = exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  if (exitCode === 0 || !json) return;
  const error = { code: "USAGE", message: message.replace(/^error: /, ""), hint: "See --help" };
  printResult(JSON.stringify({ error, exitCode: EXIT_CODES.usage }));
}

function createProgram(): Command {
  const program = new Command("poolferry")
    .description(
      "Moves users into an Amazon Cognito user pool: planned first, resumable, with an outcome for every user.",
    )
    .version(version())
    .exitOverride()
    // Options of `sync` and of `sync approve` have the same names, and each takes its own.
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false });
  for (const add of [
    addInitCommand,
    addMigrateCommand,
    addPlanCommand,
    addApplyCommands,
    addStatusCommand,
    addSyncCommand,
    addHistoryCommand,
    addVerifyCommand,
    addUndoCommand,
    addPurgeCommand,
    addExportCommand,
    addJobsCommand,
    addEmulatorCommand,
    addDemoCommand,
  ]) {
    add(program);
  }
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  for (const command of [program, ...commands]) command.exitOverride().addHelpText("after", EXIT_CODE_HELP);
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
