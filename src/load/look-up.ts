import { listUsers, type ListedUser } from "../cognito/list-users.ts";
import { searchFor } from "./find-users.ts";
import type { Loading } from "./loading.ts";

/** One user of the run as the pool lists it now; undefined where it lists none. Makes no monthly active user. */
export async function lookUp(
  username: string,
  { cognito, ledger, signal }: Loading,
): Promise<ListedUser | undefined> {
  const { pool } = ledger.facts;
  const search = { poolId: pool.id, filter: searchFor(username, pool) };
  for await (const [found] of listUsers(cognito, search, signal)) {
    if (found !== undefined) return found;
  }
  return undefined;
}
