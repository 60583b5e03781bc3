import { readPage } from "../state/page.ts";
import { viewGroup } from "../view/group.ts";
import { pageLimit, readPageToken, writePageToken } from "../wire/page-token.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Limit?: number;
  readonly NextToken?: string;
}

/** Lists a pool's groups in the order of creation (guess), a page a call. */
export function listGroups({ account }: Context, request: Request): object {
  const { UserPoolId: poolId } = request;
  const pool = account.pool(poolId);
  const list = `groups ${poolId}`;
  const start = readPageToken(list, request.NextToken);
  const page = readPage(pool.groups, { start, limit: pageLimit(request.Limit) });
  return {
    Groups: page.members.map((group) => viewGroup(poolId, group)),
    ...(page.next === undefined ? {} : { NextToken: writePageToken(list, page.next) }),
  };
}
