import { isException } from "../cognito/explain-error.ts";
import { CLOCK_TOLERANCE_MS } from "../cognito/service-clock.ts";
import type { PendingFollowUp } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";
import { withoutPassword } from "./without-password.ts";

/**
 * Sets the password that a user had at the source, by `send`. That this is about to happen is in the ledger before it does:
 * in a later session a user who has got a password since then counts as done, as it may be one that the user has chosen by
 * now. Where the pool remembers passwords, a repeat may be refused, and counts as done too. Throws what `send` throws, without
 * its words where they hold the password.
 */
export async function setOwnPassword(
  { id, username, password, sentAt }: PendingFollowUp,
  { loading, send }: { readonly loading: Loading; readonly send: (password: string) => Promise<void> },
): Promise<void> {
  if (password === undefined) throw new Error("a password was erased before it was set");
  const { cognito, ledger } = loading;
  if (sentAt !== undefined && (await hasGotPassword(username, sentAt, loading))) return;
  await ledger.noteFollowUpSent(id, sentAt ?? cognito.serviceNow);
  try {
    await send(password);
  } catch (error) {
    const isRepeat = isException(error, "PasswordHistoryPolicyViolationException");
    if (isRepeat && (await lookUp(username, loading))?.status === "CONFIRMED") return;
    throw withoutPassword(error, password);
  }
}

async function hasGotPassword(username: string, since: number, loading: Loading): Promise<boolean> {
  const found = await lookUp(username, loading);
  return found?.status === "CONFIRMED" && (found.modifiedAt ?? 0) >= since - CLOCK_TOLERANCE_MS;
}
