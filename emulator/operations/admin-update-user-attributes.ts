import { changeAttributes } from "../state/change-attributes.ts";
import type { GivenAttribute } from "../state/read-attributes.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributes: readonly GivenAttribute[];
}

/** Changes attributes of a user; that counts the user as active (documented). */
export function adminUpdateUserAttributes({ account }: Context, request: Request): object {
  const found = account.user(request);
  changeAttributes(account, found, request.UserAttributes);
  found.pool.countActive(found.user, account.clock());
  return {};
}
