import type { Cognito } from "../cognito/cognito.ts";
import { describeUserPool } from "../cognito/describe-user-pool.ts";
import {
  listUsers,
  PAGE_USERS,
  type ListedUser,
  type SearchAttribute,
  type UserFilter,
} from "../cognito/list-users.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import type { Claimant, LoadLedger, UserToLoad } from "../ledger/ledger.ts";

/** Waits before each look for users, in milliseconds: the list is only eventually consistent (documented). */
export const LOOK_WAITS_MS: readonly number[] = [0, 1_000, 4_000];

/** Pages that are read for the sake of users who may be there in another spelling: some 80 seconds at the quota. */
const MAX_PAGES_FOR_SPELLING = 2_000;

/** A user of the run that is in the pool. */
export interface FoundUser {
  readonly claimant: Claimant;
  readonly listed: ListedUser;
}

/** Where to look, and for whom. */
export interface Search {
  readonly cognito: Cognito;
  readonly ledger: LoadLedger;
  readonly signal: AbortSignal;
  /** How many are wanted, and who; they are only read when that is the shorter way. */
  readonly count: number;
  readonly wanted: () => AsyncIterable<UserToLoad>;
  /** Whether one who may be there in another spelling need not be found; false when undefined. */
  readonly isAsWritten?: boolean | undefined;
}

/**
 * Finds users of the run in the pool with ListUsers: one search a user, or the whole pool page by page, whichever is
 * fewer requests. Yields at least those of the wanted that are there, in no particular order, perhaps with others of
 * the run. Memory does not grow with either number.
 */
export async function* findUsers(search: Search): AsyncGenerator<FoundUser> {
  const { cognito, ledger, signal, count, wanted, isAsWritten = false } = search;
  const { pool } = ledger.facts;
  if (count === 0) return;
  const pages = (await estimateUsers(search)) / PAGE_USERS;
  if (count > pages) {
    yield* scanPool(search);
    return;
  }
  let missed = 0;
  for await (const { username } of wanted()) {
    const filter = searchFor(username, pool);
    let wasFound = false;
    for await (const page of listUsers(cognito, { poolId: pool.id, filter }, signal)) {
      for await (const found of matchUsers(page, ledger)) {
        wasFound = true;
        yield found;
      }
    }
    if (!wasFound) missed += 1;
  }
  // A filter heeds case where the pool does not, so whoever is there in another spelling takes a look at everyone.
  if (missed > 0 && !isAsWritten && !pool.caseSensitive && pages <= MAX_PAGES_FOR_SPELLING)
    yield* scanPool(search);
}

async function* scanPool({ cognito, ledger, signal }: Search): AsyncGenerator<FoundUser> {
  for await (const page of listUsers(cognito, { poolId: ledger.facts.pool.id }, signal))
    yield* matchUsers(page, ledger);
}

async function* matchUsers(page: readonly ListedUser[], ledger: LoadLedger): AsyncIterable<FoundUser> {
  const { pool } = ledger.facts;
  for (const listed of page) {
    for (const name of namesOf(listed, pool)) {
      const claimant = await ledger.claimantOf(comparedName(name, pool));
      if (claimant !== undefined) yield { claimant, listed };
    }
  }
}

async function estimateUsers({ cognito, ledger, signal }: Search): Promise<number> {
  const pool = await describeUserPool(cognito, ledger.facts.pool.id, signal);
  return pool?.EstimatedNumberOfUsers ?? 0;
}

/** How to look for one user. Where a contact is the username, the Username is made up (documented), so the contact is the key. */
export function searchFor(username: string, pool: Pool): UserFilter {
  return { attribute: searchAttributeOf(username, pool), equals: username };
}

function searchAttributeOf(username: string, pool: Pool): SearchAttribute {
  if (pool.usernameAttributes.length === 0) return "username";
  return username.includes("@") ? "email" : "phone_number";
}

/** The names that a listed user may have been sent under: its username, or the contacts that stand for it. */
export function namesOf(listed: ListedUser, pool: Pool): readonly string[] {
  if (pool.usernameAttributes.length === 0) return [listed.username];
  return [listed.email, listed.phoneNumber].filter((name) => name !== undefined);
}
