import { accountNamed, callerOf, hidesUsers, type Caller } from "../auth/caller.ts";
import { checkCode, dropCode } from "../auth/codes.ts";
import { checkAttempts, countAttempt, forgetFailures } from "../auth/lock-out.ts";
import { disabledUser, unconfirmedUser, wrongCode } from "../auth/refusals.ts";
import { checkSecretHash } from "../auth/secret-hash.ts";
import { checkPassword, POLICY_WORDS } from "../state/password.ts";
import type { User } from "../state/user.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly ClientId: string;
  readonly SecretHash?: string;
  readonly Username: string;
  readonly ConfirmationCode: string;
  readonly Password: string;
}

/**
 * Sets a new password by the code that was sent, in place of a password or an imported hash, and confirms the
 * user (documented); that counts the user as active (documented).
 */
export function confirmForgotPassword({ account }: Context, request: Request): object {
  const caller = callerOf(account, request);
  const { pool } = caller;
  checkSecretHash(caller, [request.Username], request.SecretHash);
  const user = accountNamed(caller, request.Username);
  // Documented for clients that hide who exists.
  if (user === undefined || (!user.enabled && hidesUsers(caller))) throw wrongCode();
  if (!user.enabled) throw disabledUser();
  if (user.status === "UNCONFIRMED" && account.rules.resetOfUnconfirmed === "refused")
    throw unconfirmedUser();
  checkPassword(request.Password, pool.settings.passwordPolicy, POLICY_WORDS.confirmForgotPassword);
  checkAttempts(caller, user, "reset");
  checkGuess(caller, user, request.ConfirmationCode);
  dropCode(user);
  forgetFailures(caller, user);
  user.credential = { kind: "permanent", password: request.Password };
  user.status = "CONFIRMED";
  user.modifiedMs = account.clock();
  pool.countActive(user, account.clock());
  return {};
}

function checkGuess(caller: Caller, user: User, code: string): void {
  try {
    checkCode(caller.account, user, { purpose: "reset-password", code });
  } catch (error) {
    if (error instanceof ApiError) countAttempt(caller, user, "reset");
    throw error;
  }
}
