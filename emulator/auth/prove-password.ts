import { verifyPasswordHash } from "../state/password-hash.ts";
import type { User } from "../state/user.ts";
import { ApiError } from "../wire/error.ts";
import { hidesUsers, type Caller } from "./caller.ts";
import { checkLockOut, countFailure, forgetFailures } from "./lock-out.ts";
import { disabledUser, incorrectPassword, notAuthorized, unconfirmedUser } from "./refusals.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** The user who wants to sign in, or AWS's error; nothing while the client hides that there is none. */
export function signerNamed(caller: Caller, name: string): User | undefined {
  const user = caller.pool.users.find(name);
  if (user !== undefined || hidesUsers(caller)) return user;
  throw new ApiError("UserNotFoundException", "User does not exist.");
}

/**
 * Lets a user in who proves the password. Users who must reset theirs are told so whatever they enter, or
 * nothing at all if the client hides who exists (documented); users who never confirmed are told so whatever
 * they enter (reported, and confirmed by AWS as intended; that a client which hides who exists tells it too is
 * a guess).
 */
export async function provePassword(
  caller: Caller,
  user: User,
  isProven: () => boolean | Promise<boolean>,
): Promise<void> {
  checkStanding(caller, user);
  const isRight = await isProven();
  // A hash takes its time: by now others may have changed the user, deleted it, or failed to sign in as it.
  if (caller.pool.users.at(user.sequence) !== user) throw incorrectPassword();
  checkStanding(caller, user);
  if (!isRight) {
    countFailure(caller, user);
    throw incorrectPassword();
  }
  forgetFailures(caller, user);
  if (!user.enabled) throw disabledUser();
  checkTemporary(caller, user);
}

// What keeps a user out whatever the password.
function checkStanding(caller: Caller, user: User): void {
  const isOpen = !hidesUsers(caller) || caller.account.rules.disabledShownWhenHiding;
  if (!user.enabled && isOpen) throw disabledUser();
  if (user.status === "RESET_REQUIRED") throw resetRequired(caller);
  if (user.status === "UNCONFIRMED") throw unconfirmedUser();
  checkLockOut(caller, user);
}

/** Whether this is the user's password at the end, even if it was changed while its hash was verified. */
export async function knowsPassword(user: User, password: string): Promise<boolean> {
  for (;;) {
    const { credential } = user;
    if (credential === undefined) return false;
    if (credential.kind !== "hash") return credential.password === password;
    const isKnown = await verifyPasswordHash(credential.algorithm, credential.hash, password);
    if (user.credential === credential) return isKnown;
  }
}

/** Replaces a hash by the password that it was made of (documented). */
export function keepPassword(user: User, password: string): void {
  if (user.credential?.kind === "hash") user.credential = { kind: "permanent", password };
}

/** What a user in RESET_REQUIRED is told (documented, wording reported). */
export function resetRequired(caller: Caller): ApiError {
  if (hidesUsers(caller)) return incorrectPassword();
  return new ApiError("PasswordResetRequiredException", "Password reset required for the user");
}

function checkTemporary({ account, pool }: Caller, { credential }: User): void {
  if (credential?.kind !== "temporary") return;
  const { TemporaryPasswordValidityDays: days } = pool.settings.passwordPolicy;
  // Policies that leave the days out, or give 0, mean seven (documented).
  const validMs = (days === 0 ? 7 : days) * DAY_MS;
  if (account.clock() < credential.setMs + validMs) return;
  throw notAuthorized("Temporary password has expired and must be reset by an administrator.");
}
