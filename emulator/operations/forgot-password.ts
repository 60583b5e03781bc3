import { accountNamed, callerOf, hidesUsers } from "../auth/caller.ts";
import { isAdminOnly, pretendedDelivery, recoveryDelivery, viewDelivery } from "../auth/delivery.ts";
import { countAttempt } from "../auth/lock-out.ts";
import { disabledUser, notAuthorized } from "../auth/refusals.ts";
import { checkSecretHash } from "../auth/secret-hash.ts";
import { sendResetCode } from "../auth/send-reset-code.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly ClientId: string;
  readonly SecretHash?: string;
  readonly Username: string;
}

/** Sends a user who forgot the password a code. The password that was holds until the code is used. */
export function forgotPassword({ account }: Context, request: Request): object {
  const caller = callerOf(account, request);
  const { pool } = caller;
  checkSecretHash(caller, [request.Username], request.SecretHash);
  // Wording from memory.
  if (isAdminOnly(pool)) throw notAuthorized("Contact administrator to reset password.");
  const user = accountNamed(caller, request.Username);
  const isReachable = user?.enabled === true && recoveryDelivery({ pool, user }) !== undefined;
  // Whom no code reaches seems to get one (documented).
  if (user === undefined || (!isReachable && hidesUsers(caller))) {
    return { CodeDeliveryDetails: viewDelivery(pretendedDelivery(request.Username)) };
  }
  if (!user.enabled) throw disabledUser();
  countAttempt(caller, user, "reset");
  return { CodeDeliveryDetails: viewDelivery(sendResetCode(account, { pool, user })) };
}
