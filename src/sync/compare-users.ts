import type { Outcome } from "../core/outcome.ts";
import { comparedName, CONTACTS, type Pool } from "../core/pool.ts";
import type { Change } from "../core/change.ts";
import type { WantedUser } from "../ledger/ledger.ts";
import { compareUser, type Conflict, type ConflictKind, type Wanted } from "./compare-user.ts";
import type { SyncPolicies } from "./sync-policies.ts";
import {
  type HadUser,
  type ManagedUser,
  type SyncChange,
  type SyncStore,
  type SyncUser,
} from "./sync-store.ts";

/** What a comparison is made with. */
export interface Comparing {
  readonly store: SyncStore;
  readonly pool: Pool;
  readonly policies: Pick<SyncPolicies, "absent" | "deleteAfterDays" | "conflicts" | "messages" | "adopt">;
  /** Whether everybody of the source and of the pool was read, and the pool's groups with them. */
  readonly isFull: boolean;
  /** Rows of which nobody can tell whose they are; see {@link noteWanted}. */
  readonly unidentified: number;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Takes outcomes of users who are in the pool and not to be changed. */
  readonly settle: (outcomes: readonly Outcome[]) => Promise<void>;
}

/** What a comparison has found, in users. */
export interface Compared {
  readonly rows: number;
  /** Users who may be others of the source under a new id, which only a full comparison tells. */
  readonly undecided: number;
  readonly toCreate: number;
  /** Of these, managed users who are gone from the pool. */
  readonly goneFromPool: number;
  readonly adopted: number;
  readonly unchanged: number;
  /** Users of the source who are in the pool, and neither managed nor adopted. */
  readonly notManaged: number;
  /** Managed users whom the source no longer has. */
  readonly absent: number;
  /** Managed users who seem to be gone, while rows cannot be read that may be theirs. */
  readonly unsure: number;
  readonly disables: number;
  readonly deletions: number;
  /** Users who would lose attributes, groups, or the address or number that they have. */
  readonly losses: number;
  readonly enables: number;
  /** Users whose username at the source is that of another user of the pool: none of them is touched. */
  readonly shifted: number;
}

type Counts = { -readonly [Name in keyof Compared]: number };

/** Rejected or passed over by the plan, and yet a word on whether the user is to stay. */
const GONE_AT_SOURCE = "user-deleted";
const DISABLED_AT_SOURCE = "user-disabled";

/** What the source has, whoever it is. */
interface Noted {
  /** Rows of which nobody can tell whose they are: whoever seems to be missing may be one of them. */
  readonly unidentified: number;
  /** Users who have no id at the source, and so are known by their names. */
  readonly withoutId: number;
}

/** Notes whom the source has; to be done with all pages before {@link compareUsers}. */
export async function noteWanted(
  pages: AsyncIterable<readonly WantedUser[]>,
  { store, pool }: Pick<Comparing, "store" | "pool">,
): Promise<Noted> {
  let unidentified = 0;
  let withoutId = 0;
  for await (const page of pages) {
    unidentified += page.filter((user) => keyOfUser(user, pool) === undefined).length;
    const present = page.filter(({ reason }) => reason !== GONE_AT_SOURCE);
    withoutId += present.filter(
      ({ sourceId, username }) => sourceId === undefined && username !== undefined,
    ).length;
    await store.addWanted([
      ...present.map((user) => keyOfUser(user, pool)).filter((key) => key !== undefined),
      // Under whatever id: whoever's username is there is not gone.
      ...present.flatMap(({ username }) => (username === undefined ? [] : [loginOf(username, pool)])),
    ]);
  }
  return { unidentified, withoutId };
}

/**
 * Compares the users of the source with those of the pool, page by page, and notes in the store what is to be done.
 * Whoever is left without an outcome then is to be created.
 */
