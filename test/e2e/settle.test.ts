import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { apply, plan, status, type RunEvent, type RunSummary } from "../../src/index.ts";

import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";
import { aFolder } from "../support/files.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

interface Ran {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  readonly runDir: string;
}

async function planInto(target: Target, path: string): Promise<string> {
  const runDir = join(aFolder(), "run");
  const { emulator, userPoolId } = target;
  await plan({
    source: { type: "csv", path },
    userPoolId,
    endpointUrl: emulator.url,
    logsRoleArn: LOGS_ROLE_ARN,
    // What these tests are about is what the import jobs tell.
    policies: { failedRows: "leave" },
    runDir,
  });
  return runDir;
}

async function run(
  target: Target,
  path: string,
  options: Partial<Parameters<typeof apply>[0]> = {},
): Promise<Ran> {
  const runDir = await planInto(target, path);
  const events: RunEvent[] = [];
  const summary = await apply({ runDir, observe: (event) => events.push(event), ...options });
  return { summary, events, runDir };
}

/** A value that passes our checks and that the emulator refuses: its own idea of an e-mail address is stricter. */
const REFUSED = { rules: { emailPattern: /^u\d+@example\.com$/ } };
const refuse =
  (wanted: readonly number[]) =>
  (number: number, cells: string[]): void => {
    if (wanted.includes(number)) cells[1] = `refused${number}@example.com`;
  };

test.each([1, 2] as const)(
  "users are found by their lines when the log counts the first one as %i",
  async (firstLineNumber) => {
    const target = await aTarget({}, { rules: { ...REFUSED.rules, firstLineNumber } });
    const { summary, runDir } = await run(target, aUserCsv(6, refuse([2, 6])));
    expect(summary.outcomes).toMatchObject({ imported: 4, failed: 2 });
    expect(summary.exitCode).toBe(3);
    const failed = parse(readFileSync(join(runDir, "failed.csv")), { columns: true }) as Record<
      string,
      string
    >[];
    expect(failed.map(({ username, poolferry_line }) => [username, poolferry_line])).toEqual([
      ["u2", "3"],
      ["u6", "7"],
    ]);
    expect(failed[0]?.["poolferry_message"]).toMatch(/email/i);
  },
);

test("a job that ends as Failed still settles each user by what really happened", async () => {
  const target = await aTarget({}, REFUSED);
  const { summary, events } = await run(target, aUserCsv(6, refuse([1, 2, 3, 4])));
  expect(events).toContainEqual(expect.objectContaining({ kind: "job-progress", status: "Failed" }));
  expect(summary.outcomes).toMatchObject({ imported: 2, failed: 4 });
  expect(target.users().map(({ username }) => username)).toEqual(["u5", "u6"]);
});

/** Answers every request of an operation with an error. */
function refuseAll(operation: string, fault: Fault): Hooks {
  return { beforeEffect: (call) => (call.operation === operation ? fault : undefined) };
}

const NO_LOG: Fault = {
  kind: "error",
  status: 400,
  type: "ResourceNotFoundException",
  message: "The specified log group does not exist.",
};

test("without any log, users are looked up in the pool: imported, there from before, or failed", async () => {
  const target = await aTarget({}, { ...REFUSED, hooks: refuseAll("DescribeLogStreams", NO_LOG) });
  await run(target, aUserCsv(1), { logWaitMs: 0 });
  const { summary, events, runDir } = await run(target, aUserCsv(4, refuse([4])), { logWaitMs: 0 });
  expect(summary.outcomes).toMatchObject({ imported: 2, skipped: 1, failed: 1 });
  expect(summary.reasons).toContainEqual(
    expect.objectContaining({ kind: "failed", reason: "not-imported", count: 1 }),
  );
  expect(events).toContainEqual({ kind: "users-looked-up", part: 1, wanted: 4, found: 3 });
  expect(readFileSync(join(runDir, "identity-map.csv"), "utf8").trim().split("\n")).toHaveLength(4);
});

test("a log that comes late is waited for", async () => {
  let looks = 0;
  const hooks: Hooks = {
    beforeEffect: ({ operation }) =>
      operation === "DescribeLogStreams" && ++looks <= 3 ? NO_LOG : undefined,
  };
  const target = await aTarget({}, { hooks });
  const { summary, events } = await run(target, aUserCsv(3));
  expect(summary.outcomes).toMatchObject({ imported: 3 });
  expect(events.filter(({ kind }) => kind === "log-awaited")).toHaveLength(3);
  expect(events.some(({ kind }) => kind === "users-looked-up")).toBe(false);
});

