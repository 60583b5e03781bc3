import { countUnnamed } from "../state/count-unnamed.ts";
import { viewGroup } from "../view/group.ts";
import { pageLimit, readPageToken, writePageToken } from "../wire/page-token.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly Limit?: number;
  readonly NextToken?: string;
}

/** Lists the groups of a user in the order of their creation (guess), a page a call. */
export function adminListGroupsForUser({ account }: Context, request: Request): object {
  const { pool, user } = account.user(request);
  const list = `groups ${request.UserPoolId} ${user.sub}`;
  const start = readPageToken(list, request.NextToken);
  const limit = pageLimit(request.Limit);
  // The quota keeps the groups of one user few.
  const groups = [...(user.extras?.groups ?? [])]
    .map((group) => ({ group, place: pool.groups.placeOf(group) }))
    .filter(({ place }) => place >= start)
    .sort((left, right) => left.place - right.place);
  const next = groups[limit];
  countUnnamed(account, { pool, user }, "AdminListGroupsForUser");
  return {
    Groups: groups.slice(0, limit).map(({ group }) => viewGroup(request.UserPoolId, group)),
    ...(next === undefined ? {} : { NextToken: writePageToken(list, next.place) }),
  };
}
