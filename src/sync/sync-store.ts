import { CHANGE_KINDS, type Change, type ChangeKind } from "../core/change.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { Database, SqlValue, Statements } from "../ledger/database.ts";
import { countOf, PAGE_ROWS, pagesBehind } from "../ledger/reading.ts";
import type { Conflict, Had, Left, ValueChange } from "./compare-user.ts";
import type { Tripped } from "./guards.ts";
import { factTable, scratchSchemaOf, syncSchemaOf, SYNC_VERSION } from "./sync-schema.ts";

/** What a sync is about; the first one says it, and the later ones must say the same. */
export interface SyncAbout {
  readonly userPoolId: string;
  /** `TYPE:PLACE` of the source. */
  readonly source: string;
}

/** A user of the pool whom the sync manages: it made the user, or was told to adopt it. */
export interface ManagedUser extends Left {
  /** What tells the user at the source; see keyOfUser. */
  readonly key: string;
  /** Undefined where the creation did not tell it. */
  readonly sub: string | undefined;
  readonly username: string;
  readonly origin: "created" | "adopted";
  /**
   * Since when the source does not have the user and every look has found it disabled, in epoch milliseconds, or when it was
   * last let in again by hand; undefined while the source has it.
   */
  readonly absentSince: number | undefined;
  /** Since when the pool has not listed the user, in epoch milliseconds; undefined while it does. */
  readonly unlistedSince: number | undefined;
}

/** A user of the pool, as the sync has listed it. */
export interface HadUser extends Had {
  readonly sub: string;
  readonly username: string;
  /** Whether somebody else than the user itself has vouched for it: who signed up and was never confirmed may be anybody. */
  readonly isConfirmed: boolean;
}

/** What a sync found out about one user of the pool, and is going to do. */
export interface SyncUser {
  /** How the user is managed once all changes are done. */
  readonly managed: ManagedUser & { readonly sub: string };
  /** The row of the source; undefined for a user whom the source no longer has. */
  readonly seq: number | undefined;
  /** The key under which the user was managed before, where it is another. */
  readonly oldKey?: string | undefined;
  readonly changes: readonly SyncChange[];
  /** What the changes of attributes replace. */
  readonly replaced: readonly ValueChange[];
}

/** A change, and whether it takes nothing from the user. */
export interface SyncChange {
  readonly change: Change;
  readonly isHarmless: boolean;
}

/** A change that is to be carried out. */
interface PendingChange {
  readonly id: number;
  readonly change: Change;
}

/** The pending changes of one user. */
export interface UserChanges {
  readonly username: string;
  readonly sub: string;
  /** Whether another change of it has failed in an earlier session. */
  readonly hasFailed: boolean;
  readonly changes: readonly PendingChange[];
}

/** Whose turn it is: who may not sign in comes before everybody else. */
export type ChangeTurn = "disable" | "rest";

/** What came of a change. */
export type ChangeResult =
  | { readonly id: number; readonly state: "done" }
  | { readonly id: number; readonly state: "failed"; readonly reason: string; readonly message: string };

