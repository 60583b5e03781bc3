import { accountNamed, callerOf, hidesUsers } from "../auth/caller.ts";
import { sendCode } from "../auth/codes.ts";
import { confirmationDelivery, pretendedDelivery, viewDelivery } from "../auth/delivery.ts";
import { countAttempt } from "../auth/lock-out.ts";
import { disabledUser, notAuthorized } from "../auth/refusals.ts";
import { checkSecretHash } from "../auth/secret-hash.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly ClientId: string;
  readonly SecretHash?: string;
  readonly Username: string;
}

/** Sends the code that confirms a sign-up again: a new one, and the old one no longer holds. */
export function resendConfirmationCode({ account }: Context, request: Request): object {
  const caller = callerOf(account, request);
  const { pool } = caller;
  checkSecretHash(caller, [request.Username], request.SecretHash);
  const user = accountNamed(caller, request.Username);
  // A hidden or a disabled user seems to get one (documented).
  if (user === undefined || (!user.enabled && hidesUsers(caller))) {
    return { CodeDeliveryDetails: viewDelivery(pretendedDelivery(request.Username)) };
  }
  if (!user.enabled) throw disabledUser();
  // Both wordings reported, with these types.
  if (user.status !== "UNCONFIRMED") throw invalidParameter("User is already confirmed.");
  const delivery = confirmationDelivery({ pool, user });
  if (delivery === undefined) {
    throw notAuthorized("Cannot resend codes. Auto verification not turned on.");
  }
  countAttempt(caller, user, "resend");
  sendCode(account, { pool, user }, { purpose: "confirm-sign-up", delivery });
  return { CodeDeliveryDetails: viewDelivery(delivery) };
}