test("users go in several parts when one does not hold them, and each part is settled before the next", async () => {
  const target = await aTarget({}, REFUSED);
  const { summary, events } = await run(target, aUserCsv(10, refuse([5])), {
    partLimits: { rows: 4, bytes: 100_000 },
  });
  expect(
    events
      .filter(({ kind }) => kind === "part-spooled" || kind === "part-settled")
      .map((event) => [event.kind, "rows" in event ? event.rows : 0]),
  ).toEqual([
    ["part-spooled", 4],
    ["part-settled", 4],
    ["part-spooled", 4],
    ["part-settled", 4],
    ["part-spooled", 2],
    ["part-settled", 2],
  ]);
  expect(summary.outcomes).toMatchObject({ imported: 9, failed: 1 });
  expect(target.users().map(({ username }) => username)).toEqual(
    usernames(10).filter((name) => name !== "u5"),
  );
});

test("a part never has more bytes than allowed", async () => {
  const target = await aTarget();
  const { events } = await run(target, aUserCsv(10), { partLimits: { rows: 1_000, bytes: 800 } });
  const parts = events.filter((event) => event.kind === "part-spooled");
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.every(({ bytes }) => bytes <= 800)).toBe(true);
  expect(target.users()).toHaveLength(10);
});

test("a plan is refused when the pool's settings changed after it", async () => {
  const target = await aTarget();
  const runDir = await planInto(target, aUserCsv(2));
  const pool = target.emulator.state.pools.get(target.userPoolId);
  const schema = pool?.settings.schema as Map<string, unknown> | undefined;
  schema?.set("custom:new", { ...pool?.settings.schema.get("name"), Name: "custom:new" });
  await expect(apply({ runDir })).rejects.toMatchObject({ code: "PLAN_STALE", exitCode: 5 });
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBeUndefined();
});

test("a pool that was only renamed is the same pool", async () => {
  const target = await aTarget();
  const runDir = await planInto(target, aUserCsv(2));
  Object.assign(target.emulator.state.pools.get(target.userPoolId)?.settings ?? {}, { name: "renamed" });
  expect((await apply({ runDir })).outcomes).toMatchObject({ imported: 2 });
});

test("a pool that is deleted in mid-run stops the run with a clear sentence", async () => {
  const gone: Fault = {
    kind: "error",
    status: 400,
    type: "ResourceNotFoundException",
    message: "User pool us-east-1_X does not exist.",
  };
  const target = await aTarget({}, { hooks: refuseAll("DescribeUserImportJob", gone) });
  await expect(run(target, aUserCsv(2))).rejects.toMatchObject({
    code: "SERVICE_REFUSED",
    exitCode: 4,
    message: expect.stringContaining("does not exist") as string,
  });
});

test(
  "of many users each is settled and each gets its sub, across every batch",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget({}, REFUSED);
    const { summary, runDir } = await run(target, aUserCsv(10_500, refuse([1, 5_000, 5_001, 10_500])));
    expect(summary.outcomes).toMatchObject({ imported: 10_496, failed: 4 });
    expect(summary.unsettled).toBe(0);
    const map = parse(readFileSync(join(runDir, "identity-map.csv")), { columns: true }) as Record<
      string,
      string
    >[];
    expect(map).toHaveLength(10_496);
    expect(map.filter(({ sub }) => sub === "")).toEqual([]);
  },
);

test("a list that is late is looked at again before a user is given up", async () => {
  let looks = 0;
  const hooks: Hooks = {
    beforeEffect: ({ operation }) => {
      if (operation === "DescribeLogStreams") return NO_LOG;
      if (operation === "ListUsers" && ++looks === 1) hidden = takeUsers();
      if (operation === "ListUsers" && looks === 2) giveBack();
      return undefined;
    },
  };
  const target = await aTarget({}, { hooks });
  // The list shows nobody at the first look, as an eventually consistent one may.
  let hidden: (() => void) | undefined;
  const takeUsers = (): (() => void) => {
    const pool = target.emulator.state.pools.get(target.userPoolId);
    if (pool === undefined) throw new Error("there is a pool");
    const { users } = pool;
    Object.assign(pool, {
      users: new (users.constructor as new (settings: object) => typeof users)({
        caseSensitive: false,
        aliases: [],
      }),
    });
    return () => Object.assign(pool, { users });
  };
  const giveBack = (): void => hidden?.();
  const { summary } = await run(target, aUserCsv(3), { logWaitMs: 0 });
  expect(summary.outcomes).toMatchObject({ imported: 3, failed: 0 });
});