/** What came of a row of the source whose user was in the pool. */
export interface RowResult {
  readonly seq: number;
  readonly sub: string;
  readonly done: number;
  readonly failed: number;
  readonly withheld: number;
  /** Why one of its changes failed. */
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** A change in a report. */
export interface ReportedChange {
  readonly key: string;
  readonly username: string;
  readonly sub: string;
  readonly change: Change;
  readonly replaced: readonly ValueChange[];
  readonly state: "pending" | "withheld" | "done" | "failed";
  readonly message: string | undefined;
}

/** A conflict in a report. */
export interface ReportedConflict extends Conflict {
  readonly key: string;
  readonly username: string;
  readonly sub: string | undefined;
}

/** How many changes of each kind there are in each state. */
export type ChangeCounts = Readonly<
  Record<
    ChangeKind,
    { readonly planned: number; readonly withheld: number; readonly done: number; readonly failed: number }
  >
>;

/** That nothing is taken from anybody until somebody has looked. */
export interface Quarantine extends Tripped {
  /** ISO 8601. */
  readonly since: string;
  readonly runId: string;
}

/** The last full comparison that was carried out. */
interface LastFull {
  /** When it began, in epoch milliseconds. */
  readonly at: number;
  readonly rows: number;
}

/** What a sync keeps, by name. */
interface Facts {
  readonly version: number;
  readonly about: SyncAbout;
  readonly quarantine: Quarantine;
  readonly "last-full": LastFull;
  /** Where the next incremental reading begins. */
  readonly cursor: string;
  /** Users of the pool when it was last listed. */
  readonly "pool-users": number;
  /** The run that is under way, whether it is past looking: something may have been sent; and whether it may create users. */
  readonly current: { readonly id: string; readonly isApplying: boolean; readonly mayCreate?: boolean };
  /** The runs of the sync whose ledgers are, or may be, in its database. */
  readonly ledgers: readonly string[];
  /** A digest of what the last sync was told: with other rules everybody is compared. */
  readonly rules: string;
  /** That the next sync has to compare everybody, and why. */
  readonly "must-be-full": string;
}

/** One sync of the history. `Summary` is what it ended with; undefined while it runs, and after a crash. */
export interface SyncRun<Summary = unknown> {
  readonly id: string;
  readonly cause: string;
  readonly kind: string;
  /** Epoch milliseconds, as is endedAt. */
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly summary: Summary | undefined;
}

interface ManagedRecord {
  readonly key: string;
  readonly sub: string | null;
  readonly username: string;
  readonly origin: "created" | "adopted";
  readonly attributes: string;
  readonly member_of: string;
  readonly is_disabled: number;
  readonly absent_since: number | null;
  readonly unlisted_since: number | null;
}

interface HadRecord {
  readonly sub: string;
  readonly username: string;
  readonly attributes: string;
  readonly is_enabled: number | null;
  readonly is_confirmed: number;
}

/** Values in one question: it is asked in one form only, so that it is prepared once. */
const ASKED_TOGETHER = 500;

const MANAGED =
  "key, sub, username, origin, attributes, member_of, is_disabled, absent_since, unlisted_since";

/**
 * What a pool's sync knows: whom it manages and how it left them, what it is about to do, its quarantine, cursor and
 * history. Everything that outlives a sync is durable when a method returns.
 */
export class SyncStore implements AsyncDisposable {
  readonly #database: Database;

  /** Opens the sync in a database, or begins it there. Throws LEDGER_UNREADABLE for one of another layout. */
  static async open(database: Database): Promise<SyncStore> {
    await database.script(factTable(database.dialect));
    // In one piece, as another process may begin the same sync just now, and this one may be killed in between.
    const version = (await readFact(database, "version")) ?? (await database.transaction(makeSyncTables));
    if (version !== SYNC_VERSION) {
      throw new FerryError(
        "LEDGER_UNREADABLE",
        `The sync has layout ${String(version)}; this version reads ${SYNC_VERSION}`,
        { hint: "Go on with the version of poolferry that made it" },
      );
    }
    return new SyncStore(database);
  }

  private constructor(database: Database) {
    this.#database = database;
  }

  async fact<Name extends keyof Facts>(name: Name): Promise<Facts[Name] | undefined> {
    return readFact(this.#database, name);
  }

  /** Undefined takes the fact away. */
  async setFact<Name extends keyof Facts>(name: Name, value: Facts[Name] | undefined): Promise<void> {
    await writeFact(this.#database, name, value);
  }

  /** Users whom the sync manages. */
  async countManaged(): Promise<number> {
    return countOf(this.#database, "SELECT count(*) AS count FROM managed");
  }

  /** Begins to note what source and pool have: what an earlier sync noted of them is forgotten. */
  async beginNoting(): Promise<void> {
    await this.#database.script(scratchSchemaOf(this.#database.dialect));
  }

  /** Forgets what an earlier sync found out about users, and what it left undone. */
  async forgetLastLook(): Promise<void> {
    await this.#database.transaction(async (statements) => {
      for (const table of ["change", "sync_user", "conflict", "forgotten"])
        await statements.run(`DELETE FROM ${table}`);
    });
  }

  /** Notes whom the source has; a key that comes twice is counted. */
  async addWanted(keys: readonly string[]): Promise<void> {
    const times = new Map<string, number>();
    for (const key of keys) times.set(key, (times.get(key) ?? 0) + 1);
    await this.#database.runMany(
      "INSERT INTO wanted (key, times) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET times = wanted.times + excluded.times",
      [...times],
    );
  }

  /** Notes whom the source says to be gone. */
  async addGone(keys: readonly string[]): Promise<void> {
    await this.#database.runMany(
      "INSERT INTO gone (key) VALUES (?) ON CONFLICT (key) DO NOTHING",
      keys.map((key) => [key]),
    );
  }

  /** Of these keys, those that the source has, and how often. */
  async wantedTimes(keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await askAmong<{ key: string; times: number }>(
      this.#database,
      "SELECT key, times FROM wanted WHERE key IN",
      keys,
    );
    return new Map(rows.map(({ key, times }) => [key, times]));
  }

