import type { Rules } from "../rules.ts";
import type { Pool } from "../state/pool.ts";
import type { User } from "../state/user.ts";
import { parseFilter, passesFilter, usersByIndex, type UserFilter } from "../state/user-filter.ts";
import { viewAttributes, viewUser, type NamedValue } from "../view/user.ts";
import { invalidParameter } from "../wire/error.ts";
import { pageLimit, readPageToken, writePageToken } from "../wire/page-token.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Filter?: string;
  readonly Limit?: number;
  readonly PaginationToken?: string;
  readonly AttributesToGet?: readonly string[];
}

/**
 * Lists a pool's users in the order of creation, a page a call. The token is the place after the last user
 * looked at, so users that come or go between two pages neither repeat nor hide others.
 */
export function listUsers({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const page = readPage(pool, request, account.rules);
  const names = request.AttributesToGet;
  const view = (user: User) => {
    return names === undefined ? viewAttributes(user) : pickAttributes(user, names, account.rules);
  };
  return {
    Users: page.users.map((user) => viewUser(user, view(user))),
    ...(page.next === undefined ? {} : { PaginationToken: writePageToken(listOf(request), page.next) }),
  };
}

interface Page {
  readonly users: readonly User[];
  /** Where the next page begins; nothing after the last one. */
  readonly next: number | undefined;
}

function readPage(pool: Pool, request: Request, rules: Rules): Page {
  const filter = request.Filter === undefined ? undefined : parseFilter(request.Filter);
  const start = readPageToken(listOf(request), request.PaginationToken);
  const limit = pageLimit(request.Limit);
  const indexed = filter === undefined ? undefined : usersByIndex(pool.users, filter);
  if (filter !== undefined && indexed !== undefined) {
    const found = indexed.filter((user) => user.sequence >= start && passesFilter(user, filter));
    return { users: found.slice(0, limit), next: found[limit]?.sequence };
  }
  return searchPage(pool, filter, {
    start,
    limit,
    end: Math.min(pool.users.end, start + rules.usersSearchedInPage),
  });
}

function searchPage(
  { users }: Pool,
  filter: UserFilter | undefined,
  range: { readonly start: number; readonly limit: number; readonly end: number },
): Page {
  const found: User[] = [];
  let place = range.start;
  while (place < range.end && found.length < range.limit) {
    const user = users.at(place);
    if (user !== undefined && (filter === undefined || passesFilter(user, filter))) found.push(user);
    place += 1;
  }
  return { users: found, next: place < users.end ? place : undefined };
}

function pickAttributes(user: User, names: readonly string[], rules: Rules): readonly NamedValue[] {
  const attributes = viewAttributes(user);
  return names.flatMap((name) => {
    const attribute = attributes.find(({ Name }) => Name === name);
    if (attribute !== undefined) return [attribute];
    if (!rules.attributesToGetMustBeSet) return [];
    // Words reported.
    throw invalidParameter("One or more requested attributes do not exist.");
  });
}

// The token holds to its filter: with another one AWS refuses it (reported).
function listOf({ UserPoolId: poolId, Filter: filter = "" }: Request): string {
  return `${poolId} ${filter}`;
}
