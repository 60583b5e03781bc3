import { isException } from "../cognito/explain-error.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { PendingFollowUp } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";

/**
 * Sets the password that a user had at the source, by `send`. Done again it does no harm; where the pool remembers
 * passwords it may be refused then, so that a user who has one by now counts as done. Throws what `send` throws, without
 * its words where they hold the password.
 */
export async function setOwnPassword(
  { username, password }: PendingFollowUp,
  { loading, send }: { readonly loading: Loading; readonly send: (password: string) => Promise<void> },
): Promise<void> {
  if (password === undefined) throw new Error("a password was erased before it was set");
  try {
    await send(password);
  } catch (error) {
    const isRepeat = isException(error, "PasswordHistoryPolicyViolationException");
    if (isRepeat && (await lookUp(username, loading))?.status === "CONFIRMED") return;
    throw withoutPassword(error, password);
  }
}

/** An error that means the same and does not hold the password; the same one where it does not. */
function withoutPassword(error: unknown, password: string): unknown {
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