test("a user who is in the pool in another spelling is found there", async () => {
  const target = await aTarget({}, { hooks: refuseAll("DescribeLogStreams", NO_LOG) });
  await run(
    target,
    aUserCsv(130, (_, cells) => (cells[0] = (cells[0] ?? "").toUpperCase())),
    { logWaitMs: 0 },
  );
  const { summary, runDir } = await run(target, aUserCsv(1), { logWaitMs: 0 });
  expect(summary.outcomes).toMatchObject({ skipped: 1, failed: 0 });
  expect(readFileSync(join(runDir, "identity-map.csv"), "utf8").trim().split("\n")).toHaveLength(2);
});

test("a job that fails without a word about any user settles nobody, and a resume tries again", async () => {
  const target = await aTarget();
  const runDir = await planInto(target, aUserCsv(3));
  // The pool wants another column by now than the CSV has, which the plan's check is kept from seeing.
  const pool = target.emulator.state.pools.get(target.userPoolId);
  const attribute = pool?.settings.schema.get("name");
  const schema = pool?.settings.schema as Map<string, unknown> | undefined;
  let reads = 0;
  const stopped = apply({
    runDir,
    observe: ({ kind }) => {
      if (kind === "part-spooled" && ++reads === 1)
        schema?.set("custom:new", { ...attribute, Name: "custom:new" });
    },
  });
  await expect(stopped).rejects.toMatchObject({
    code: "IMPORT_JOB_UNUSABLE",
    exitCode: 4,
    message: expect.stringContaining("ended as Failed without a word about any user") as string,
  });
  expect(await status(runDir)).toMatchObject({ state: "applying", unsettled: 3, outcomes: { failed: 0 } });
  schema?.delete("custom:new");
  expect((await apply({ runDir })).outcomes).toMatchObject({ imported: 3 });
});

test("after a job that someone stopped, no further part is sent before the operator says so", async () => {
  const target = await aTarget({}, { rules: { jobRowDelayMs: 30 } });
  const runDir = await planInto(target, aUserCsv(60));
  const pool = target.emulator.state.pools.get(target.userPoolId);
  const stopped = apply({
    runDir,
    partLimits: { rows: 40, bytes: 100_000 },
    logWaitMs: 500,
    observe: (event) => {
      const [job] = [...(pool?.jobs.values() ?? [])].slice(-1);
      if (event.kind !== "job-progress" || event.imported === 0 || job?.status !== "InProgress") return;
      Object.assign(job, {
        status: "Stopped",
        completedMs: Date.now(),
        completionMessage: "The Import Job was stopped by the developer.",
      });
    },
  });
  await expect(stopped).rejects.toMatchObject({
    code: "IMPORT_JOB_UNUSABLE",
    message: expect.stringContaining("by someone's hand") as string,
  });
  expect(pool?.jobs.size).toBe(1);
  const imported = target.users().length;
  expect(imported).toBeLessThan(40);
  // Whom it did not reach waits with those of the part that was not begun.
  expect(await status(runDir)).toMatchObject({ unsettled: 60 - imported, outcomes: { imported, failed: 0 } });
});

test("what was left out of a user stands in warnings.csv", async () => {
  const target = await aTarget();
  const path = aUserCsv(2, (number, cells) => {
    if (number === 2) cells[3] = "x".repeat(3_000);
  });
  const { runDir, summary } = await run(target, path);
  expect(summary.outcomes).toMatchObject({ imported: 2 });
  expect(parse(readFileSync(join(runDir, "warnings.csv")), { columns: true })).toEqual([
    {
      row: "2",
      line: "3",
      source_id: "",
      username: "u2",
      attribute: "name",
      code: "attribute-too-long",
      message: "name has 3000 bytes, Cognito takes 2048",
    },
  ]);
});
