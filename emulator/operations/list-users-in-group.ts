import { findGroup } from "../state/find-group.ts";
import { readPage } from "../state/page.ts";
import { viewAttributes, viewUser } from "../view/user.ts";
import { pageLimit, readPageToken, writePageToken } from "../wire/page-token.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Limit?: number;
  readonly NextToken?: string;
}

/** Lists a group's members in the order of joining (guess), a page a call. */
export function listUsersInGroup({ account }: Context, request: Request): object {
  const { group } = findGroup(account, request);
  const list = `members ${request.UserPoolId} ${group.name}`;
  const start = readPageToken(list, request.NextToken);
  const page = readPage(group.members, { start, limit: pageLimit(request.Limit) });
  return {
    Users: page.members.map((user) => viewUser(user, viewAttributes(user))),
    ...(page.next === undefined ? {} : { NextToken: writePageToken(list, page.next) }),
  };
}
