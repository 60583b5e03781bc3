import { ApiError } from "../wire/error.ts";
import { viewAttributes, viewStanding } from "../view/user.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Shows one user, found by username, sub or alias. */
export function adminGetUser({ account }: Context, request: Request): object {
  const user = account.pool(request.UserPoolId).users.find(request.Username);
  // Wording reported.
  if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
  return { Username: user.username, UserAttributes: viewAttributes(user), ...viewStanding(user) };
}
