import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuRatio, peakOf, wallRatio } from "../aims.ts";
import { BIN, countsOf, ENVIRONMENT, setQuotas, startLocalPool, type LocalPool } from "../local-pool.ts";
import { measure, type Measurement } from "../measure.ts";
import { writePeople } from "../people.ts";
import type { Row, Setting, Trial } from "../row.ts";

const LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/import-log";
const PAGE_USERS = 60;
const MOST_USERS = 100_000;

/** Far above what one client can ask for. */
const NO_RATE = 100_000;

/** ListUsers a second: what Cognito allows when nothing else was agreed, and what a sync with all of it asks for. */
const DOCUMENTED_RPS = 30;

/** A sync in which nothing has changed, as fast as the pool can be listed. */
export const syncQuiet: Row = {
  name: "sync",
  work: "poolferry sync without changes, 100,000 users",
  reference: "the pages of ListUsers alone",
  aims: [wallRatio(1.1), cpuRatio(), peakOf()],
  seconds: (size, rounds) => ({ small: 6, medium: 40 + 15 * rounds, full: 40 + 15 * rounds })[size],
  prepare: (setting) => prepare(setting, NO_RATE, syncWithoutChange),
};

/** The same at the rate that Cognito allows. */
export const syncQuietPaced: Row = {
  name: "sync-paced",
  work: `the same at Cognito's ${DOCUMENTED_RPS} ListUsers a second`,
  reference: "the pages of ListUsers alone, so many a second",
  aims: [wallRatio(1.1)],
  seconds: (size, rounds) => ({ small: 8, medium: 40 + 120 * rounds, full: 40 + 120 * rounds })[size],
  prepare: (setting) => prepare(setting, DOCUMENTED_RPS, syncWithoutChange),
};

/** A sync in which one user has changed. */
export const syncOneChange: Row = {
  name: "sync-one-change",
  work: "poolferry sync, one user of 100,000 changed",
  reference: "the pages of ListUsers alone",
  aims: [wallRatio(), cpuRatio(), peakOf()],
  seconds: (size, rounds) => ({ small: 6, medium: 40 + 15 * rounds, full: 40 + 15 * rounds })[size],
  prepare: (setting) => prepare(setting, NO_RATE, syncWithOneChange),
};

/** The pool, its source and the folder of everything. */
interface Synced {
  readonly pool: LocalPool;
  readonly folder: string;
  readonly users: number;
  /** Counted up with every change, so that each is another one. */
  changed: number;
}

/** Syncs everybody once, into an empty pool. */
async function prepare(
  setting: Setting,
  listRps: number,
  work: (synced: Synced) => Promise<Measurement>,
): Promise<Trial> {
  const users = Math.min(setting.users, MOST_USERS);
  const pool = await startLocalPool();
  const synced: Synced = { pool, folder: setting.folder, users, changed: 0 };
  try {
    await setListRate(pool, NO_RATE);
    writePeople(join(setting.folder, "people.ndjson"), users);
    const { counts } = await sync(synced);
    require(counts["created"] === users, "the first sync did not make everybody");
    await setListRate(pool, listRps);
  } catch (error) {
    pool[Symbol.dispose]();
    throw error;
  }
  return {
    input: `${users.toLocaleString("en")} users`,
    work: () => work(synced),
    reference: () => listAlone(synced, listRps),
    [Symbol.asyncDispose]: async () => pool[Symbol.dispose](),
  };
}

async function setListRate(pool: LocalPool, rps: number): Promise<void> {
  const others = ["UserCreation", "UserUpdate", "UserRead", "UserResourceRead", "UserResourceUpdate"];
  const free = Object.fromEntries(others.map((name) => [name, NO_RATE]));
  await setQuotas(pool, { ...free, UserList: rps });
}

async function listAlone({ pool, users }: Synced, rps: number): Promise<Measurement> {
  const script = fileURLToPath(new URL("../list-users.ts", import.meta.url));
  const run = await measure(process.execPath, [script, pool.url, pool.userPoolId, String(rps)], ENVIRONMENT);
  require(run.exitCode === 0, run.stderr);
  const listed = JSON.parse(run.stdout) as { readonly users: number };
  require(listed.users === users, `${listed.users} users were listed of ${users}`);
  return run;
}

async function syncWithoutChange(synced: Synced): Promise<Measurement> {
  const run = await sync(synced);
  requireFewRequests(run, synced.users, []);
  return run;
}

async function syncWithOneChange(synced: Synced): Promise<Measurement> {
  synced.changed += 1;
  writePeople(join(synced.folder, "people.ndjson"), synced.users, synced.changed);
  const run = await sync(synced);
  // The one of the round before has its first name again.
  requireFewRequests(run, synced.users, [`${Math.min(synced.changed, 2)} AdminUpdateUserAttributes`]);
  return run;
}

interface SyncRun extends Measurement {
  readonly counts: Readonly<Record<string, number>>;
  /** How often each operation was asked for. */
  readonly requests: Readonly<Record<string, number>>;
}

async function sync({ pool, folder }: Synced): Promise<SyncRun> {
  const config = join(folder, "ferry.yaml");
  const content = {
    source: { type: "ndjson", path: "people.ndjson" },
    userPool: { id: pool.userPoolId, endpointUrl: pool.url },
    importJob: { logsRoleArn: LOGS_ROLE_ARN },
    limits: { quotaShare: 1 },
    mapping: { sourceId: "id", groups: "teams", disabled: "disabled" },
    sync: { dir: "sync" },
  };
  writeFileSync(config, JSON.stringify(content));
  const before = await countsOf(pool);
  const run = await measure(process.execPath, [BIN, "sync", "--config", config, "--json"], ENVIRONMENT);
  require(run.exitCode === 0, run.stdout + run.stderr.slice(-2_000));
  const requests = Object.fromEntries(
    Object.entries(await countsOf(pool))
      .map(([name, count]) => [name, count.requests - (before[name]?.requests ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  const { counts } = JSON.parse(run.stdout) as Pick<SyncRun, "counts">;
  return { ...run, counts, requests };
}

const READS = new Set([
  "DescribeUserPool",
  "GetCSVHeader",
  "GetProvisionedLimit",
  "ListUsers",
  "ListUsersInGroup",
]);

function requireFewRequests({ requests }: SyncRun, users: number, writes: readonly string[]): void {
  const lists = requests["ListUsers"] ?? 0;
  require(lists <= Math.ceil(users / PAGE_USERS), `${lists} ListUsers for ${users} users`);
  const written = Object.entries(requests)
    .filter(([name]) => !READS.has(name))
    .map(([name, count]) => `${count} ${name}`);
  require(written.join() === writes.join(), `it wrote ${written.join()}`);
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}
