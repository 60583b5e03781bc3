import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";

/**
 * The error of a command that only reads: nothing was changed, so there is nothing to resume. Its trouble ends like a
 * wrong usage, and an interruption says so; anything else comes back as it is.
 */
export function readOnly(error: unknown): unknown {
  if (!(error instanceof FerryError)) return error;
  const { code, message, hint, cause } = error;
  if (code === "INTERRUPTED") {
    return new FerryError(code, "Interrupted; the pool was only read", { hint: "Repeat the command", cause });
  }
  if (error.exitCode !== EXIT_CODES.stopped) return error;
  return new FerryError(code, message, { hint, cause, exitCode: EXIT_CODES.usage });
}
