import { FerryError } from "../core/ferry-error.ts";

/** An error that means the same and does not hold the password; the same one where it does not. */
export function withoutPassword(error: unknown, password: string): unknown {
  if (!(error instanceof Error) || !holds(error, password)) return error;
  const words = `${nameOf(error)}; its words are not shown, as they hold the password`;
  if (error instanceof FerryError) {
    const { code, hint, exitCode } = error;
    return new FerryError(code, words, { hint, exitCode });
  }
  const { name, $fault, $metadata } = error as Error & {
    readonly $fault?: unknown;
    readonly $metadata?: unknown;
  };
  return Object.assign(new Error(words), { name, $fault, $metadata });
}

function holds(error: Error, password: string): boolean {
  const { message, cause } = error;
  return message.includes(password) || (cause instanceof Error && holds(cause, password));
}

function nameOf(error: Error): string {
  return error instanceof FerryError && error.cause instanceof Error ? error.cause.name : error.name;
}