  /** Notes users of the pool, each with the names that it may be known by, as the pool compares them. */
  async addHad(
    users: readonly (Omit<HadUser, "groups"> & { readonly names: readonly string[] })[],
  ): Promise<void> {
    const bySub = new Map(users.map((user) => [user.sub, user]));
    await this.#database.transaction(async (statements) => {
      await statements.runMany(
        `INSERT INTO had (sub, username, attributes, is_enabled, is_confirmed) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (sub) DO UPDATE SET username = excluded.username, attributes = excluded.attributes, is_enabled = excluded.is_enabled, is_confirmed = excluded.is_confirmed`,
        [...bySub.values()].map(({ sub, username, attributes, isEnabled, isConfirmed }) => [
          sub,
          username,
          JSON.stringify(attributes),
          flagOf(isEnabled),
          isConfirmed ? 1 : 0,
        ]),
      );
      await statements.runMany(
        "INSERT INTO had_name (name, sub) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        [...bySub.values()].flatMap(({ names, sub }) => names.map((name) => [name, sub])),
      );
    });
  }

  /** Notes members of a group of the pool. */
  async addMembers(group: string, subs: readonly string[]): Promise<void> {
    await this.#database.runMany(
      "INSERT INTO had_group (sub, name) VALUES (?, ?) ON CONFLICT (sub, name) DO NOTHING",
      subs.map((sub) => [sub, group]),
    );
  }

  /** Groups that the sync has put users into. */
  async managedGroups(): Promise<ReadonlySet<string>> {
    const rows = await this.#database.all<{ member_of: string }>("SELECT DISTINCT member_of FROM managed");
    return new Set(rows.flatMap(({ member_of }) => JSON.parse(member_of) as string[]));
  }

  async managedWithKeys(keys: readonly string[]): Promise<ReadonlyMap<string, ManagedUser>> {
    const rows = await askAmong<ManagedRecord>(
      this.#database,
      `SELECT ${MANAGED} FROM managed WHERE key IN`,
      keys,
    );
    return new Map(rows.map((row) => [row.key, toManaged(row)]));
  }

  async managedWithSubs(subs: readonly string[]): Promise<ReadonlyMap<string, ManagedUser>> {
    const rows = await askAmong<ManagedRecord>(
      this.#database,
      `SELECT ${MANAGED} FROM managed WHERE sub IN`,
      subs,
    );
    return new Map(rows.map((row) => [row.sub ?? "", toManaged(row)]));
  }

  /** Users of the pool by their subs. `withGroups`: somebody has looked at the groups. */
  async hadWithSubs(
    subs: readonly string[],
    { withGroups }: { readonly withGroups: boolean },
  ): Promise<ReadonlyMap<string, HadUser>> {
    const rows = await askAmong<HadRecord>(this.#database, "SELECT * FROM had WHERE sub IN", subs);
    const groups = new Map<string, string[]>();
    if (withGroups) {
      const members = await askAmong<{ sub: string; name: string }>(
        this.#database,
        "SELECT * FROM had_group WHERE sub IN",
        subs,
      );
      for (const { sub, name } of members) groups.set(sub, [...(groups.get(sub) ?? []), name]);
    }
    return new Map(
      rows.map((row) => [row.sub, toHad(row, withGroups ? (groups.get(row.sub) ?? []) : undefined)]),
    );
  }

  /** The subs of users of the pool by names, as the pool compares them. */
  async subsNamed(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await askAmong<{ name: string; sub: string }>(
      this.#database,
      "SELECT * FROM had_name WHERE name IN",
      names,
    );
    return new Map(rows.map(({ name, sub }) => [name, sub]));
  }

  /** Managed users whom the source does not have, page by page. */
  async *absent(): AsyncIterable<readonly ManagedUser[]> {
    yield* this.#managedWhere(IS_ABSENT);
  }

  async countAbsent(): Promise<number> {
    return countOf(this.#database, `SELECT count(*) AS count FROM managed WHERE ${IS_ABSENT}`);
  }

  /** Managed users whom the source says to be gone, page by page. */
  async *saidToBeGone(): AsyncIterable<readonly ManagedUser[]> {
    const isWanted = "EXISTS (SELECT 1 FROM wanted WHERE wanted.key = managed.key)";
    yield* this.#managedWhere(`EXISTS (SELECT 1 FROM gone WHERE gone.key = managed.key) AND NOT ${isWanted}`);
  }

  async *#managedWhere(condition: string): AsyncIterable<readonly ManagedUser[]> {
    const sql = `SELECT ${MANAGED} FROM managed WHERE key > ? AND ${condition} ORDER BY key LIMIT ?`;
    const read = (last: string) => this.#database.all<ManagedRecord>(sql, [last, PAGE_ROWS]);
    for await (const page of pagesBehind("", read, ({ key }) => key)) yield page.map(toManaged);
  }

  /**
   * Notes what is to be done to users of the pool. Nothing of it counts before it is done. Returns the subs of which two users
   * of the source are the same user of the pool: of these nothing is done.
   */
  async addSyncUsers(users: readonly SyncUser[]): Promise<ReadonlySet<string>> {
    return this.#database.transaction(async (statements) => {
      const shared = await sharedSubs(statements, users);
      for (const { managed, seq, oldKey, changes, replaced } of users) {
        if (shared.has(managed.sub)) continue;
        const row = await statements.get<{ id: number }>(
          `INSERT INTO sync_user (key, seq, sub, username, origin, old_key, attributes, member_of, is_disabled, absent_since, unlisted_since, replaced)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
          [
            managed.key,
            seq ?? null,
            managed.sub,
            managed.username,
            managed.origin,
            oldKey ?? null,
            ...leftValues(managed),
            managed.absentSince ?? null,
            managed.unlistedSince ?? null,
            JSON.stringify(replaced),
          ],
        );
        await statements.runMany(
          "INSERT INTO change (sync_user, kind, change, is_harmless) VALUES (?, ?, ?, ?)",
          changes.map(({ change, isHarmless }) => [
            row?.id ?? 0,
            change.kind,
            JSON.stringify(change),
            isHarmless ? 1 : 0,
          ]),
        );
      }
      return shared;
    });
  }

  /** Notes where source and pool disagree about a user. */
  async addConflicts(
    conflicts: readonly (Conflict & {
      readonly key: string;
      readonly username: string;
      readonly sub: string | undefined;
    })[],
  ): Promise<void> {
    await this.#database.runMany(
      "INSERT INTO conflict (key, username, sub, kind, what, is_overruled) VALUES (?, ?, ?, ?, ?, ?)",
      conflicts.map(({ key, username, sub, kind, what, isOverruled }) => [
        key,
        username,
        sub ?? null,
        kind,
        what,
        isOverruled ? 1 : 0,
      ]),
    );
  }

  /** Notes managed users who are neither at the source nor in the pool: {@link fold} forgets them. */
  async addForgotten(keys: readonly string[]): Promise<void> {
    await this.#database.runMany(
      "INSERT INTO forgotten (key) VALUES (?) ON CONFLICT (key) DO NOTHING",
      keys.map((key) => [key]),
    );
  }

  /** Leaves changes undone that take something from somebody, or all of them; then nobody is forgotten either. */
  async withhold(which: "harmful" | "all"): Promise<void> {
    await this.#database.run("DELETE FROM forgotten");
    const harmful = which === "harmful" ? " AND is_harmless = 0" : "";
    await this.#database.run(`UPDATE change SET state = 'withheld' WHERE state = 'pending'${harmful}`);
  }

  async changeCounts(): Promise<ChangeCounts> {
    const rows = await this.#database.all<{ kind: ChangeKind; state: string; count: number }>(
      "SELECT kind, state, count(*) AS count FROM change GROUP BY kind, state",
    );
    const count = (kind: ChangeKind, state?: string): number =>
      rows
        .filter((row) => row.kind === kind && (state === undefined || row.state === state))
        .reduce((sum, row) => sum + row.count, 0);
    const of = (kind: ChangeKind): ChangeCounts[ChangeKind] => ({
      planned: count(kind),
      withheld: count(kind, "withheld"),
      done: count(kind, "done"),
      failed: count(kind, "failed"),
    });
    return Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, of(kind)])) as ChangeCounts;
  }

  /** Users with a failed change who have no row of the source whose outcome would tell it. */
  async countFailedWithoutRow(): Promise<number> {
    return countOf(
      this.#database,
      `SELECT count(DISTINCT sync_user) AS count FROM change JOIN sync_user ON sync_user.id = change.sync_user
        WHERE state = 'failed' AND seq IS NULL`,
    );
  }

  /** Users whose attributes were changed, or would be. */
  async countUpdated(which: "planned" | "done"): Promise<number> {
    const isDone = which === "done" ? " AND state = 'done'" : "";
    return countOf(
      this.#database,
      `SELECT count(DISTINCT sync_user) AS count FROM change WHERE kind IN ('set-attributes', 'delete-attributes')${isDone}`,
    );
  }

  async countPending(turn: ChangeTurn): Promise<number> {
    return countOf(
      this.#database,
      `SELECT count(*) AS count FROM change WHERE state = 'pending' AND ${inTurn(turn)}`,
    );
  }

  /** Changes that are to be carried out, some users at a time, each of whom comes once. */
  async *pendingChanges(turn: ChangeTurn): AsyncIterable<readonly UserChanges[]> {
    const read = (last: number) =>
      this.#database.all<{ id: number; username: string; sub: string; failed: number }>(
        `SELECT id, username, sub,
                (SELECT count(*) FROM change WHERE sync_user = sync_user.id AND state = 'failed') AS failed
           FROM sync_user WHERE id > ?
            AND EXISTS (SELECT 1 FROM change WHERE sync_user = sync_user.id AND state = 'pending' AND ${inTurn(turn)})
          ORDER BY id LIMIT ?`,
        [last, ASKED_TOGETHER],
      );
    for await (const users of pagesBehind(0, read, ({ id }) => id, ASKED_TOGETHER)) {
      const changes = await this.#changesOf(users.map(({ id }) => id));
      const byUser = Map.groupBy(changes, ({ sync_user }) => sync_user);
      yield users.map(({ id, username, sub, failed }) => ({
        username,
        sub,
        hasFailed: failed > 0,
        changes: (byUser.get(id) ?? [])
          .filter(({ kind }) => isInTurn(kind, turn))
          .map((each) => ({ id: each.id, change: JSON.parse(each.change) as Change })),
      }));
    }
  }

  async #changesOf(
    users: readonly number[],
  ): Promise<readonly { id: number; sync_user: number; kind: ChangeKind; change: string }[]> {
    return askAmong(
      this.#database,
      "SELECT id, sync_user, kind, change FROM change WHERE state = 'pending' AND sync_user IN",
      users,
      "ORDER BY id",
    );
  }

  /** Notes, before it happens, that changes are about to be done, by the service's clock; the first time stays. */
  async noteSent(ids: readonly number[], sentAt: number): Promise<void> {
    await this.#database.runMany(
      "UPDATE change SET sent_at = coalesce(sent_at, ?) WHERE id = ?",
      ids.map((id) => [sentAt, id]),
    );
  }

  /** Settles changes; one that is settled stays so. */
  async settle(results: readonly ChangeResult[]): Promise<void> {
    await this.#database.runMany(
      "UPDATE change SET state = ?, reason = ?, message = ? WHERE id = ? AND state = 'pending'",
      results.map((result) => [
        result.state,
        result.state === "failed" ? result.reason : null,
        result.state === "failed" ? result.message : null,
        result.id,
      ]),
    );
  }

  /** Forgets pending changes that were never about to be done; the others may have been. */
  async dropUnsent(): Promise<void> {
    await this.#database.run(
      "UPDATE change SET state = 'withheld' WHERE state = 'pending' AND sent_at IS NULL",
    );
  }

  /**
   * Takes what was done into what is known of the managed users, page by page, and forgets it as something to do: a crash
   * in between does it again. Yields what came of each row of the source.
   */
  async *fold(): AsyncIterable<readonly RowResult[]> {
    let last = 0;
    for (;;) {
      const page = await this.#database.transaction((statements) => foldPage(statements, last));
      if (page === undefined) break;
      yield page.results;
      last = page.last;
    }
    await this.#database.run("DELETE FROM managed WHERE key IN (SELECT key FROM forgotten)");
  }

  /** Begins to manage users whom the sync has made, or notes how it left them. */
  async manage(users: readonly ManagedUser[]): Promise<void> {
    await this.#database.transaction((statements) => upsert(statements, users));
  }

  /** All changes of the sync, user by user. */
  async *changes(): AsyncIterable<ReportedChange> {
    const read = (last: number) =>
      this.#database.all<Record<string, string | number | null>>(
        `SELECT change.id AS id, key, username, sub, change, replaced, state, message
           FROM change JOIN sync_user ON sync_user.id = change.sync_user WHERE change.id > ? ORDER BY change.id LIMIT ?`,
        [last, PAGE_ROWS],
      );
    for await (const page of pagesBehind(0, read, ({ id }) => Number(id))) {
      for (const { change, replaced, message, ...row } of page) {
        yield {
          ...(row as unknown as Pick<ReportedChange, "key" | "username" | "sub" | "state">),
          change: JSON.parse(String(change)) as Change,
          replaced: JSON.parse(String(replaced)) as ValueChange[],
          message: message === null ? undefined : String(message),
        };
      }
    }
  }

  /** All conflicts of the sync. */
  async *conflicts(): AsyncIterable<ReportedConflict> {
    const read = (last: number) =>
      this.#database.all<Record<string, string | number | null>>(
        "SELECT * FROM conflict WHERE id > ? ORDER BY id LIMIT ?",
        [last, PAGE_ROWS],
      );
    for await (const page of pagesBehind(0, read, ({ id }) => Number(id))) {
      for (const { key, username, sub, kind, what, is_overruled } of page) {
        yield {
          key: String(key),
          username: String(username),
          sub: sub === null ? undefined : String(sub),
          kind: kind as Conflict["kind"],
          what: String(what),
          isOverruled: is_overruled === 1,
        };
      }
    }
  }

  /** How many users have a conflict of each kind, and how many of a kind that was not overruled. */
  async conflictCounts(): Promise<
    readonly { readonly kind: string; readonly users: number; readonly standing: number }[]
  > {
    return this.#database.all(
      `SELECT kind, count(DISTINCT key) AS users, count(DISTINCT CASE WHEN is_overruled = 0 THEN key END) AS standing
         FROM conflict GROUP BY kind ORDER BY kind`,
    );
  }

  /** Begins a run of the history. */
  async beginRun(run: Pick<SyncRun, "id" | "cause" | "kind" | "startedAt">): Promise<void> {
    await this.#database.run("INSERT INTO sync_run (id, cause, kind, started_at) VALUES (?, ?, ?, ?)", [
      run.id,
      run.cause,
      run.kind,
      run.startedAt,
    ]);
  }

  /** Ends a run, together with what later ones have to know; a fact that is undefined is taken away. */
  async endRun(
    run: { readonly id: string; readonly endedAt: number; readonly summary: unknown },
    facts: { readonly [Name in keyof Facts]?: Facts[Name] | undefined } = {},
  ): Promise<void> {
    await this.#database.transaction(async (statements) => {
      await statements.run("UPDATE sync_run SET ended_at = ?, summary = ? WHERE id = ?", [
        run.endedAt,
        JSON.stringify(run.summary),
        run.id,
      ]);
      await statements.run("DELETE FROM sync_run WHERE started_at < ?", [run.endedAt - RUNS_KEPT_MS]);
      for (const [name, value] of Object.entries(facts))
        await writeFact(statements, name as keyof Facts, value);
    });
  }

  /** The last runs, the newest first. */
  async runs<Summary>(limit: number): Promise<readonly SyncRun<Summary>[]> {
    const rows = await this.#database.all<{
      id: string;
      cause: string;
      kind: string;
      started_at: number;
      ended_at: number | null;
      summary: string | null;
    }>("SELECT * FROM sync_run ORDER BY started_at DESC, id DESC LIMIT ?", [limit]);
    return rows.map(({ id, cause, kind, started_at, ended_at, summary }) => ({
      id,
      cause,
      kind,
      startedAt: started_at,
      endedAt: ended_at ?? undefined,
      summary: summary === null ? undefined : (JSON.parse(summary) as Summary),
    }));
  }

  /** Whether this moment of a schedule is the caller's to run: the first one who asks has it, in epoch milliseconds. */
  async claimTick(at: number): Promise<boolean> {
    const claimed = await this.#database.run("INSERT INTO tick (at) VALUES (?) ON CONFLICT (at) DO NOTHING", [
      at,
    ]);
    await this.#database.run("DELETE FROM tick WHERE at < ?", [at - TICKS_KEPT_MS]);
    return claimed > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }
}

/** Asks for some values at a time, always as many: the last one stands in for those that are missing. */
async function askAmong<Row>(
  statements: Statements,
  sql: string,
  values: readonly SqlValue[],
  end = "",
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (const asked of together(values))
    found.push(...(await statements.all<Row>(`${sql} ${PLACES} ${end}`, asked)));
  return found;
}

/** Carries a statement out for some values at a time. */
async function doAmong(statements: Statements, sql: string, values: readonly SqlValue[]): Promise<void> {
  for (const asked of together(values)) await statements.run(`${sql} ${PLACES}`, asked);
}

const PLACES = `(${Array.from({ length: ASKED_TOGETHER }, () => "?").join(", ")})`;

function* together(values: readonly SqlValue[]): Iterable<readonly SqlValue[]> {
  for (let from = 0; from < values.length; from += ASKED_TOGETHER) {
    const asked = values.slice(from, from + ASKED_TOGETHER);
    const filler = asked.at(-1) ?? null;
    yield Array.from({ length: ASKED_TOGETHER }, (_, place) => asked[place] ?? filler);
  }
}

/** Whom the source has under another id stands among those to be changed already. */
const IS_ABSENT = `NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.key = managed.key)
  AND NOT EXISTS (SELECT 1 FROM sync_user WHERE sync_user.sub = managed.sub)`;

/** Two years. */
const RUNS_KEPT_MS = 2 * 365 * 24 * 3_600_000;

/** Long enough that no clock is that late. */
const TICKS_KEPT_MS = 7 * 24 * 3_600_000;

/** Makes the tables of a sync in an empty place; within a transaction that no other one makes them beside. Returns their layout. */
export async function makeSyncTables(statements: Statements): Promise<number> {
  await statements.script(factTable(statements.dialect));
  await statements.script(syncSchemaOf(statements.dialect));
  await writeFact(statements, "version", SYNC_VERSION);
  return SYNC_VERSION;
}

async function readFact<Name extends keyof Facts>(
  statements: Statements,
  name: Name,
): Promise<Facts[Name] | undefined> {
  const row = await statements.get<{ value: string }>("SELECT value FROM sync_fact WHERE key = ?", [name]);
  return row === undefined ? undefined : (JSON.parse(row.value) as Facts[Name]);
}

async function writeFact(statements: Statements, name: keyof Facts, value: unknown): Promise<void> {
  await (value === undefined
    ? statements.run("DELETE FROM sync_fact WHERE key = ?", [name])
    : statements.run(
        "INSERT INTO sync_fact (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [name, JSON.stringify(value)],
      ));
}

const inTurn = (turn: ChangeTurn): string => (turn === "disable" ? "kind = 'disable'" : "kind <> 'disable'");

const isInTurn = (kind: ChangeKind, turn: ChangeTurn): boolean =>
  (kind === "disable") === (turn === "disable");

function flagOf(isSet: boolean | undefined): number | null {
  return isSet === undefined ? null : Number(isSet);
}

function leftValues({ attributes, groups, isDisabled }: Left): [string, string, number] {
  return [JSON.stringify(attributes), JSON.stringify(groups), isDisabled ? 1 : 0];
}

function toManaged(record: ManagedRecord): ManagedUser {
  const { key, sub, username, origin, attributes, member_of, is_disabled, absent_since, unlisted_since } =
    record;
  return {
    key,
    sub: sub ?? undefined,
    username,
    origin,
    attributes: JSON.parse(attributes) as Attributes,
    groups: JSON.parse(member_of) as string[],
    isDisabled: is_disabled === 1,
    absentSince: absent_since ?? undefined,
    unlistedSince: unlisted_since ?? undefined,
  };
}

function toHad(
  { sub, username, attributes, is_enabled, is_confirmed }: HadRecord,
  groups: readonly string[] | undefined,
): HadUser {
  return {
    sub,
    username,
    attributes: JSON.parse(attributes) as Attributes,
    isEnabled: is_enabled === null ? undefined : is_enabled === 1,
    isConfirmed: is_confirmed === 1,
    groups,
  };
}

/** Subs that come twice, among these users or together with those of earlier pages; what was to be done to the earlier is not. */
async function sharedSubs(statements: Statements, users: readonly SyncUser[]): Promise<ReadonlySet<string>> {
  const bySub = Map.groupBy(users, ({ managed }) => managed.sub);
  const earlier = await askAmong<{ id: number; sub: string }>(
    statements,
    "SELECT id, sub FROM sync_user WHERE sub IN",
    [...bySub.keys()],
  );
  await doAmong(
    statements,
    "UPDATE change SET state = 'withheld' WHERE sync_user IN",
    earlier.map(({ id }) => id),
  );
  const twice = [...bySub].filter(([, sharing]) => sharing.length > 1).map(([sub]) => sub);
  return new Set([...twice, ...earlier.map((row) => row.sub)]);
}

async function upsert(statements: Statements, users: readonly ManagedUser[]): Promise<void> {
  // Whoever has the sub under another key is the same user by another id of the source.
  await doAmong(
    statements,
    "UPDATE managed SET sub = NULL WHERE sub IN",
    users.map(({ sub }) => sub).filter((sub) => sub !== undefined),
  );
  await statements.runMany(
    `INSERT INTO managed (${MANAGED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET sub = excluded.sub, username = excluded.username, origin = excluded.origin,
       attributes = excluded.attributes, member_of = excluded.member_of, is_disabled = excluded.is_disabled, absent_since = excluded.absent_since, unlisted_since = excluded.unlisted_since`,
    users.map((user) => [
      user.key,
      user.sub ?? null,
      user.username,
      user.origin,
      ...leftValues(user),
      user.absentSince ?? null,
      user.unlistedSince ?? null,
    ]),
  );
}

interface SyncUserRecord extends ManagedRecord {
  readonly id: number;
  readonly seq: number | null;
  readonly old_key: string | null;
}

interface SettledRecord {
  readonly sync_user: number;
  readonly change: string;
  readonly state: ReportedChange["state"];
  readonly reason: string | null;
  readonly message: string | null;
}

async function foldPage(
  statements: Statements,
  after: number,
): Promise<{ readonly results: readonly RowResult[]; readonly last: number } | undefined> {
  const users = await statements.all<SyncUserRecord & { readonly sub: string }>(
    `SELECT id, seq, old_key, ${MANAGED} FROM sync_user WHERE id > ? ORDER BY id LIMIT ?`,
    [after, ASKED_TOGETHER],
  );
  const last = users.at(-1)?.id;
  if (last === undefined) return undefined;
  const settled = await statements.all<SettledRecord>(
    "SELECT sync_user, change, state, reason, message FROM change WHERE sync_user > ? AND sync_user <= ? ORDER BY id",
    [after, last],
  );
  const byUser = Map.groupBy(settled, ({ sync_user }) => sync_user);
  const results: RowResult[] = [];
  const kept: ManagedUser[] = [];
  const gone: string[] = [];
  for (const user of users) {
    const changes = byUser.get(user.id) ?? [];
    // Under its old key, until that was taken over.
    const [before] = await statements.all<ManagedRecord>(
      `SELECT ${MANAGED} FROM managed WHERE key IN (?, ?) AND sub = ?`,
      [user.key, user.old_key ?? user.key, user.sub],
    );
    const left = leftAfter(toManaged(user), before === undefined ? undefined : toManaged(before), changes);
    if (left === undefined) gone.push(user.key);
    else kept.push(left);
    if (user.old_key !== null) gone.push(user.old_key);
    if (user.seq !== null) results.push(resultOf(user.seq, user.sub, changes));
  }
  await upsert(statements, kept);
  const keys = new Set(kept.map(({ key }) => key));
  await doAmong(
    statements,
    "DELETE FROM managed WHERE key IN",
    gone.filter((key) => !keys.has(key)),
  );
  return { results, last };
}

function resultOf(seq: number, sub: string, changes: readonly SettledRecord[]): RowResult {
  const count = (state: ReportedChange["state"]): number =>
    changes.filter((each) => each.state === state).length;
  const failure = changes.find(({ state }) => state === "failed");
  return {
    seq,
    sub,
    done: count("done"),
    failed: count("failed"),
    withheld: count("withheld") + count("pending"),
    reason: failure?.reason ?? undefined,
    message: failure?.message ?? undefined,
  };
}

/** How a user is left when some of its changes were done and others not; undefined for one who was deleted. */
function leftAfter(
  planned: ManagedUser,
  before: ManagedUser | undefined,
  changes: readonly SettledRecord[],
): ManagedUser | undefined {
  const known = changes.map(({ change, state }) => ({
    change: JSON.parse(change) as Change,
    isDone: state === "done",
  }));
  if (known.some(({ change, isDone }) => change.kind === "delete" && isDone)) return undefined;
  const undone = known.filter(({ isDone }) => !isDone).map(({ change }) => change);
  if (undone.length === 0) return planned;
  const isLocking = undone.some(({ kind }) => kind === "disable" || kind === "enable");
  const attributes = new Map(planned.attributes);
  const earlier = new Map(before?.attributes);
  for (const name of undone.flatMap(namesOf)) {
    const value = earlier.get(name);
    if (value === undefined) attributes.delete(name);
    else attributes.set(name, value);
  }
  const groups = new Set(planned.groups);
  for (const change of undone) {
    if (change.kind === "add-to-group" && before?.groups.includes(change.group) !== true)
      groups.delete(change.group);
    if (change.kind === "remove-from-group" && before?.groups.includes(change.group) === true)
      groups.add(change.group);
  }
  return {
    ...planned,
    attributes: [...attributes].toSorted(([one], [other]) => (one < other ? -1 : 1)),
    groups: [...groups].toSorted(),
    isDisabled: isLocking ? (before?.isDisabled ?? false) : planned.isDisabled,
    absentSince: isLocking ? before?.absentSince : planned.absentSince,
  };
}

function namesOf(change: Change): readonly string[] {
  if (change.kind === "set-attributes") return change.attributes.map(([name]) => name);
  return change.kind === "delete-attributes" ? change.names : [];
}
