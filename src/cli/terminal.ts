import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";
import { visible, visibleJson } from "../core/visible.ts";

/** The command's result; nothing else goes to stdout. */
export function printResult(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Everything that is not the result. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Exit codes for the end of every help. */
export const EXIT_CODE_HELP = `
Exit codes:
  ${EXIT_CODES.ok}    all users settled as wanted
  ${EXIT_CODES.bug}    a bug of poolferry
  ${EXIT_CODES.usage}    wrong usage, configuration or source; nothing was sent
  ${EXIT_CODES.incomplete}    finished or planned, but some users failed, are rejected or lack a follow-up; verify found differences, or undo left users as they are
  ${EXIT_CODES.stopped}    stopped by trouble; the run can be resumed
  ${EXIT_CODES.guarded}    a guard stopped it (stale plan, too many unreadable rows)
  ${EXIT_CODES.interrupted}  interrupted; the run can be resumed`;

/**
 * Tells the operator of an error and returns the exit code. A FerryError is one clear sentence and a hint; anything
 * else is our bug and shows its stack. With `json`, the error is also the object on stdout.
 */
export function reportError(error: unknown, { json }: { readonly json: boolean }): number {
  if (error instanceof FerryError) {
    const { code, message, hint, exitCode } = error;
    printNote(`poolferry: ${lines(message)}\n  ${lines(hint)}.\n  [${code}]`);
    if (json) printResult(visibleJson({ error: { code, message, hint }, exitCode }));
    return exitCode;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printNote(`poolferry: this is a bug of poolferry; please report it with these lines:\n${lines(stack)}`);
  if (json) {
    const message = error instanceof Error ? error.message : String(error);
    printResult(
      visibleJson({ error: { code: "BUG", message, hint: "Please report it" }, exitCode: EXIT_CODES.bug }),
    );
  }
  return EXIT_CODES.bug;
}

/** Only the first line stands at the margin, so that none of what a file or a service says passes for one of ours. */
function lines(text: string): string {
  return text.split("\n").map(visible).join("\n    ");
}
