import type { Cognito } from "../cognito/cognito.ts";
import { listUsers, type ListedUser, type UserQuery } from "../cognito/list-users.ts";
import { searchFor } from "./find-users.ts";
import type { Loading } from "./loading.ts";

/** One user of the run as the pool lists it now; undefined where it lists none. Makes no monthly active user. */
export async function lookUp(
  username: string,
  { cognito, ledger, signal }: Loading,
): Promise<ListedUser | undefined> {
  const { pool } = ledger.facts;
  return firstListed(cognito, { poolId: pool.id, filter: searchFor(username, pool) }, signal);
}

/** The first user that a search of the pool lists; undefined where it lists none. */
export async function firstListed(
  cognito: Cognito,
  search: UserQuery,
  signal: AbortSignal,
): Promise<ListedUser | undefined> {
  for await (const [found] of listUsers(cognito, search, signal)) {
    if (found !== undefined) return found;
  }
  return undefined;
}
