import { disabledUser, notAuthorized } from "../auth/refusals.ts";
import { sendResetCode } from "../auth/send-reset-code.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Makes a user reset the password, and sends the code for it; that does not count as activity (documented). */
export function adminResetUserPassword({ account }: Context, request: Request): object {
  const { pool, user } = account.user(request);
  if (!user.enabled) throw disabledUser();
  // That users who never confirmed are refused as those with temporary passwords are is a guess.
  if (user.status === "UNCONFIRMED") {
    throw notAuthorized("User password cannot be reset in the current state.");
  }
  sendResetCode(account, { pool, user });
  user.status = "RESET_REQUIRED";
  user.modifiedMs = account.clock();
  return {};
}
