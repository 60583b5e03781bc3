import { countUnnamed } from "../state/count-unnamed.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Deletes a user, with its memberships and its linked identities. */
export function adminDeleteUser({ account }: Context, request: Request): object {
  const found = account.user(request);
  countUnnamed(account, found, "AdminDeleteUser");
  found.pool.users.remove(found.user);
  return {};
}
