import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { extrasOf, withAttributes, type User } from "../../emulator/state/user.ts";
import { FerryError } from "../../src/core/ferry-error.ts";
import { sync } from "../../src/run/sync.ts";
import type { SyncSummary } from "../../src/run/sync-summary.ts";
import type { StatedSyncPolicies } from "../../src/sync/sync-policies.ts";
import { finish, startCli } from "./cli.ts";
import type { TestPostgres } from "./postgres.ts";
import type { Call, Emulator, Fault, Hooks } from "./emulator.ts";
import { settle } from "./filled-pool.ts";
import { aFolder } from "./files.ts";
import { clockShift, realNow } from "./shift-clock.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "./target.ts";

/** A row of the source of the sync model; what is undefined is not written. */
export interface Row {
  readonly id: string;
  readonly username: string;
  readonly email?: string | undefined;
  readonly email_verified: boolean;
  readonly name: string;
  readonly nickname?: string | undefined;
  readonly teams: readonly string[];
  readonly disabled: boolean;
  /** The source counts the user as deleted. */
  readonly deleted: boolean;
  /** Grows with every change, and so stands for the time of it. */
  readonly version: string;
  /** A row of which nothing can be read. */
  readonly unreadable?: true;
}

/** A user of the pool as it lies there. */
export interface Inmate {
  readonly username: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly groups: readonly string[];
  readonly modifiedMs: number;
}

/** The pool, by subs. */
export type PoolState = ReadonlyMap<string, Inmate>;

/** What troubles one sync. */
export type Trouble =
  | { readonly kind: "none" }
  /** Some requests of an operation go wrong. */
  | {
      readonly kind: "fault";
      readonly operation: string;
      readonly from: number;
      readonly count: number;
      readonly moment: "before-effect" | "after-effect";
      readonly fault: Fault;
    }
  /** The signal is aborted at a request. */
  | { readonly kind: "interrupt"; readonly request: number; readonly moment: keyof Hooks }
  /** The command is killed at a request, before or after its effect. */
  | { readonly kind: "kill-at-request"; readonly request: number; readonly moment: keyof Hooks }
  /** The command is killed at a write of the store or the ledger. */
  | { readonly kind: "kill-at-write"; readonly write: number; readonly side: "before" | "after" }
  /** The source breaks off behind some rows. */
  | { readonly kind: "source-breaks"; readonly after: number };

/** How a sync is called. */
export type Mode =
  | { readonly kind: "plain" | "dry" | "full" }
  | { readonly kind: "approve"; readonly ceiling: number };

/** What came of a sync: what it told, or why it told nothing. `killed` of one that did not end by itself. */
export type Ended = { readonly summary: SyncSummary } | { readonly code: string } | { readonly killed: true };

/** A sync as seen from outside. */
export interface Observed {
  readonly before: PoolState;
  readonly after: PoolState;
  readonly ended: Ended;
  /** Operations that change something, and how often they were called. */
  readonly writes: Readonly<Record<string, number>>;
}

/** What a world is, all its time. */
export interface Nature {
  readonly isIncremental: boolean;
  /** What becomes of disabled users who are not in the pool. */
  readonly disabled: "disable" | "skip";
}

const MODULE = (isIncremental: boolean): string => `import { readFileSync } from "node:fs";
export default async function* ({ after }) {
  const { rows, breaksAfter } = JSON.parse(readFileSync(new URL("rows.json", import.meta.url), "utf8"));
  let given = 0;
  for (const row of rows) {
    if (after !== undefined && row.version <= after) continue;
    if (given === breaksAfter) throw new Error("the connection is lost");
    given += 1;
    yield row.unreadable === true ? { id: () => row.id } : row;
  }
}
${isIncremental ? "export const cursor = ({ version }) => version;\n" : ""}`;

const MAPPING = {
  sourceId: "id",
  username: "username",
  disabled: "disabled",
  deleted: "deleted",
  groups: "teams",
  attributes: { email: "email", email_verified: "email_verified", name: "name", nickname: "nickname" },
} as const;

const READS = /^(Describe|Get|List|Filter)/;

const SHIFT_CLOCK = new URL("shift-clock.ts", import.meta.url).href;
const KILLER = new URL("kill-at-write.ts", import.meta.url).href;

