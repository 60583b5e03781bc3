import { CommanderError } from "commander";
import { EXIT_CODES } from "../core/ferry-error.ts";
import { createProgram } from "./program.ts";
import { dropEmptyVariables } from "./settable-option.ts";
import { printResult, reportError } from "./terminal.ts";

/** Runs the command line; sets the exit code and never ends the process itself. */
export async function main(argv: readonly string[]): Promise<void> {
  // What Node itself says of a crash would show the environment and whatever the error holds.
  process.report.excludeEnv = true;
  process.on("uncaughtException", (error) => {
    process.exitCode = reportError(error, { json: wantsJson(argv) });
    // oxlint-disable-next-line unicorn/no-process-exit -- nothing is known of the state any more; the ledger is whole
    process.exit();
  });
  dropEmptyVariables(process.env);
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

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
