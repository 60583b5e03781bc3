import { isUnanswered } from "../cognito/explain-error.ts";
import { pause } from "../cognito/retry.ts";
import type { PendingFollowUp } from "../ledger/ledger.ts";
import { LOOK_WAITS_MS } from "./find-users.ts";
import type { Loading } from "./loading.ts";
import { lookUp } from "./look-up.ts";

/** How early the service's clock may be read, in milliseconds. */
const CLOCK_EARLY_MS = 1_000;

/** Times that a code is asked for and the answer is lost before the run stops. */
const MAX_LOST_REPLIES = 3;

/**
 * Makes a user reset the password, by `send`, for which Cognito sends it a code: once. That this is about to happen is
 * in the ledger before it does; after a lost reply, in this session or an earlier one, the user is looked up first.
 * Throws what `send` throws.
 */
export async function resetPassword(
  { id, username, sentAt }: PendingFollowUp,
  { loading, send }: { readonly loading: Loading; readonly send: () => Promise<void> },
): Promise<void> {
  const { cognito, ledger } = loading;
  if (sentAt !== undefined && (await wasReset(username, sentAt, loading))) return;
  const since = sentAt ?? cognito.serviceNow;
  await ledger.noteFollowUpSent(id, since);
  for (let lost = 1; ; lost += 1) {
    try {
      await send();
      return;
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      if (await wasReset(username, since, loading)) return;
      if (lost === MAX_LOST_REPLIES) throw error;
    }
  }
}

/**
 * Whether a user must reset the password by now, or has done so: nothing of ours changes it after that, and no code
 * arrives within a second.
 */
async function wasReset(username: string, since: number, loading: Loading): Promise<boolean> {
  for (const waitMs of LOOK_WAITS_MS) {
    await pause(waitMs, loading.signal);
    const found = await lookUp(username, loading);
    if (found?.status === "RESET_REQUIRED") return true;
    if (found?.status === "CONFIRMED" && (found.modifiedAt ?? 0) > since + CLOCK_EARLY_MS) return true;
  }
  return false;
}