export async function compareUsers(
  pages: AsyncIterable<readonly WantedUser[]>,
  comparing: Comparing,
): Promise<Compared> {
  const counts: Counts = {
    rows: 0,
    undecided: 0,
    toCreate: 0,
    goneFromPool: 0,
    adopted: 0,
    unchanged: 0,
    notManaged: 0,
    absent: 0,
    unsure: 0,
    disables: 0,
    deletions: 0,
    losses: 0,
    enables: 0,
    shifted: 0,
  };
  let outcomes: Outcome[] = [];
  const settle = async (): Promise<void> => {
    const settled = outcomes;
    outcomes = [];
    if (settled.length > 0) await comparing.settle(settled);
  };
  for await (const page of pages) {
    outcomes.push(...(await comparePage(page, comparing, counts)));
    if (outcomes.length >= SETTLED_TOGETHER) await settle();
  }
  await settle();
  const { store } = comparing;
  for await (const page of isSure(comparing) ? store.absent() : store.saidToBeGone())
    await compareAbsent(page, comparing, counts);
  if (comparing.isFull && comparing.unidentified > 0) counts.unsure = await store.countAbsent();
  return counts;
}

/** Whoever's row cannot be read may be anybody: then nobody is missing but who is said to be gone. */
function isSure({ isFull, unidentified }: Comparing): boolean {
  return isFull && unidentified === 0;
}

/** What stands for a username among the keys of those whom the source has. */
const loginOf = (username: string, pool: Pool): string => `login:${comparedName(username, pool)}`;

/**
 * What tells a user at the source from one sync to the next: its id there, or else its name as the pool compares names;
 * undefined for a row with neither.
 */
export function keyOfUser(
  { sourceId, username }: Pick<WantedUser, "sourceId" | "username">,
  pool: Pool,
): string | undefined {
  if (sourceId !== undefined) return `id:${sourceId}`;
  return username === undefined ? undefined : `name:${comparedName(username, pool)}`;
}

/** What is known of the users of one page. */
interface Known {
  readonly times: ReadonlyMap<string, number>;
  readonly byKey: ReadonlyMap<string, ManagedUser>;
  readonly managedBySub: ReadonlyMap<string, ManagedUser>;
  readonly subByName: ReadonlyMap<string, string>;
  readonly had: ReadonlyMap<string, HadUser>;
}

async function readKnown(
  users: readonly (readonly [key: string, user: WantedUser])[],
  { store, pool, isFull }: Comparing,
): Promise<Known> {
  const keys = users.map(([key]) => key);
  const byKey = await store.managedWithKeys(keys);
  const own = new Map(
    [...byKey.values()].flatMap((user) => (user.sub === undefined ? [] : [[user.sub, user]])),
  );
  // Who is not there any more may have been followed by somebody of the same name, and an id may be somebody else's by now.
  const names = users.map(([, { username }]) => comparedName(username ?? "", pool));
  const subByName = await store.subsNamed(names);
  // Nearly everybody is the one of that name too.
  const others = [...subByName.values()].filter((sub) => !own.has(sub));
  const owners = await store.managedWithSubs(others);
  return {
    times: await store.wantedTimes([...keys, ...[...owners.values()].map(({ key }) => key)]),
    byKey,
    managedBySub: new Map([...own, ...owners]),
    subByName,
    had: await store.hadWithSubs([...own.keys(), ...others], { withGroups: isFull }),
  };
}

/** Outcomes that are made durable together: nearly everybody has one, and each transaction waits for the disk. */
const SETTLED_TOGETHER = 5_000;

/** Compares the users of one page; returns the outcomes of those who are not to be changed. */
async function comparePage(
  page: readonly WantedUser[],
  comparing: Comparing,
  counts: Counts,
): Promise<readonly Outcome[]> {
  const { store, pool } = comparing;
  counts.rows += page.length;
  const users: (readonly [string, WantedUser])[] = [];
  const gone: string[] = [];
  for (const user of page) {
    const key = keyOfUser(user, pool);
    if (key === undefined) continue;
    if (user.reason === GONE_AT_SOURCE) gone.push(key);
    else users.push([key, user]);
  }
  await store.addGone(gone);
  const known = await readKnown(users, comparing);
  const found = new Findings(comparing, counts);
  for (const [key, user] of users) compareOne(key, user, known, found);
  const shared = await store.addSyncUsers(found.users);
  await store.addConflicts(found.conflicts);
  return [
    ...found.outcomes,
    ...found.users.flatMap((user) => (shared.has(user.managed.sub) ? sharedOutcome(user) : [])),
  ];
}

/** Two users of the source, such as one by the address and one by the number, are one in the pool: neither is it for certain. */
function sharedOutcome({ seq, managed: { sub } }: SyncUser): readonly Outcome[] {
  const message = "another user of the source is the same user of the pool";
  return seq === undefined ? [] : [{ seq, kind: "rejected", reason: "source-id-shared", message, sub }];
}

