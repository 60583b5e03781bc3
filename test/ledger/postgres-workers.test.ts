import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  createPostgresLedger,
  dropPostgresRun,
  joinPostgresRun,
  openPostgresLedger,
  type JoinedRun,
} from "../../src/ledger/postgres-ledger.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";
import { listOf } from "../support/list-of.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

const { runId: RUN_ID } = someFacts();
const SCHEMA = "poolferry_run_20260101_000000_abc123";

const address = () => ({ place: "LEDGER_URL", url: server.url, signal: undefined });

/** A planned run of these users. */
async function aRun(users: readonly PlannedUser[]): Promise<void> {
  await dropPostgresRun(address(), RUN_ID);
  await using ledger = await createPostgresLedger(address(), someFacts());
  await ledger.addUsers(users);
  await ledger.rejectClashes("reject-all");
  await ledger.finishPlan(SOME_SOURCE);
  await ledger.setState("applying");
}

const toCreate = (count: number): readonly PlannedUser[] =>
  Array.from({ length: count }, (_, index) => aPlannedUser(index + 1, { route: "admin-create" }));

async function aWorker(use: "share" | "alone" = "share"): Promise<JoinedRun> {
  const run = await joinPostgresRun(address(), RUN_ID, use);
  onTestFinished(async () => run[Symbol.asyncDispose]());
  return run;
}

const take = async ({ ledger }: Pick<JoinedRun, "ledger">, most: number, behind = 0): Promise<number[]> =>
  (await ledger.takeToCreate("admin-create", { behind, most, sentAt: 1_000 })).map(({ seq }) => seq);

const settled = (ledger: Ledger, seqs: readonly number[]) =>
  ledger.settle(seqs.map((seq) => ({ seq, kind: "imported", reason: undefined, message: undefined })));

/** Makes every worker look as if it had been silent for a minute. */
const silence = () =>
  server.run(`UPDATE ${SCHEMA}.worker SET seen_at = clock_timestamp() - interval '1 minute'`);

test("workers that take users at the same time never take the same one, and leave nobody", async () => {
  await aRun(toCreate(300));
  const workers = await Promise.all([aWorker(), aWorker(), aWorker()]);
  const taken = await Promise.all(
    workers.map(async (worker) => {
      const seqs: number[] = [];
      for (let some = await take(worker, 7); some.length > 0; some = await take(worker, 7, some.at(-1)))
        seqs.push(...some);
      return seqs;
    }),
  );
  expect(taken.flat().toSorted((one, other) => one - other)).toEqual(
    Array.from({ length: 300 }, (_, index) => index + 1),
  );
  for (const seqs of taken) expect(seqs.length).toBeGreaterThan(0);
  const [first] = workers;
  expect(await first?.ledger.countUnsettledOfRoute("admin-create")).toBe(300);
  expect(await first?.ledger.hasUnsettled()).toBe(true);
});

test("whom a worker that has ended was sending, another one looks up, and then sends", async () => {
  await aRun(toCreate(5));
  const [one, other] = [await aWorker(), await aWorker()];
  expect(await take(one, 2)).toEqual([1, 2]);
  expect(await other.ledger.takeInQuestion("admin-create")).toBe(0);
  expect(await take(other, 1)).toEqual([3]);
  await other.ledger.noteRefusal(1, "not mine", "again");
  await one.ledger.noteRefusal(2, "taken", "first");
  await one[Symbol.asyncDispose]();

  expect(await other.ledger.otherWorkers()).toEqual({ atWork: 0, ever: 1 });
  // Its own third user is in question too, as it has no outcome yet.
  expect(await other.ledger.takeInQuestion("admin-create")).toBe(3);
  expect((await listOf(other.ledger.usersInQuestion("admin-create"))).map(({ seq }) => seq)).toEqual([
    1, 2, 3,
  ]);
  expect(await other.ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, "admin-create")).toBe(
    1,
  );
  const [again] = await other.ledger.takeToCreate("admin-create", { behind: 0, most: 1, sentAt: 5_000 });
  expect(again).toMatchObject({ seq: 1, sentAt: 1_000 });
});

test("who was refused to a worker at work is not settled by another one", async () => {
  await aRun(toCreate(2));
  const [one, other] = [await aWorker(), await aWorker()];
  await take(one, 2);
  await one.ledger.noteRefusal(1, "taken", "first");
  expect(await other.ledger.takeInQuestion("admin-create")).toBe(0);
  expect(await other.ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, "admin-create")).toBe(
    0,
  );
  expect(await one.ledger.settleRefused({ kind: "failed", reason: "alias-exists" }, "admin-create")).toBe(1);
});

