import type { Context } from "./context.ts";
import { viewAttributes, viewMfa, viewStanding } from "../view/user.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Shows one user, found by username, sub or alias; that counts the user as active (documented). */
export function adminGetUser({ account }: Context, request: Request): object {
  const { pool, user } = account.user(request);
  pool.countActive(user, account.clock());
  return {
    Username: user.username,
    UserAttributes: viewAttributes(user),
    ...viewStanding(user),
    ...viewMfa(user),
  };
}