/** What comes of one page. */
class Findings {
  readonly comparing: Comparing;
  readonly counts: Counts;
  readonly users: SyncUser[] = [];
  readonly outcomes: Outcome[] = [];
  readonly conflicts: (Conflict & Pick<ManagedUser, "key" | "username" | "sub">)[] = [];

  constructor(comparing: Comparing, counts: Counts) {
    this.comparing = comparing;
    this.counts = counts;
  }

  /** The user stays as it is, unless the plan has said more. */
  leave(user: WantedUser, reason: string, message: string, sub?: string): void {
    if (user.outcome !== undefined) return;
    this.outcomes.push({ seq: user.seq, kind: "skipped", reason, message, sub });
  }

  conflict(
    of: Pick<ManagedUser, "key" | "username" | "sub">,
    kind: ConflictKind,
    what: string,
    isOverruled = false,
  ): void {
    this.conflicts.push({ key: of.key, username: of.username, sub: of.sub, kind, what, isOverruled });
  }
}

function compareOne(key: string, user: WantedUser, known: Known, found: Findings): void {
  const { comparing, counts } = found;
  const { pool, policies } = comparing;
  const name = comparedName(user.username ?? "", pool);
  if ((known.times.get(key) ?? 0) > 1) {
    // Nobody knows which of them is the user, so neither is touched, and the user is not missed.
    if (user.outcome === undefined) {
      const message = `the source has ${known.times.get(key)} users with this id`;
      found.outcomes.push({ seq: user.seq, kind: "rejected", reason: "source-id-shared", message });
    }
    keepPresent(known.byKey.get(key), found);
    return;
  }
  const own = known.byKey.get(key);
  const ownHad = own?.sub === undefined ? undefined : known.had.get(own.sub);
  const named = known.had.get(known.subByName.get(name) ?? "");
  const owner = named === undefined ? undefined : known.managedBySub.get(named.sub);
  const had = ownHad ?? named;
  // Whoever came in the place of a managed user is a stranger.
  const isOwn = ownHad !== undefined || (own !== undefined && own.sub === undefined && owner === undefined);
  const managed = isOwn || had === undefined ? own : owner;
  const isFit =
    user.outcome === undefined || (user.outcome === "skipped" && user.reason === DISABLED_AT_SOURCE);
  if (!isFit) {
    keepPresent(own, found);
    return;
  }
  if (ownHad !== undefined && named !== undefined && named.sub !== ownHad.sub) {
    // Either the id or the name is somebody else's: whoever's data these are, they are not written onto this user.
    counts.shifted += 1;
    found.conflict({ key, username: ownHad.username, sub: ownHad.sub }, "immutable", "username");
    keepPresent(own, found);
    found.leave(user, "username-taken", "another user of the pool has this username", ownHad.sub);
    return;
  }
  const isOthers = managed !== undefined && managed !== own;
  if (isOthers && (own !== undefined || !isRenamed(managed, known, comparing))) {
    counts.undecided += known.times.has(managed.key) ? 0 : 1;
    counts.notManaged += 1;
    found.leave(
      user,
      "not-managed",
      "the user of the pool with this name is another one of the source",
      had?.sub,
    );
    return;
  }
  if (had === undefined) {
    if (user.outcome !== undefined) return;
    if (managed !== undefined) {
      const isAgain = policies.conflicts === "source-wins";
      found.conflict(managed, "gone-from-pool", "user", isAgain);
      if (!isAgain) {
        found.leave(
          user,
          "gone-from-pool",
          "the user was deleted in the pool, and sync.conflicts leaves it so",
        );
        return;
      }
      counts.goneFromPool += 1;
    }
    counts.toCreate += 1;
    return;
  }
  const mayAdopt = policies.adopt === "matching" && user.outcome === undefined && had.isConfirmed;
  if (managed === undefined && !mayAdopt) {
    counts.notManaged += 1;
    found.leave(user, "not-managed", "the user is in the pool, and not by this sync", had.sub);
    return;
  }
  if (managed === undefined) counts.adopted += 1;
  noteComparison({ key, user, had, managed }, found);
}

/**
 * Whether a user whom the sync manages under another id is the same one: the source has that id no more, since this very
 * reading. Whoever left before, and was locked out, is somebody else than who has the name now.
 */