test("a worker that is not heard of is told that it has lost the run, and what it had is taken over", async () => {
  await aRun(toCreate(2));
  const one = await aWorker();
  await take(one, 2);
  await silence();
  const other = await aWorker();
  expect(await other.ledger.otherWorkers()).toEqual({ atWork: 0, ever: 1 });
  expect(await other.ledger.takeInQuestion("admin-create")).toBe(2);
  expect(one.lost.aborted).toBe(false);
  // What it hears late is true all the same, and changes nothing of what it no longer has.
  await one.ledger.noteRefusal(1, "taken", "first");
  expect(await other.ledger.claimantOf("u1")).toMatchObject({ refusal: undefined, sentAt: 1_000 });
  await settled(one.ledger, [2]);
  expect(await other.ledger.claimantOf("u2")).toMatchObject({ outcome: "imported" });
  await vi.waitFor(() => expect(one.lost.aborted).toBe(true), { timeout: 10_000 });
  expect(one.lost.reason).toMatchObject({ code: "LEDGER_UNREACHABLE" });
  await expect(one.ledger.state()).rejects.toMatchObject({ code: "LEDGER_UNREACHABLE" });
});

test("a worker that does not reach the database any more gives up before others take over", async () => {
  await aRun(toCreate(1));
  const one = await aWorker();
  await server.run(`ALTER SCHEMA ${SCHEMA} RENAME TO away`);
  onTestFinished(() => server.run(`DROP SCHEMA away CASCADE`).then(() => undefined));
  await vi.waitFor(() => expect(one.lost.aborted).toBe(true), { timeout: 22_000, interval: 250 });
  expect(one.lost.reason).toMatchObject({ code: "LEDGER_UNREACHABLE" });
});

test("one worker at a time has a task, until it lets go of it or is gone", async () => {
  await aRun(toCreate(1));
  const [one, other] = [await aWorker(), await aWorker()];
  expect(await one.ledger.takeTask("import-jobs")).toBe(true);
  expect(await one.ledger.takeTask("import-jobs")).toBe(true);
  expect(await other.ledger.takeTask("import-jobs")).toBe(false);
  expect(await other.ledger.takeTask("end")).toBe(true);
  await other.ledger.releaseTask("import-jobs");
  expect(await other.ledger.takeTask("import-jobs")).toBe(false);
  await one.ledger.releaseTask("import-jobs");
  expect(await other.ledger.takeTask("import-jobs")).toBe(true);
  await other[Symbol.asyncDispose]();
  expect(await one.ledger.takeTask("import-jobs")).toBe(true);
  expect(await one.ledger.takeTask("end")).toBe(true);
});

test("the follow-ups of a user are done by one worker, and taken over when it is gone", async () => {
  const withGroups = (seq: number) =>
    aPlannedUser(seq, {
      followUps: [
        ...(seq === 1 ? ([{ kind: "disable" }] as const) : []),
        { kind: "add-to-group", group: "a" },
        { kind: "add-to-group", group: "b" },
      ],
    });
  await aRun([1, 2, 3].map(withGroups));
  const [one, other] = [await aWorker(), await aWorker()];
  await settled(one.ledger, [1, 2]);
  const pendingOf = async ({ ledger }: JoinedRun) =>
    (await listOf(ledger.pendingFollowUps("early"))).map(({ seq, isTakenOver }) => [seq, isTakenOver]);

  expect(await one.ledger.takeFollowUps("early")).toBe(2);
  expect(await pendingOf(one)).toEqual([
    [2, false],
    [2, false],
  ]);
  expect(await other.ledger.takeFollowUps("early")).toBe(0);
  expect(await pendingOf(other)).toEqual([]);
  // Another turn of the same worker leaves it to that one.
  expect(await one.ledger.takeFollowUps("disable")).toBe(1);
  expect(await pendingOf(one)).toHaveLength(2);
  expect(await other.ledger.countPendingFollowUps("rest")).toBe(4);

  await settled(one.ledger, [3]);
  expect(await other.ledger.takeFollowUps("early")).toBe(2);
  await one[Symbol.asyncDispose]();
  expect(await other.ledger.takeFollowUps("early")).toBe(4);
  expect(await pendingOf(other)).toEqual([
    [2, true],
    [2, true],
    [3, false],
    [3, false],
  ]);
});

test("who works alone on a run waits for the others, and they for it", async () => {
  await aRun(toCreate(1));
  const one = await aWorker();
  await expect(aWorker("alone")).rejects.toMatchObject({ code: "RUN_BUSY" });
  await one[Symbol.asyncDispose]();
  const alone = await aWorker("alone");
  await expect(aWorker()).rejects.toMatchObject({ code: "RUN_BUSY" });
  await expect(aWorker("alone")).rejects.toMatchObject({ code: "RUN_BUSY" });
  await using reader = await openPostgresLedger(address(), RUN_ID, "read");
  expect(await reader.state()).toBe("applying");
  await alone[Symbol.asyncDispose]();
  await aWorker();
});

test("a run that is dropped leaves nothing, and others stay", async () => {
  await aRun(toCreate(1));
  const otherId = "20260101-000000-other";
  {
    await using _other = await createPostgresLedger(address(), { ...someFacts(), runId: otherId });
  }
  await dropPostgresRun(address(), RUN_ID);
  await dropPostgresRun(address(), RUN_ID);
  expect(await server.run("SELECT id FROM poolferry.run")).toEqual([{ id: otherId }]);
  expect(
    await server.run("SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'poolferry_run_%'"),
  ).toHaveLength(1);
  await expect(openPostgresLedger(address(), RUN_ID)).rejects.toMatchObject({ code: "RUN_NOT_FOUND" });
  await dropPostgresRun(address(), otherId);
});
