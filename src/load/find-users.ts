import { DescribeUserPoolCommand } from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "../cognito/cognito.ts";
import { listUsers, type ListedUser, type SearchAttribute } from "../cognito/list-users.ts";
import type { Pool } from "../core/pool.ts";
import type { UserToLoad } from "../ledger/ledger.ts";

/** Users a page of ListUsers holds (documented). */
const PAGE_USERS = 60;

/** A user of the run that is in the pool. */
export interface FoundUser {
  readonly seq: number;
  readonly listed: ListedUser;
}

/**
 * Finds users of the run in the pool with ListUsers: one search a user, or the whole pool page by page, whichever is
 * fewer requests. Yields those that are there, in no particular order.
 */
export async function* findUsers(
  cognito: Cognito,
  pool: Pool,
  wanted: readonly UserToLoad[],
  signal: AbortSignal,
): AsyncGenerator<FoundUser> {
  if (wanted.length === 0) return;
  const poolUsers =
    wanted.length === 1 ? Number.POSITIVE_INFINITY : await estimateUsers(cognito, pool.id, signal);
  if (wanted.length <= poolUsers / PAGE_USERS) {
    for (const user of wanted) yield* searchUser(cognito, pool, user, signal);
    return;
  }
  const seqByKey = new Map(wanted.map((user) => [foldKey(user.username, pool), user.seq]));
  for await (const page of listUsers(cognito, { poolId: pool.id }, signal)) {
    for (const listed of page) {
      const seq = keysOf(listed, pool)
        .map((key) => seqByKey.get(key))
        .find((found) => found !== undefined);
      if (seq !== undefined) yield { seq, listed };
    }
  }
}

async function* searchUser(
  cognito: Cognito,
  pool: Pool,
  user: UserToLoad,
  signal: AbortSignal,
): AsyncGenerator<FoundUser> {
  const filter = { attribute: searchAttributeOf(user.username, pool), equals: user.username };
  const key = foldKey(user.username, pool);
  for await (const page of listUsers(cognito, { poolId: pool.id, filter }, signal)) {
    const listed = page.find((each) => keysOf(each, pool).includes(key));
    if (listed === undefined) continue;
    yield { seq: user.seq, listed };
    return;
  }
}

async function estimateUsers(cognito: Cognito, poolId: string, signal: AbortSignal): Promise<number> {
  const { UserPool } = await cognito.call(
    "DescribeUserPool",
    (client, abort) => client.send(new DescribeUserPoolCommand({ UserPoolId: poolId }), abort),
    { repeat: "safe", signal },
  );
  return UserPool?.EstimatedNumberOfUsers ?? 0;
}

// Where a contact is the username, Cognito makes up a UUID as the Username (documented), so the contact is the key.
function searchAttributeOf(username: string, pool: Pool): SearchAttribute {
  if (pool.usernameAttributes.length === 0) return "username";
  return username.includes("@") ? "email" : "phone_number";
}

function keysOf(listed: ListedUser, pool: Pool): readonly string[] {
  const names = pool.usernameAttributes.length === 0 ? [listed.username] : [listed.email, listed.phoneNumber];
  return names.filter((name) => name !== undefined).map((name) => foldKey(name, pool));
}

function foldKey(name: string, pool: Pool): string {
  return pool.caseSensitive ? name : name.normalize("NFC").toLowerCase();
}
