import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";

/** What an interruption of a command that only reads says. */
export const ONLY_READ = "Interrupted; the pool was only read";

/**
 * The error of a command that works on no run, or only reads: there is nothing to resume. Its trouble ends like a wrong
 * usage, and an interruption says what is given; anything else comes back as it is.
 */
export function withoutRun(error: unknown, whenInterrupted: string): unknown {
  if (!(error instanceof FerryError)) return error;
  const { code, message, hint, cause } = error;
  if (code === "INTERRUPTED")
    return new FerryError(code, whenInterrupted, { hint: "Repeat the command", cause });
  if (error.exitCode !== EXIT_CODES.stopped) return error;
  return new FerryError(code, message, { hint, cause, exitCode: EXIT_CODES.usage });
}
