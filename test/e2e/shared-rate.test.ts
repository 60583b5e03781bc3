import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { startRateWorker, type RateWorker } from "../support/rate-workers.ts";
import { aTarget, type Target } from "../support/target.ts";

/** Creations a second of the account; the bucket of the local Cognito holds a second's worth. */
const RPS = 60;

let database: TestPostgres;
beforeAll(async () => {
  database = await startPostgres();
});
afterAll(() => database[Symbol.asyncDispose]());

interface Stage extends Target {
  /** Starts workers at the default share, each with so many users to create. */
  start(options: {
    readonly names: readonly string[];
    readonly users?: number;
  }): Promise<readonly RateWorker[]>;
  /** Creations that the service has accepted and refused by its own count. */
  counts(): { readonly accepted: number; readonly refused: number };
  /** Waits until a worker has created so many users. */
  created(name: string, users: number): Promise<void>;
  /** How many a worker has created. */
  usersOf(name: string): number;
}

async function aStage({ isShared = true } = {}): Promise<Stage> {
  const target = await aTarget();
  await database.run("DROP TABLE IF EXISTS poolferry.request_rate");
  const { emulator, userPoolId } = target;
  emulator.control.changeQuotas({ categories: { UserCreation: RPS } });
  const usersOf = (name: string): number =>
    target.users().filter(({ username }) => username?.startsWith(`${name}-`) === true).length;
  return {
    ...target,
    usersOf,
    start: async ({ names, users = 10_000 }) => {
      const workers = await Promise.all(
        names.map((name) =>
          startRateWorker({
            name,
            endpointUrl: emulator.url,
            userPoolId,
            databaseUrl: isShared ? database.url : undefined,
            share: 0.8,
            users,
          }),
        ),
      );
      for (const worker of workers) onTestFinished(() => worker[Symbol.dispose]());
      return workers;
    },
    counts: () => {
      const { requests = 0, refused = {} } = emulator.control.stats().operations["AdminCreateUser"] ?? {};
      const throttled = refused["TooManyRequestsException"] ?? 0;
      return { accepted: requests - throttled, refused: throttled };
    },
    created: async (name, users) => {
      await expect.poll(() => usersOf(name), { timeout: 60_000 }).toBeGreaterThanOrEqual(users);
    },
  };
}

test("three processes share one quota: nothing is refused, and each gets on", async () => {
  const stage = await aStage();
  const workers = await stage.start({ names: ["a", "b", "c"], users: 100 });
  const reports = await Promise.all(workers.map(({ report }) => report));
  expect(stage.counts()).toEqual({ accepted: 300, refused: 0 });
  for (const report of reports) {
    expect(report).toMatchObject({ created: 100, throttled: 0, slowedDown: 0 });
    expect(report?.statements).toBeLessThan(100);
  }
});

test("without the share they are refused: the quota is held to", async () => {
  const stage = await aStage({ isShared: false });
  const workers = await stage.start({ names: ["a", "b", "c"] });
  await expect.poll(() => stage.counts().refused, { timeout: 60_000 }).toBeGreaterThan(0);
  for (const worker of workers) worker.stop();
  await Promise.all(workers.map(({ report }) => report));
});

test("a worker that is killed stops nobody, and one that comes later has its part", async () => {
  const stage = await aStage();
  const [first, second] = await stage.start({ names: ["a", "b"] });
  await Promise.all([stage.created("a", 20), stage.created("b", 20)]);
  first?.kill();
  await expect(first?.report).resolves.toBeUndefined();
  await stage.created("b", stage.usersOf("b") + 40);
  const [third] = await stage.start({ names: ["c"] });
  await Promise.all([stage.created("c", 20), stage.created("b", stage.usersOf("b") + 20)]);
  for (const worker of [second, third]) worker?.stop();
  await Promise.all([second?.report, third?.report]);
  expect(stage.counts().refused).toBe(0);
});

test("workers whose event loops stand still do not come back with a rush", async () => {
  const stage = await aStage();
  const workers = await stage.start({ names: ["a", "b", "c"] });
  await Promise.all(["a", "b", "c"].map((name) => stage.created(name, 10)));
  for (let round = 0; round < 3; round += 1) {
    const before = stage.counts().accepted;
    for (const worker of workers) worker.stall(1_500);
    await sleep(1_500);
    await expect.poll(() => stage.counts().accepted, { timeout: 60_000 }).toBeGreaterThan(before + 40);
  }
  for (const worker of workers) worker.stop();
  await Promise.all(workers.map(({ report }) => report));
  expect(stage.counts().refused).toBe(0);
});

test("nobody sends anything while the database is away, and all go on when it is back", async () => {
  const stage = await aStage();
  const workers = await stage.start({ names: ["a", "b"] });
  await Promise.all([stage.created("a", 10), stage.created("b", 10)]);
  // Whoever reserves a turn waits, as with a server that does not answer.
  await database.run("BEGIN; LOCK TABLE poolferry.request_rate IN ACCESS EXCLUSIVE MODE");
  await sleep(1_500);
  const before = stage.counts().accepted;
  await sleep(1_000);
  expect(stage.counts().accepted).toBe(before);
  await database.run("COMMIT");
  await database.terminate();
  await Promise.all([
    stage.created("a", stage.usersOf("a") + 20),
    stage.created("b", stage.usersOf("b") + 20),
  ]);
  for (const worker of workers) worker.stop();
  await Promise.all(workers.map(({ report }) => report));
  expect(stage.counts().refused).toBe(0);
});

test("a refusal of one worker slows all down, and nobody by himself", async () => {
  const stage = await aStage();
  const workers = await stage.start({ names: ["a", "b", "c"] });
  await Promise.all(["a", "b", "c"].map((name) => stage.created(name, 10)));
  stage.emulator.control.planFault({ operation: "AdminCreateUser", fault: { kind: "throttle" } });
  await expect
    .poll(
      async () => database.run("SELECT cut_at_share FROM poolferry.request_rate WHERE cut_at IS NOT NULL"),
      {
        timeout: 60_000,
      },
    )
    .toEqual([{ cut_at_share: 1 }]);
  await Promise.all(["a", "b", "c"].map((name) => stage.created(name, stage.usersOf(name) + 10)));
  for (const worker of workers) worker.stop();
  const reports = await Promise.all(workers.map(({ report }) => report));
  expect(reports.map((report) => report?.slowedDown)).toEqual([1, 1, 1]);
});
