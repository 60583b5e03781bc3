import { changeAttributes } from "../state/change-attributes.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributeNames: readonly string[];
}

/** Takes attributes from a user, as setting them to blanks does (documented); that counts it as active (documented). */
export function adminDeleteUserAttributes({ account }: Context, request: Request): object {
  const found = account.user(request);
  const blanks = request.UserAttributeNames.map((Name) => ({ Name, Value: "" }));
  changeAttributes(account, found, blanks);
  found.pool.countActive(found.user, account.clock());
  return {};
}
