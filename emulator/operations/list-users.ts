import type { Rules } from "../rules.ts";
import type { Pool } from "../state/pool.ts";
import type { User } from "../state/user.ts";
import { parseFilter, passesFilter, usersByIndex } from "../state/user-filter.ts";
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
  const { rules } = account;
  // Of users created after this the list knows nothing yet.
  const knownMs = rules.listLagMs === 0 ? Infinity : account.clock() - rules.listLagMs;
  const page = readPage(pool, request, { rules, knownMs });
  const names = request.AttributesToGet;
  const view = (user: User) => {
    return names === undefined ? viewAttributes(user) : pickAttributes(user, names, rules);
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

interface Knowledge {
  readonly rules: Rules;
  /** The epoch time in milliseconds up to which users were created that the list knows. */
  readonly knownMs: number;
}

function readPage(pool: Pool, request: Request, { rules, knownMs }: Knowledge): Page {
  const filter = request.Filter === undefined ? undefined : parseFilter(request.Filter);
  const start = readPageToken(listOf(request), request.PaginationToken);
  const limit = pageLimit(request.Limit);
  const isListed = (user: User) => {
    return user.createdMs <= knownMs && (filter === undefined || passesFilter(user, filter));
  };
  const indexed = filter === undefined ? undefined : usersByIndex(pool.users, filter);
  if (indexed !== undefined) {
    const found = indexed.filter((user) => user.sequence >= start && isListed(user));
    return { users: found.slice(0, limit), next: found[limit]?.sequence };
  }
  return searchPage(pool, isListed, {
    start,
    limit,
    end: Math.min(pool.users.end, start + rules.usersSearchedInPage),
  });
}

function searchPage(
  { users }: Pool,
  isListed: (user: User) => boolean,
  range: { readonly start: number; readonly limit: number; readonly end: number },
): Page {
  const found: User[] = [];
  let place = range.start;
  while (place < range.end && found.length < range.limit) {
    const user = users.at(place);
    if (user !== undefined && isListed(user)) found.push(user);
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
