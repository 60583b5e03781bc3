import type { Account, UserOfPool } from "../state/account.ts";
import { invalidParameter } from "../wire/error.ts";
import { sendCode } from "./codes.ts";
import { recoveryDelivery, type Delivery } from "./delivery.ts";
import { notAuthorized } from "./refusals.ts";

/**
 * Sends a user the code that sets a new password. Somebody who still has a temporary password must sign in with
 * it instead, and somebody without a verified contact cannot be sent anything (both with wording reported).
 */
export function sendResetCode(account: Account, { pool, user }: UserOfPool): Delivery {
  if (user.status === "FORCE_CHANGE_PASSWORD") {
    throw notAuthorized("User password cannot be reset in the current state.");
  }
  const delivery = recoveryDelivery({ pool, user });
  if (delivery === undefined) {
    throw invalidParameter(
      "Cannot reset password for the user as there is no registered/verified email or phone_number",
    );
  }
  sendCode(account, { pool, user }, { purpose: "reset-password", delivery });
  return delivery;
}
