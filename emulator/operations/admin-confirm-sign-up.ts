import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Confirms a user who signed up, without a code and without verifying anything (reported); that counts it as active (documented). */
export function adminConfirmSignUp({ account }: Context, request: Request): object {
  const { pool, user } = account.user(request);
  if (user.status !== "UNCONFIRMED") {
    // Words reported.
    const message = `User cannot be confirmed. Current status is ${user.status}`;
    throw new ApiError("NotAuthorizedException", message);
  }
  user.status = "CONFIRMED";
  user.modifiedMs = account.clock();
  if (user.extras?.code?.purpose === "confirm-sign-up") user.extras.code = undefined;
  pool.countActive(user, account.clock());
  return {};
}