function isRenamed(
  { key, absentSince, isDisabled }: ManagedUser,
  { times }: Known,
  comparing: Comparing,
): boolean {
  return isSure(comparing) && !times.has(key) && absentSince === undefined && !isDisabled;
}

/** Notes that the source has a user of whom nothing else is taken from it: the time until its deletion ends. */
function keepPresent(managed: ManagedUser | undefined, found: Findings): void {
  if (managed?.sub === undefined || managed.absentSince === undefined) return;
  found.users.push({
    managed: { ...managed, sub: managed.sub, absentSince: undefined },
    seq: undefined,
    changes: [],
    replaced: [],
  });
}

interface Pair {
  readonly key: string;
  readonly user: WantedUser;
  readonly had: HadUser;
  readonly managed: ManagedUser | undefined;
}

function noteComparison({ key, user, had, managed }: Pair, found: Findings): void {
  const { comparing, counts } = found;
  const { changes, values, conflicts, left } = compareUser(wantedOf(user, managed), had, managed, comparing);
  const isOwnName = comparing.pool.usernameAttributes.length > 0;
  const of = { key, username: had.username, sub: had.sub };
  for (const each of conflicts) found.conflicts.push({ ...of, ...each });
  if (
    !isOwnName &&
    comparedName(user.username ?? "", comparing.pool) !== comparedName(had.username, comparing.pool)
  )
    found.conflict(of, "immutable", "username");
  const has = (...kinds: readonly Change["kind"][]): number =>
    changes.some(({ kind }) => kinds.includes(kind)) ? 1 : 0;
  counts.disables += has("disable");
  counts.enables += has("enable");
  const losesContact = values.some(
    ({ name, old, new: value }) =>
      CONTACTS.some((contact) => contact === name) && old !== undefined && old !== value,
  );
  counts.losses += losesContact ? 1 : has("delete-attributes", "remove-from-group");
  const next: SyncUser["managed"] = {
    ...left,
    key,
    sub: had.sub,
    username: had.username,
    origin: managed?.origin ?? "adopted",
    absentSince: undefined,
    unlistedSince: undefined,
  };
  if (changes.length === 0) {
    counts.unchanged += 1;
    found.leave(user, "unchanged", "the pool has the user as the source wants it", had.sub);
  }
  const isKnown = managed !== undefined && managed.key === key && isSame(managed, next);
  if (changes.length === 0 && isKnown) return;
  found.users.push({
    managed: next,
    // Only who has no outcome yet gets one by what is done.
    seq: user.outcome === undefined && changes.length > 0 ? user.seq : undefined,
    oldKey: managed === undefined || managed.key === key ? undefined : managed.key,
    changes: changes.map((change) => ({ change, isHarmless: isHarmless(change, losesContact) })),
    replaced: values,
  });
}

/** Of a user who is passed over as it is disabled the plan tells no groups: it is disabled, and stays as the sync left it. */
function wantedOf(user: WantedUser, managed: ManagedUser | undefined): Wanted {
  if (user.reason === DISABLED_AT_SOURCE && managed !== undefined)
    return { attributes: managed.attributes, groups: managed.groups, isDisabled: true };
  if (user.doubtful.length === 0 || managed === undefined) return user;
  // What cannot be read is no reason to take something away.
  const own = new Set(user.attributes.map(([name]) => name));
  const kept = managed.attributes.filter(([name]) => user.doubtful.includes(name) && !own.has(name));
  const groups = user.doubtful.includes("groups")
    ? new Set([...user.groups, ...managed.groups])
    : user.groups;
  return { ...user, attributes: [...user.attributes, ...kept], groups: [...groups] };
}

function isSame(one: ManagedUser, other: ManagedUser): boolean {
  const stateOf = ({
    sub,
    attributes,
    groups,
    isDisabled,
    absentSince,
    unlistedSince,
  }: ManagedUser): string =>
    JSON.stringify([sub, attributes, groups, isDisabled, absentSince, unlistedSince]);
  return stateOf(one) === stateOf(other);
}

/** Whether a change takes nothing from anybody; who gets another address or number loses the one that it had. */
function isHarmless({ kind }: Change, losesContact: boolean): boolean {
  return kind === "add-to-group" || (kind === "set-attributes" && !losesContact);
}

const DAY_MS = 24 * 3_600_000;

