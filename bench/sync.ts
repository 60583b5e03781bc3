// Measures `poolferry sync` as a process of its own against a local Cognito in another one: the first sync, which makes
// all users, one that takes over users who are there, one without changes, and one in which one user changed. Beside the
// last two stands the mere list of the pool, without a rate and at the rate that Cognito allows. Fails unless the
// requests are as few as they should be. docs/performance.md says what the figures mean.
//
//   npm run bench:sync -- [--users 20000,100000] [--rps 24]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BIN, countsOf, ENVIRONMENT, setQuotas, startLocalPool } from "./local-pool.ts";
import { measure, type Measurement } from "./measure.ts";
import { writePeople } from "./people.ts";

const LOGS_ROLE_ARN = "arn:aws:iam::123456789012:role/import-log";
const PAGE_USERS = 60;

/** Far above what one client can ask for. */
const NO_RATE = 100_000;

const { values: flags } = parseArgs({
  options: {
    users: { type: "string", default: "20000,100000" },
    rps: { type: "string", default: "24" },
  },
});

interface Summary {
  readonly counts: Readonly<Record<string, number>>;
}

/** The pool, its source and the folder of everything. */
interface Bench {
  readonly url: string;
  readonly userPoolId: string;
  readonly folder: string;
  readonly users: number;
}

async function requestsOf(bench: Bench): Promise<ReadonlyMap<string, number>> {
  return new Map(Object.entries(await countsOf(bench)).map(([name, { requests }]) => [name, requests]));
}

async function setUserListRate(bench: Bench, rps: number): Promise<void> {
  const categories = Object.fromEntries(
    ["UserCreation", "UserUpdate", "UserRead", "UserResourceRead", "UserResourceUpdate", "UserList"].map(
      (name) => [name, NO_RATE],
    ),
  );
  await setQuotas(bench, { ...categories, UserList: rps });
}

function require(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what);
}

function say(what: string, run: Measurement, users: number): void {
  const { seconds, cpuSeconds = 0, peakMegabytes = 0 } = run;
  const columns = [
    what.padEnd(34),
    `${seconds.toFixed(1)} s`.padStart(9),
    `${cpuSeconds.toFixed(1)} s CPU`.padStart(12),
    `${Math.round(users / seconds).toLocaleString("en")}/s`.padStart(11),
    `${peakMegabytes.toFixed(0)} MB`.padStart(8),
  ];
  console.log(columns.join(" "));
}

interface Synced extends Measurement {
  readonly counts: Summary["counts"];
  /** Requests by operation. */
  readonly requests: Readonly<Record<string, number>>;
}

async function sync(bench: Bench, syncDir: string, more: object = {}): Promise<Synced> {
  const { url, userPoolId, folder } = bench;
  const config = join(folder, "ferry.yaml");
  const content = {
    source: { type: "ndjson", path: "people.ndjson" },
    userPool: { id: userPoolId, endpointUrl: url },
    importJob: { logsRoleArn: LOGS_ROLE_ARN },
    limits: { quotaShare: 1 },
    mapping: { sourceId: "id", groups: "teams", disabled: "disabled" },
    sync: { dir: syncDir, ...more },
  };
  writeFileSync(config, JSON.stringify(content));
  const before = await requestsOf(bench);
  const run = await measure(process.execPath, [BIN, "sync", "--config", config, "--json"], ENVIRONMENT);
  require(run.exitCode === 0, run.stdout + run.stderr.slice(-2_000));
  const requests = Object.fromEntries(
    [...(await requestsOf(bench))]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
  const { counts } = JSON.parse(run.stdout) as Summary;
  return { ...run, counts, requests };
}

async function listBare({ url, userPoolId }: Bench, rps?: number): Promise<Measurement> {
  const script = fileURLToPath(new URL("list-users.ts", import.meta.url));
  const paced = rps === undefined ? [] : [String(rps)];
  const run = await measure(process.execPath, [script, url, userPoolId, ...paced], ENVIRONMENT);
  require(run.exitCode === 0, run.stderr);
  return run;
}

const READS = new Set([
  "DescribeUserPool",
  "GetCSVHeader",
  "GetProvisionedLimit",
  "ListUsers",
  "ListUsersInGroup",
]);

function writesOf({ requests }: Synced): readonly string[] {
  return Object.entries(requests)
    .filter(([name]) => !READS.has(name))
    .map(([name, count]) => `${count} ${name}`);
}

function requireFewRequests(synced: Synced, users: number, writes: readonly string[]): void {
  const lists = synced.requests["ListUsers"] ?? 0;
  require(lists <= Math.ceil(users / PAGE_USERS), `${lists} ListUsers for ${users} users`);
  require(writesOf(synced).join() === writes.join(), `it wrote ${writesOf(synced).join()}`);
}

function compare(what: string, run: Measurement, bare: Measurement, users: number): void {
  say(what, run, users);
  console.log(`  of the bare list: ${(run.seconds / bare.seconds).toFixed(2)} times its wall time`);
}

async function benchOne(bench: Bench): Promise<readonly Measurement[]> {
  const { folder, users } = bench;
  console.log(`\n${users.toLocaleString("en")} users`);
  const source = join(folder, "people.ndjson");
  await setUserListRate(bench, NO_RATE);
  writePeople(source, users);
  const made = await sync(bench, "made");
  require(made.counts["created"] === users, "the first sync did not make everybody");
  say("first sync, everybody is made", made, users);
  const adopted = await sync(bench, "adopted", { adopt: "matching" });
  require(adopted.counts["adopted"] === users, "not everybody was adopted");
  requireFewRequests(adopted, users, []);
  say("first sync, everybody is adopted", adopted, users);
  const bare = await listBare(bench);
  say("the bare list", bare, users);
  const quiet = await sync(bench, "made");
  requireFewRequests(quiet, users, []);
  compare("a sync without changes", quiet, bare, users);
  writePeople(source, users, Math.ceil(users / 2));
  const changed = await sync(bench, "made");
  requireFewRequests(changed, users, ["1 AdminUpdateUserAttributes"]);
  compare("a sync with one change", changed, bare, users);
  const rps = Number(flags.rps);
  if (rps > 0) {
    await setUserListRate(bench, rps);
    const pacedBare = await listBare(bench, rps);
    say(`the bare list, ${rps} pages a second`, pacedBare, users);
    compare("a sync without changes at that rate", await sync(bench, "made"), pacedBare, users);
  }
  return [made, adopted, quiet];
}

const peaks: number[] = [];
for (const users of flags.users.split(",").map(Number)) {
  const folder = mkdtempSync(join(tmpdir(), "poolferry-bench-"));
  try {
    using pool = await startLocalPool();
    const runs = await benchOne({ ...pool, folder, users });
    peaks.push(Math.max(...runs.map(({ peakMegabytes = 0 }) => peakMegabytes)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
const [smallest, largest] = [peaks[0] ?? 0, peaks.at(-1) ?? 0];
if (peaks.length > 1)
  console.log(`\npeak memory of the largest over the smallest: ${(largest / smallest).toFixed(2)} times`);