/** A source, a pool and the sync between them, and hands that change all three. */
export class World {
  readonly nature: Nature;
  readonly target: Target;
  policies: StatedSyncPolicies;
  /** By the slots of the people; a slot can have more than one row. */
  readonly slots = new Map<number, readonly Row[]>();
  readonly #folder: string;
  readonly #reaction: Reaction;
  readonly #database: TestPostgres | undefined;
  #computer = 0;
  #version = 0;
  #strangers = 0;
  #shiftMs = 0;

  private constructor(nature: Nature, policies: StatedSyncPolicies, made: Made) {
    this.nature = nature;
    this.policies = policies;
    this.target = made.target;
    this.#reaction = made.reaction;
    this.#database = made.database;
    this.#folder = aFolder();
    writeFileSync(join(this.#folder, "people.mjs"), MODULE(nature.isIncremental));
  }

  /** A world that ends with {@link end}; its time is the computer's, until it is told to {@link wait}. */
  static async of(nature: Nature, policies: StatedSyncPolicies, database?: TestPostgres): Promise<World> {
    const reaction = new Reaction();
    const target = await aTarget(
      {},
      {
        quotas: "off",
        clock: realNow,
        // So that a list of few users has several pages.
        rules: { usersSearchedInPage: 3 },
        hooks: {
          beforeEffect: (call) => reaction.meet(call, "beforeEffect"),
          afterEffect: (call) => reaction.meet(call, "afterEffect"),
        },
      },
    );
    return new World(nature, policies, { target, reaction, database });
  }

  async end(): Promise<void> {
    await this.target.emulator.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The folder of the sync, on the computer whose turn it is. */
  get #syncDir(): string {
    return join(this.#folder, String(this.#computer), "sync");
  }

  /** Has what was killed look as if it had been silent for a minute. */
  async #silence(): Promise<void> {
    if (this.#database === undefined) return;
    const { userPoolId } = this.target;
    const slug = userPoolId.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
    const places = await this.#database.runWith(
      `SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'poolferry_sync_' || $1 || '_%'`,
      [slug],
    );
    for (const { name } of places) {
      const [fact] = await this.#database.run(
        `SELECT value FROM ${String(name)}.sync_fact WHERE key = 'ledgers'`,
      );
      const ids = JSON.parse((fact?.["value"] as string | undefined) ?? "[]") as string[];
      const runs = ids.map((id) => `poolferry_run_${id.replaceAll("-", "_")}`);
      for (const place of [String(name), ...runs])
        await this.#database
          .run(`UPDATE ${place}.worker SET seen_at = clock_timestamp() - interval '1 minute'`)
          // It was killed before that was made.
          .catch(() => undefined);
    }
  }

  get now(): number {
    return realNow() + this.#shiftMs;
  }

  /** Rows in the order of the source. */
  get rows(): readonly Row[] {
    const rows = [...this.slots.values()].flat();
    return this.nature.isIncremental
      ? rows.toSorted((one, other) => (one.version < other.version ? -1 : 1))
      : rows;
  }

  /** Puts the rows of a slot. */
  put(slot: number, ...rows: readonly Omit<Row, "version">[]): void {
    this.slots.set(
      slot,
      rows.map((row) => {
        this.#version += 1;
        return { ...row, version: String(this.#version).padStart(6, "0") };
      }),
    );
  }

  /** Puts one more row into a slot, and leaves the others as they are. */
  add(slot: number, row: Omit<Row, "version">): void {
    const others = this.slots.get(slot) ?? [];
    this.put(slot, row);
    this.slots.set(slot, [...others, ...(this.slots.get(slot) ?? [])]);
  }

  /** Time goes by. */
  wait(hours: number): void {
    this.#shiftMs += hours * 3_600_000;
  }

  get pool(): PoolState {
    return new Map([...this.#users].map((user) => [user.sub, inmateOf(user)]));
  }

  get messages(): number {
    return this.target.emulator.control.outbox.length;
  }

  /** A user comes into the pool, and not by the sync; nothing where the name is taken. */
  addStranger(username: string): void {
    if (this.#users.byUsername(username) !== undefined) return;
    this.#strangers += 1;
    settle(this.target, {
      username,
      sub: `stranger-${this.#strangers}`,
      attributes: { email: `${username}@stranger.example`, email_verified: "true", name: "Stranger" },
      groups: this.#strangers % 2 === 0 ? ["red"] : [],
    });
  }

  /** Somebody changes a user in the pool; returns its sub, undefined where there is none. */
  hand(username: string, what: HandWork): string | undefined {
    const user = this.#users.byUsername(username);
    if (user === undefined) return undefined;
    switch (what.kind) {
      case "set":
        this.#users.change(user, withAttributes(user.attributes, [what.name, what.value]), user.aliases);
        break;
      case "disable":
      case "enable":
        user.enabled = what.kind === "enable";
        break;
      case "delete":
        this.#users.remove(user);
        break;
      case "join":
      case "leave":
        this.#member(user, what.group, what.kind === "join");
        break;
    }
    user.modifiedMs = realNow();
    return user.sub;
  }

  #member(user: User, name: string, isMember: boolean): void {
    const groups = this.target.emulator.state.pools.get(this.target.userPoolId)?.groups;
    const group = groups?.get(name);
    if (group === undefined) return;
    if (isMember) {
      group.members.add(user);
      extrasOf(user).groups.add(group);
    } else {
      group.members.delete(user);
      extrasOf(user).groups.delete(group);
    }
  }

  get #users() {
    const pool = this.target.emulator.state.pools.get(this.target.userPoolId);
    if (pool === undefined) throw new Error("the pool is gone");
    return pool.users;
  }

  /** One sync, troubled or not. */
  async sync(mode: Mode, trouble: Trouble): Promise<Observed> {
    const { emulator } = this.target;
    const counts = new Map(emulator.requestCounts);
    const before = this.pool;
    const breaksAfter = trouble.kind === "source-breaks" ? trouble.after : undefined;
    writeFileSync(
      join(this.#folder, "rows.json"),
      JSON.stringify({ rows: withAllKeys(this.rows), breaksAfter }),
    );
    if (trouble.kind === "fault") {
      const from = (emulator.requestCounts.get(trouble.operation) ?? 0) + trouble.from;
      emulator.control.planFault({ ...trouble, from });
    }
    const isKilled = trouble.kind === "kill-at-request" || trouble.kind === "kill-at-write";
    // Where the ledger is in a database, each sync is another computer's.
    this.#computer = this.#database === undefined ? 0 : (this.#computer + 1) % 2;
    const ended = isKilled
      ? await this.#inChild(mode, trouble)
      : await clockShift.run({ shiftMs: this.#shiftMs }, () => this.#inProcess(mode, trouble));
    this.#reaction.clear();
    emulator.control.clearFaults();
    await this.#untilJobsEnd();
    return { before, after: this.pool, ended, writes: writesSince(emulator, counts) };
  }

  /** An import job that was started goes on without the sync. */
  async #untilJobsEnd(): Promise<void> {
    const jobs = this.target.emulator.state.pools.get(this.target.userPoolId)?.jobs;
    const isActive = (status: string): boolean => ["Pending", "InProgress", "Stopping"].includes(status);
    while ([...(jobs?.values() ?? [])].some(({ status }) => isActive(status))) await delay(5);
  }

  async #inProcess(mode: Mode, trouble: Trouble): Promise<Ended> {
    const interruption = new AbortController();
    if (trouble.kind === "interrupt")
      this.#reaction.plan(trouble.request, trouble.moment, () => interruption.abort());
    try {
      const summary = await sync({
        source: { type: "module", path: join(this.#folder, "people.mjs") },
        userPoolId: this.target.userPoolId,
        endpointUrl: this.target.emulator.url,
        logsRoleArn: LOGS_ROLE_ARN,
        syncDir: this.#syncDir,
        ...(this.#database === undefined
          ? {}
          : { ledger: "postgres:LEDGER_URL", environment: { LEDGER_URL: this.#database.url } }),
        mapping: MAPPING,
        sync: this.policies,
        policies: { disabled: this.nature.disabled },
        quotaShare: 1,
        maxUnreadableShare: 1,
        signal: interruption.signal,
        isDryRun: mode.kind === "dry",
        isFull: mode.kind === "full",
        ...(mode.kind === "approve" ? { approved: mode.ceiling, cause: "approval" } : {}),
      });
      return { summary };
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      return { code: error.code };
    }
  }

  async #inChild(mode: Mode, trouble: Trouble): Promise<Ended> {
    const config = join(this.#folder, "ferry.json");
    mkdirSync(this.#syncDir, { recursive: true });
    writeFileSync(
      config,
      JSON.stringify({
        source: { type: "module", path: "people.mjs" },
        userPool: { id: this.target.userPoolId, endpointUrl: this.target.emulator.url },
        importJob: { logsRoleArn: LOGS_ROLE_ARN },
        mapping: MAPPING,
        sync: { ...this.policies, dir: this.#syncDir },
        ...(this.#database === undefined ? {} : { ledger: "postgres:LEDGER_URL" }),
        policies: { disabled: this.nature.disabled },
        limits: { quotaShare: 1, unreadableRows: 1 },
      }),
    );
    const flags = {
      plain: [],
      dry: ["--dry-run"],
      full: ["--full"],
      approve: ["--max-deletions", mode.kind === "approve" ? String(mode.ceiling) : ""],
    }[mode.kind];
    const child = startCli(
      ["sync", ...(mode.kind === "approve" ? ["approve"] : []), "--config", config, "--json", ...flags],
      {
        env: {
          NODE_OPTIONS: `--import=${SHIFT_CLOCK} --import=${KILLER}`,
          SHIFT_CLOCK_MS: String(this.#shiftMs),
          ...(this.#database === undefined ? {} : { LEDGER_URL: this.#database.url }),
          ...(trouble.kind === "kill-at-write"
            ? { KILL_AT_WRITE: String(trouble.write), KILL_AT_SIDE: trouble.side }
            : {}),
        },
      },
    );
    if (trouble.kind === "kill-at-request")
      this.#reaction.plan(trouble.request, trouble.moment, () => {
        child.kill("SIGKILL");
        return { kind: "drop" };
      });
    const { signal, stdout, stderr } = await finish(child);
    if (signal !== null) {
      await this.#silence();
      return { killed: true };
    }
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (last === "") throw new Error(`the command said nothing: ${stderr}`);
    const said = JSON.parse(last) as SyncSummary & { readonly error?: { readonly code: string } };
    return said.error === undefined ? { summary: said } : { code: said.error.code };
  }
}

/** The oldest row names every key, so that no rule of the mapping looks wrong; those behind a cursor need not. */
function withAllKeys(rows: readonly Row[]): readonly object[] {
  const first = rows.findIndex(({ unreadable }) => unreadable !== true);
  return rows.map((row, index) =>
    index === first ? { ...row, email: row.email ?? null, nickname: row.nickname ?? null } : row,
  );
}

interface Made {
  readonly target: Target;
  readonly reaction: Reaction;
  readonly database: TestPostgres | undefined;
}

/** What somebody does to a user by hand. */
export type HandWork =
  | { readonly kind: "set"; readonly name: string; readonly value: string }
  | { readonly kind: "disable" | "enable" | "delete" }
  | { readonly kind: "join" | "leave"; readonly group: string };

/** Does something at the N-th request from now. */
class Reaction {
  #planned: { left: number; readonly moment: keyof Hooks; readonly react: () => Fault | void } | undefined;

  plan(request: number, moment: keyof Hooks, react: () => Fault | void): void {
    this.#planned = { left: request, moment, react };
  }

  clear(): void {
    this.#planned = undefined;
  }

  meet(_call: Call, moment: keyof Hooks): Fault | void {
    if (this.#planned?.moment !== moment) return;
    this.#planned.left -= 1;
    if (this.#planned.left === 0) return this.#planned.react();
  }
}

function writesSince(
  emulator: Emulator,
  counts: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...emulator.requestCounts]
      .map(([operation, count]) => [operation, count - (counts.get(operation) ?? 0)] as const)
      .filter(([operation, count]) => count > 0 && !READS.test(operation)),
  );
}

function inmateOf(user: User): Inmate {
  const attributes: Record<string, string> = {};
  for (let index = 0; index < user.attributes.length; index += 2)
    attributes[String(user.attributes[index])] = String(user.attributes[index + 1]);
  return {
    username: user.username,
    attributes,
    enabled: user.enabled,
    groups: [...(user.extras?.groups ?? [])].map(({ name }) => name).toSorted(),
    modifiedMs: user.modifiedMs,
  };
}
