import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { finish, jsonOf, runCli, startCli, type CommandResult, type JsonResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members, type Member } from "../support/member-file.ts";
import { PASSWORD, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aStillProxy } from "../support/still-proxy.ts";
import { aTarget, type Target } from "../support/target.ts";

let database: TestPostgres;
beforeAll(async () => {
  database = await startPostgres();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.run("DROP TABLE IF EXISTS poolferry.request_rate"));

/** What the emulator lets through in each second of creations, and of changes. */
const RPS = 400;
const QUOTAS = { quotas: { categories: { UserCreation: RPS, UserUpdate: RPS }, burstSeconds: 1 } } as const;

const OPERATIONS = ["AdminCreateUser", "AdminDisableUser", "AdminAddUserToGroup"] as const;

const inDatabase = (args: readonly string[]): Promise<CommandResult> =>
  runCli(args, { env: { LEDGER_URL: database.url } });

interface Planned {
  readonly runId: string;
  readonly runDir: string;
}

/** Plans members into the database. */
async function planned(target: Target, list: readonly Member[]): Promise<Planned> {
  const args = [
    "plan",
    "--config",
    aMemberConfig(list),
    ...target.flags,
    "--run-dir",
    join(aFolder(), "run"),
  ];
  return jsonOf(await inDatabase([...args, "--ledger", "postgres:LEDGER_URL", "--json"]));
}

interface Worker {
  readonly runDir: string;
  readonly end: Promise<CommandResult>;
  kill(signal: NodeJS.Signals): void;
}

/** A process that joins a run in a folder of its own. */
function startWorker({ runId }: Planned, databaseUrl = database.url): Worker {
  const runDir = join(aFolder(), "worker");
  const args = ["apply", "--ledger", "postgres:LEDGER_URL", "--run-id", runId, "--run-dir", runDir, "--json"];
  const child = startCli(args, { env: { LEDGER_URL: databaseUrl } });
  onTestFinished(() => void child.kill("SIGKILL"));
  return { runDir, end: finish(child, 100_000), kill: (signal) => void child.kill(signal) };
}

async function summaryOf(worker: Worker): Promise<JsonResult> {
  const result = await worker.end;
  expect(result.exitCode, result.stderr).toBe(0);
  return jsonOf(result);
}

/** How many users of the pool there are, as soon as there are so many. */
async function usersReach({ emulator, userPoolId }: Target, count: number): Promise<void> {
  const pool = emulator.state.pools.get(userPoolId);
  await expect.poll(() => [...(pool?.users ?? [])].length, { timeout: 60_000 }).toBeGreaterThanOrEqual(count);
}

/** How many users of a run each worker has taken. */
async function shares({ runId }: Planned): Promise<readonly number[]> {
  const schema = `poolferry_run_${runId.replaceAll("-", "_")}`;
  const rows = await database.run(
    `SELECT count(*)::int AS count FROM ${schema}.users WHERE taken_by IS NOT NULL GROUP BY taken_by`,
  );
  return rows.map(({ count }) => Number(count));
}

/** Why requests of an operation were refused, and how many. */
const refusals = ({ emulator }: Target, operation: string): Readonly<Record<string, number>> =>
  emulator.control.stats().operations[operation]?.refused ?? {};

const everyThirdDisabled = (count: number) =>
  members(count, (number) => ({ teams: ["crew"], disabled: number % 3 === 0 }));

test(
  "three workers share a run under one quota: everybody comes once, and nothing is refused",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget({}, QUOTAS);
    const plan = await planned(target, everyThirdDisabled(1_800));
    const workers = [startWorker(plan), startWorker(plan), startWorker(plan)];
    const summaries = await Promise.all(workers.map(summaryOf));
    for (const summary of summaries) {
      expect(summary).toMatchObject({ state: "done", outcomes: { imported: 1_800, failed: 0, skipped: 0 } });
      expect(summary.followUps).toMatchObject({
        disable: { planned: 600, done: 600, failed: 0 },
        "add-to-group": { planned: 1_800, done: 1_800, failed: 0 },
      });
    }
    expect(target.users()).toHaveLength(1_800);
    const counts = target.emulator.requestCounts;
    expect(OPERATIONS.map((operation) => counts.get(operation))).toEqual([1_800, 600, 1_800]);
    for (const operation of OPERATIONS) expect(refusals(target, operation)).toEqual({});
    const taken = await shares(plan);
    expect(taken).toHaveLength(3);
    for (const count of taken) expect(count).toBeGreaterThan(200);
    // Each has the reports in its own folder.
    for (const { runDir } of workers) {
      const map = readFileSync(join(runDir, "identity-map.csv"), "utf8");
      expect(map.trim().split("\n")).toHaveLength(1_801);
    }
  },
);

