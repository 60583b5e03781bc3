import { findGroup } from "../state/find-group.ts";
import { extrasOf } from "../state/user.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Username: string;
}

/** Puts a user into a group, once; that counts the user as active (documented), even a second time (guess). */
export function adminAddUserToGroup({ account }: Context, request: Request): object {
  const { rules } = account;
  const { pool, group } = findGroup(account, request);
  const { user } = account.user(request);
  const { groups } = extrasOf(user);
  if (!groups.has(group) && groups.size >= rules.groupsOfUser) {
    throw new ApiError(rules.tooManyGroupsOfUserError, rules.texts.tooManyGroupsOfUser);
  }
  groups.add(group);
  group.members.add(user);
  pool.countActive(user, account.clock());
  return {};
}
