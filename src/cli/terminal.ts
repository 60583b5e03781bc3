import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";
import { visible, visibleJson } from "../core/visible.ts";
import { bugText } from "./bug-text.ts";
import { redactText } from "./redact.ts";

/** The command's result; nothing else goes to stdout. */
export function printResult(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a note or an error, perhaps by writing it to stderr. */
type NotePrinter = (text: string, level: "info" | "error", write: (text: string) => void) => void;

const write = (text: string): void => void process.stderr.write(`${text}\n`);

const WRITE_ALL: NotePrinter = (text) => write(text);

let printBy = WRITE_ALL;

/** Has all notes and errors of this process printed in another way, such as lines of a log, until the result is called. */
export function printNotesBy(printer: NotePrinter): () => void {
  printBy = printer;
  return () => {
    if (printBy === printer) printBy = WRITE_ALL;
  };
}

/** Everything that is not the result, without what looks like a secret. */
export function printNote(text: string, level: "info" | "error" = "info"): void {
  printBy(redactText(text), level, write);
}

/**
 * Tells the operator of an error and returns the exit code. A FerryError is one clear sentence and a hint; anything
 * else is our bug and shows where it came from (see bugText). With `json`, the error is also the object on stdout.
 */
export function reportError(error: unknown, { json }: { readonly json: boolean }): number {
  if (error instanceof FerryError) {
    const { code, hint, exitCode } = error;
    const message = redactText(error.message);
    printNote(`poolferry: ${lines(message)}\n  ${lines(hint)}.\n  [${code}]`, "error");
    if (json) printResult(visibleJson({ error: { code, message, hint }, exitCode }));
    return exitCode;
  }
  const { message, frames } = bugText(error);
  const stack = lines([message, ...frames].join("\n"));
  printNote(`poolferry: this is a bug of poolferry; please report it with these lines:\n${stack}`, "error");
  if (json) {
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