async function compareAbsent(
  page: readonly ManagedUser[],
  comparing: Comparing,
  counts: Counts,
): Promise<void> {
  const { store, pool, isFull, now } = comparing;
  // Whose sub was never learnt is known by its name.
  const nameOf = ({ username }: ManagedUser): string => comparedName(username, pool);
  const byName = await store.subsNamed(page.filter(({ sub }) => sub === undefined).map(nameOf));
  const subOf = (managed: ManagedUser): string | undefined => managed.sub ?? byName.get(nameOf(managed));
  const subs = page.map(subOf).filter((sub) => sub !== undefined);
  const had = await store.hadWithSubs(subs, { withGroups: isFull });
  // A mistyped id makes nobody leave.
  const logins = await store.wantedTimes(page.map(({ username }) => loginOf(username, pool)));
  const users: SyncUser[] = [];
  const forgotten: string[] = [];
  const conflicts: (Conflict & Pick<ManagedUser, "key" | "username" | "sub">)[] = [];
  for (const managed of page) {
    if (logins.has(loginOf(managed.username, pool))) continue;
    counts.absent += 1;
    const listed = had.get(subOf(managed) ?? "");
    // Of whom nobody looked for nothing is known.
    if (listed === undefined && !isFull) continue;
    if (listed === undefined && isForgotten(managed, now)) forgotten.push(managed.key);
    const user =
      listed === undefined ? unlisted(managed, now) : judgeAbsent(managed, listed, comparing, counts);
    if (user !== undefined) users.push(user);
    if (listed?.isEnabled === true && managed.isDisabled && managed.absentSince !== undefined) {
      const isOverruled = comparing.policies.conflicts === "source-wins";
      const { key, username, sub } = managed;
      conflicts.push({ key, username, sub, kind: "pool-changed", what: "enabled", isOverruled });
    }
  }
  await store.addConflicts(conflicts);
  await store.addSyncUsers(users);
  await store.addForgotten(forgotten);
}

/** How long the list of users may lack one who was created: it is eventually consistent (documented); an hour is our guess. */
const LISTED_WITHIN_MS = 3_600_000;

/** Whether a user whom neither the source has nor the pool lists is gone for good. */
function isForgotten({ sub, unlistedSince }: ManagedUser, now: number): boolean {
  return sub === undefined || (unlistedSince !== undefined && now - unlistedSince >= LISTED_WITHIN_MS);
}

/** Takes note of when the list lacked such a user first. */
function unlisted({ sub, ...managed }: ManagedUser, now: number): SyncUser | undefined {
  if (sub === undefined || managed.unlistedSince !== undefined) return undefined;
  return { managed: { ...managed, sub, unlistedSince: now }, seq: undefined, changes: [], replaced: [] };
}

/** What becomes of a managed user whom the source no longer has. Who was let in again in the pool is a conflict of its own. */
function judgeAbsent(
  managed: ManagedUser,
  had: HadUser,
  { policies, now }: Comparing,
  counts: Counts,
): SyncUser | undefined {
  const { absent, deleteAfterDays } = policies;
  const { sub } = had;
  const absentSince = managed.absentSince ?? now;
  const next = (changes: readonly SyncChange["change"][], isDisabled: boolean, since?: number): SyncUser => ({
    managed: { ...managed, sub, isDisabled, absentSince: since, unlistedSince: undefined },
    seq: undefined,
    changes: changes.map((change) => ({ change, isHarmless: false })),
    replaced: [],
  });
  const isNew = managed.absentSince === undefined;
  if (absent === "keep") {
    const isCounted = had.isEnabled === false;
    if (isCounted === !isNew) return undefined;
    return next([], managed.isDisabled, isCounted ? now : undefined);
  }
  if (had.isEnabled !== false) {
    // Somebody has let the user in again since the sync locked it out: should it be locked out once more, its time begins anew.
    if (managed.isDisabled && !isNew && policies.conflicts !== "source-wins")
      return next([], managed.isDisabled, now);
    counts.disables += 1;
    // The time until the deletion begins with what the user can notice.
    return next([{ kind: "disable" }], true, now);
  }
  if (absent === "delete" && now - absentSince >= deleteAfterDays * DAY_MS && !isNew) {
    counts.deletions += 1;
    return next([{ kind: "delete" }], managed.isDisabled, absentSince);
  }
  return isNew ? next([], managed.isDisabled, now) : undefined;
}
