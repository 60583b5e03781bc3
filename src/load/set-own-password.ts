import { isException } from "../cognito/explain-error.ts";
import type { PendingFollowUp } from "../ledger/ledger.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";
import { withoutPassword } from "./without-password.ts";

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
