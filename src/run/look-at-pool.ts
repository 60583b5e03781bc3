import type { Cognito } from "../cognito/cognito.ts";
import { listMembers } from "../cognito/groups.ts";
import { listUsers, PAGE_USERS, type ListedUser, type UserFilter } from "../cognito/list-users.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import { namesOf, searchFor } from "../load/find-users.ts";
import { workInFlight } from "../load/in-flight.ts";
import type { WantedUser } from "../ledger/ledger.ts";
import { keyOfUser } from "../sync/compare-users.ts";
import type { SyncStore } from "../sync/sync-store.ts";
import { listAllUsers } from "./list-all-users.ts";
import type { RunObserver } from "./run-event.ts";

/** What a pool is listed with. */
interface PoolList {
  readonly cognito: Cognito;
  readonly store: SyncStore;
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

/** What a look at a pool is made with. */
export interface PoolLook extends PoolList {
  /** Whether everybody is looked at, and their groups; else only who is among the wanted. */
  readonly isFull: boolean;
  readonly wanted: () => AsyncIterable<readonly WantedUser[]>;
  /** The groups whose members are looked at. */
  readonly groups: ReadonlySet<string>;
  /** Where everybody is looked at: the list of them that was begun before. */
  readonly early: EarlyList;
}

/**
 * A list of a whole pool that goes on while the source is still being read: its pages come at the pace that their quota
 * allows, and the time between them is free for other work. Disposing of it stops it.
 */
export class EarlyList implements AsyncDisposable {
  readonly #stop = new AbortController();
  #listing: Promise<number> | undefined;

  /** Begins to note all users of the pool in the store. What trouble it meets, {@link users} throws. */
  begin(list: PoolList): void {
    this.#listing = listAll({ ...list, signal: AbortSignal.any([list.signal, this.#stop.signal]) });
    this.#listing.catch(() => undefined);
  }

  /** How many users the pool has, once all are noted; undefined where it was not begun. */
  users(): Promise<number> | undefined {
    return this.#listing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#listing?.catch(() => undefined);
  }
}

/** Users that are noted in one transaction. */
const NOTED_TOGETHER = 3_000;

/**
 * Notes in the store how the pool has its users: all of them, page by page, or those who are wanted, one search each
 * where that is fewer requests. Makes no monthly active user. Returns how many users the pool has; undefined where it was
 * not listed.
 */
export async function lookAtPool(look: PoolLook): Promise<number | undefined> {
  const { isFull, store } = look;
  if (!isFull) {
    const known = await store.fact("pool-users");
    const searches = await searchesOf(look, (known ?? 0) / PAGE_USERS);
    if (searches !== undefined) {
      await searchUsers(searches, look);
      return undefined;
    }
  }
  const users = await (look.early.users() ?? listAll(look));
  if (isFull) await listGroups(look);
  return users;
}

/** One search for each wanted user; undefined when there are more of them than pages in the pool. */
async function searchesOf(
  { wanted, store, pool }: PoolLook,
  most: number,
): Promise<readonly UserFilter[] | undefined> {
  const searches: UserFilter[] = [];
  for await (const page of wanted()) {
    const keyed = page.map((user) => [keyOfUser(user, pool), user] as const);
    const managed = await store.managedWithKeys(keyed.map(([key]) => key).filter((key) => key !== undefined));
    for (const [key, { username }] of keyed) {
      const sub = key === undefined ? undefined : managed.get(key)?.sub;
      if (sub !== undefined) searches.push({ attribute: "sub", equals: sub });
      else if (username !== undefined) searches.push(searchFor(username, pool));
    }
    if (searches.length > most) return undefined;
  }
  return searches;
}

async function searchUsers(searches: readonly UserFilter[], look: PoolLook): Promise<void> {
  const { cognito, pool, signal } = look;
  const limit = cognito.inFlight("ListUsers");
  await workInFlight(searches, { limit, signal }, async (filter) => {
    for await (const page of listUsers(cognito, { poolId: pool.id, filter }, signal)) await note(page, look);
  });
}

async function listAll(look: PoolList): Promise<number> {
  let users = 0;
  let together: ListedUser[] = [];
  for await (const page of listAllUsers({ ...look, poolId: look.pool.id })) {
    users += page.length;
    together.push(...page);
    if (together.length >= NOTED_TOGETHER) {
      await note(together, look);
      together = [];
    }
  }
  await note(together, look);
  return users;
}

async function note(users: readonly ListedUser[], { store, pool }: PoolList): Promise<void> {
  await store.addHad(
    users.flatMap((listed) => {
      const { sub, username, attributes, enabled, status } = listed;
      // Who comes by another provider has the address of somebody, and is nobody of the source.
      const names =
        status === "EXTERNAL_PROVIDER" ? [] : namesOf(listed, pool).map((name) => comparedName(name, pool));
      const isConfirmed = status !== "UNCONFIRMED";
      return sub === undefined ? [] : [{ sub, username, attributes, isEnabled: enabled, isConfirmed, names }];
    }),
  );
}

async function listGroups({ cognito, pool, store, groups, signal, observe }: PoolLook): Promise<void> {
  for (const group of groups) {
    let members = 0;
    for await (const page of listMembers(cognito, { poolId: pool.id, name: group }, signal)) {
      members += page.length;
      await store.addMembers(
        group,
        page.map(({ sub }) => sub).filter((sub) => sub !== undefined),
      );
    }
    observe({ kind: "members-listed", group, members });
  }
}
