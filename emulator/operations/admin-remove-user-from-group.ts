import { findGroup } from "../state/find-group.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Username: string;
}

/** Takes a user out of a group, if it is in it (guess); that counts the user as active (documented). */
export function adminRemoveUserFromGroup({ account }: Context, request: Request): object {
  const { pool, group } = findGroup(account, request);
  const { user } = account.user(request);
  user.extras?.groups.delete(group);
  group.members.delete(user);
  pool.countActive(user, account.clock());
  return {};
}