test(
  "a worker that is killed loses nothing: the others settle everybody, each once",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget({}, QUOTAS);
    const plan = await planned(target, everyThirdDisabled(1_800));
    const workers = [startWorker(plan), startWorker(plan), startWorker(plan)];
    await usersReach(target, 700);
    workers[0]?.kill("SIGKILL");
    await workers[0]?.end;
    const summaries = await Promise.all(workers.slice(1).map(summaryOf));
    for (const summary of summaries) {
      expect(summary).toMatchObject({ state: "done", outcomes: { imported: 1_800, failed: 0, skipped: 0 } });
      expect(summary.followUps).toMatchObject({
        disable: { done: 600, failed: 0 },
        "add-to-group": { done: 1_800, failed: 0 },
      });
    }
    expect(target.users()).toHaveLength(1_800);
    // Whom the killed one had in its hands is looked for one by one.
    expect(target.emulator.requestCounts.get("ListUsers") ?? 0).toBeLessThan(60);
    // Neither too many, nor anybody who was there already.
    for (const operation of OPERATIONS) expect(refusals(target, operation)).toEqual({});
  },
);

test(
  "a worker that begins alone also sees to the users of one that comes later and is killed",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget(
      {},
      { quotas: { categories: { UserCreation: 125, UserUpdate: 125 }, burstSeconds: 1 } },
    );
    const plan = await planned(target, members(1_200));
    const one = startWorker(plan);
    await usersReach(target, 150);
    const other = startWorker(plan);
    await expect.poll(() => shares(plan), { timeout: 60_000 }).toHaveLength(2);
    other.kill("SIGKILL");
    await other.end;
    expect(await summaryOf(one)).toMatchObject({ state: "done", outcomes: { imported: 1_200, skipped: 0 } });
    expect(target.users()).toHaveLength(1_200);
  },
);

test("a worker that is stopped gives back at once what it had", { timeout: 60_000 }, async () => {
  const target = await aTarget({}, QUOTAS);
  const plan = await planned(target, members(2_000));
  const [one, other] = [startWorker(plan), startWorker(plan)];
  await usersReach(target, 600);
  const status = await inDatabase(["status", "--run-dir", one.runDir]);
  expect(status.stdout).toMatch(/^ {2}workers +2 at work$/m);
  one.kill("SIGTERM");
  const stopped = await one.end;
  expect(stopped.exitCode).toBe(130);
  expect(jsonOf(stopped).error).toMatchObject({
    code: "INTERRUPTED",
    hint: expect.stringContaining(`poolferry resume --run-dir ${one.runDir}`) as string,
  });
  expect(await summaryOf(other)).toMatchObject({ outcomes: { imported: 2_000 } });
  expect(target.users()).toHaveLength(2_000);
  // It can come back, and finds everything done.
  expect(jsonOf(await inDatabase(["resume", "--run-dir", one.runDir, "--json"]))).toMatchObject({
    state: "done",
  });
});

test(
  "a worker whose database stands still, with all connections open, ends before the others take over",
  { timeout: 90_000 },
  async () => {
    const target = await aTarget({}, QUOTAS);
    const plan = await planned(target, members(2_000));
    const way = await aStillProxy(database.port);
    const url = new URL(database.url);
    url.port = String(way.port);
    const [one, other] = [startWorker(plan, url.href), startWorker(plan)];
    await usersReach(target, 500);
    way.standStill();
    const stopped = await one.end;
    expect(stopped.exitCode).toBe(4);
    expect(jsonOf(stopped).error).toMatchObject({
      code: "LEDGER_UNREACHABLE",
      message: expect.stringContaining("its database does not answer") as string,
    });
    expect(await summaryOf(other)).toMatchObject({ outcomes: { imported: 2_000 } });
    expect(target.users()).toHaveLength(2_000);
  },
);

test(
  "the import job of a worker that is killed is seen to its end by another one",
  { timeout: 120_000 },
  async () => {
    const target = await aTarget({}, { quotas: "off", rules: { jobRowDelayMs: 40 } });
    const list = members(300, (number) => ({ email_verified: number % 10 !== 0, teams: ["crew"] }));
    const plan = await planned(target, list);
    const one = startWorker(plan);
    // The trial is over, and the job of the others has begun.
    await usersReach(target, 140);
    const other = startWorker(plan);
    one.kill("SIGKILL");
    await one.end;
    expect(existsSync(join(one.runDir, "parts"))).toBe(true);
    const summary = await summaryOf(other);
    expect(summary).toMatchObject({
      routes: { "import-job": 270, "admin-create": 30 },
      outcomes: { imported: 300, failed: 0, skipped: 0 },
      followUps: { "add-to-group": { done: 300, failed: 0 } },
    });
    expect(target.users()).toHaveLength(300);
    expect(target.emulator.requestCounts.get("StartUserImportJob")).toBe(2);
    expect(existsSync(join(other.runDir, "parts"))).toBe(false);
    // What the killed worker had on its disk goes with its next session.
    await inDatabase(["resume", "--run-dir", one.runDir]);
    expect(existsSync(join(one.runDir, "parts"))).toBe(false);
  },
);

test("every command works on a run whose ledger is in PostgreSQL", { timeout: 60_000 }, async () => {
  const target = await aTarget({}, { quotas: "off" });
  const { runDir, runId } = await planned(target, members(5));
  expect(readdirSync(runDir)).not.toContain("ledger.db");
  const place = readFileSync(join(runDir, "ledger.json"), "utf8");
  expect(JSON.parse(place)).toEqual({ ledger: "postgres:LEDGER_URL", runId });

  const here = ["--run-dir", runDir, "--json"];
  expect(jsonOf(await inDatabase(["status", ...here]))).toMatchObject({ state: "planned" });
  expect(jsonOf(await inDatabase(["apply", ...here]))).toMatchObject({ outcomes: { imported: 5 } });
  expect(JSON.parse((await inDatabase(["verify", ...here])).stdout)).toMatchObject({ agreeing: 5 });
  const undone = await inDatabase(["undo", ...here, "--delete", "--confirm", runId]);
  expect(JSON.parse(undone.stdout)).toMatchObject({ results: { deleted: 5 } });
  expect(target.users()).toHaveLength(0);
  expect(jsonOf(await inDatabase(["purge", ...here, "--yes"]))).toMatchObject({ state: "purged" });
  const left = readdirSync(runDir).map((name) => readFileSync(join(runDir, name), "utf8"));
  for (const text of [...left, undone.stderr]) expect(text).not.toContain(PASSWORD);
});

test(
  "a plan takes the place of an earlier one in the database too, and a failed one leaves nothing",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget({}, { quotas: "off" });
    const runDir = join(aFolder(), "run");
    const planAgain = (...more: readonly string[]) =>
      inDatabase([
        "plan",
        "--config",
        aMemberConfig(members(3)),
        ...target.flags,
        "--run-dir",
        runDir,
        "--json",
        ...more,
      ]);
    const runs = async () =>
      (await database.run("SELECT id FROM poolferry.run ORDER BY id")).map(({ id }) => id);
    const before =
      (await database.run("SELECT to_regclass('poolferry.run')::text AS name"))[0]?.["name"] === null
        ? []
        : await runs();
    const first = jsonOf(await planAgain("--ledger", "postgres:LEDGER_URL"));
    const second = jsonOf(await planAgain("--ledger", "postgres:LEDGER_URL"));
    expect(await runs()).toEqual([...before, second.runId]);
    expect(first.runId).not.toBe(second.runId);
    const failed = await inDatabase([
      "plan",
      "--from",
      `ndjson:${join(runDir, "nowhere.ndjson")}`,
      ...target.flags,
      "--run-dir",
      join(aFolder(), "run"),
      "--ledger",
      "postgres:LEDGER_URL",
    ]);
    expect(failed.exitCode).toBe(2);
    // Back to a file in the folder.
    expect(jsonOf(await planAgain())).toMatchObject({ state: "planned" });
    expect(await runs()).toEqual(before);
    expect(readdirSync(runDir)).not.toContain("ledger.json");
  },
);

test("what joining a run needs is said", { timeout: 60_000 }, async () => {
  const target = await aTarget({}, { quotas: "off" });
  const plan = await planned(target, members(1));
  const errorOf = async (
    args: readonly string[],
    env: Record<string, string> = { LEDGER_URL: database.url },
  ) => {
    const result = await runCli(["apply", ...args, "--json"], { env });
    expect(result.exitCode).toBe(2);
    expect(`${result.stdout}${result.stderr}`).not.toContain(encodeURIComponent(PASSWORD));
    return jsonOf(result).error;
  };
  const folder = join(aFolder(), "worker");
  const joining = ["--ledger", "postgres:LEDGER_URL", "--run-dir", folder, "--run-id"];
  expect(await errorOf([...joining, "20260101-000000-abcdef"])).toMatchObject({ code: "RUN_NOT_FOUND" });
  expect(existsSync(folder)).toBe(false);
  expect(await errorOf([...joining, plan.runId], {})).toMatchObject({
    code: "USAGE",
    message: "The environment variable LEDGER_URL is not set",
  });
  expect(await errorOf(["--run-id", plan.runId])).toMatchObject({ code: "USAGE" });
  expect(await errorOf(["--ledger", "postgres:LEDGER_URL", "--run-id", ""])).toMatchObject({ code: "USAGE" });
  expect(await errorOf([])).toMatchObject({ code: "USAGE", message: "--run-dir is missing" });
  expect(await errorOf(["--ledger", database.url, "--run-id", plan.runId])).toMatchObject({ code: "USAGE" });
  const { runDir } = await planned(target, members(1));
  expect(
    await errorOf(["--ledger", "postgres:LEDGER_URL", "--run-id", plan.runId, "--run-dir", runDir]),
  ).toMatchObject({ code: "RUN_EXISTS" });
});
