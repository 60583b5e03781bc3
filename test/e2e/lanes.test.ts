import Database from "better-sqlite3";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { apply, plan, type RunEvent } from "../../src/index.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

const ONE_PART_EACH = { rows: 2, bytes: 100_000 };

const DENIED: Fault = { kind: "error", status: 400, type: "NotAuthorizedException", message: "no" };

async function aPlanOf(target: Target, list: ReturnType<typeof members>, more = ""): Promise<string> {
  const runDir = join(aFolder(), "run");
  const config = aMemberConfig(list);
  appendFileSync(config, more);
  const { exitCode } = await runCli(["plan", "--config", config, ...target.flags, "--run-dir", runDir]);
  expect(exitCode).toBe(0);
  return runDir;
}

interface Settled {
  readonly part: number | null;
  readonly kind: string;
  readonly settledAt: number;
}

function readLedger(runDir: string): {
  readonly jobs: readonly { part: number; startedAt: number; endedAt: number }[];
  readonly followUps: readonly Settled[];
} {
  const ledger = new Database(join(runDir, "ledger.db"), { readonly: true });
  const jobs = ledger
    .prepare("SELECT part, started_at AS startedAt, ended_at AS endedAt FROM job ORDER BY part")
    .all() as { part: number; startedAt: number; endedAt: number }[];
  const followUps = ledger
    .prepare(
      "SELECT part, kind, settled_at AS settledAt FROM follow_up JOIN users USING (seq) ORDER BY settled_at",
    )
    .all() as Settled[];
  ledger.close();
  return { jobs, followUps };
}

/** Hooks that hold requests of some operations until a while after the second import job was started. */
function heldUntilSecondJob(operations: readonly string[], fault?: Fault): Hooks {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let starts = 0;
  return {
    beforeEffect: async ({ operation }) => {
      if (!operations.includes(operation)) return undefined;
      await begun;
      return fault;
    },
    afterEffect: ({ operation }) => {
      if (operation === "StartUserImportJob") starts += 1;
      // The times in the ledger are up to a second early.
      if (starts === 2) setTimeout(begin, 2_000);
    },
  };
}

test(
  "while a part is imported, those of the part before are finished, and others are created",
  { timeout: 60_000 },
  async () => {
    const hooks = heldUntilSecondJob(["AdminCreateUser", "AdminDisableUser", "AdminAddUserToGroup"]);
    const target = await aTarget({}, { hooks, rules: { jobRowDelayMs: 3_000 } });
    // Four for import jobs, in two parts, and two for AdminCreateUser.
    const list = members(6, (number) => ({
      email_verified: number <= 4,
      disabled: number === 1,
      teams: ["crew"],
    }));
    const runDir = await aPlanOf(target, list);
    const summary = await apply({ runDir, partLimits: ONE_PART_EACH });
    expect(summary).toMatchObject({ outcomes: { imported: 6 }, exitCode: 0 });

    const { jobs, followUps } = readLedger(runDir);
    const { startedAt = 0, endedAt = 0 } = jobs[1] ?? {};
    const meanwhile = followUps.filter(({ settledAt }) => settledAt >= startedAt && settledAt <= endedAt);
    expect(
      meanwhile
        .filter(({ part }) => part !== 2)
        .map(({ part, kind }) => `${part ?? "created"} ${kind}`)
        .toSorted(),
    ).toEqual([
      "1 add-to-group",
      "1 add-to-group",
      "1 disable",
      "created add-to-group",
      "created add-to-group",
    ]);
  },
);

test("nobody is created one by one before a few users have shown that import jobs go well", async () => {
  const operations: string[] = [];
  const hooks: Hooks = { beforeEffect: ({ operation }) => void operations.push(operation) };
  const target = await aTarget({}, { hooks });
  const runDir = await aPlanOf(
    target,
    members(6, (number) => ({ email_verified: number <= 4 })),
  );
  await apply({ runDir, partLimits: ONE_PART_EACH });
  const first = operations.indexOf("GetLogEvents");
  expect(first).toBeGreaterThan(0);
  expect(operations.indexOf("AdminCreateUser")).toBeGreaterThan(first);
});

test("where the new ids cannot be looked up, the follow-ups are done all the same, and then it is said", async () => {
  const refused = Promise.withResolvers<void>();
  const hooks: Hooks = {
    beforeEffect: async ({ operation }) => {
      if (operation === "ListUsers") {
        setTimeout(refused.resolve, 1_000);
        return DENIED;
      }
      if (operation === "AdminAddUserToGroup") await refused.promise;
      return undefined;
    },
  };
  const target = await aTarget({}, { hooks });
  const runDir = await aPlanOf(
    target,
    members(4, () => ({ email_verified: true, teams: ["crew"] })),
  );
  await expect(apply({ runDir })).rejects.toMatchObject({ code: "SERVICE_REFUSED", exitCode: 4 });
  expect(target.emulator.control.stats().operations["AdminAddUserToGroup"]?.requests).toBe(4);
  const { followUps } = readLedger(runDir);
  expect(followUps.map(({ settledAt }) => settledAt > 0)).toEqual([true, true, true, true]);
});

describe("when something fails while an import job runs", () => {
  test("a job that was not started yet is not started", async () => {
    const asked = Promise.withResolvers<void>();
    const refused = Promise.withResolvers<void>();
    const operations: string[] = [];
    const hooks: Hooks = {
      beforeEffect: async ({ operation }) => {
        operations.push(operation);
        if (operation === "CreateUserImportJob") {
          asked.resolve();
          await refused.promise;
        }
        if (operation !== "AdminCreateUser") return undefined;
        await asked.promise;
        setTimeout(refused.resolve, 2_000);
        return DENIED;
      },
    };
    const target = await aTarget({}, { hooks });
    const list = members(3, (number) => ({ email_verified: number <= 2 }));
    const runDir = await aPlanOf(target, list, "limits: { canaryUsers: 0 }");
    await expect(apply({ runDir })).rejects.toMatchObject({ code: "SERVICE_REFUSED", exitCode: 4 });
    expect(operations).toContain("CreateUserImportJob");
    expect(operations).not.toContain("StartUserImportJob");
  });

  test(
    "the job is seen to its end, no other is begun, and whoever may not sign in is disabled",
    { timeout: 60_000 },
    async () => {
      const hooks = heldUntilSecondJob(["AdminCreateUser"], DENIED);
      const target = await aTarget({}, { hooks, rules: { jobRowDelayMs: 1_500 } });
      const list = members(7, (number) => ({ email_verified: number <= 6, disabled: number <= 6 }));
      const runDir = await aPlanOf(target, list);
      const events: RunEvent[] = [];
      const options = {
        runDir,
        partLimits: ONE_PART_EACH,
        observe: (event: RunEvent) => void events.push(event),
      };
      await expect(apply(options)).rejects.toMatchObject({ code: "SERVICE_REFUSED", exitCode: 4 });
      expect(events).toContainEqual({ kind: "part-awaited", part: 2, why: expect.stringContaining("no") });
      expect(readLedger(runDir)).toMatchObject({ jobs: [{ part: 1 }, { part: 2 }] });
      expect(target.emulator.state.pools.get(target.userPoolId)?.users.size).toBe(4);
      expect(
        [...(target.emulator.state.pools.get(target.userPoolId)?.users ?? [])].map(({ enabled }) => enabled),
      ).toEqual([false, false, false, false]);
    },
  );
});

describe("a session that is limited", () => {
  const MIXED = members(7, (number) => ({
    email_verified: number <= 4,
    disabled: number % 4 === 1,
    teams: ["crew"],
  }));
  const DISABLED = { planned: 2, untouched: 0, done: 2, failed: 0 };

  async function applied(runDir: string, ...flags: readonly string[]) {
    return jsonOf(await runCli(["apply", "--run-dir", runDir, ...flags, "--json"]));
  }

  test("does its step, and disables who may not sign in; the next ones do the rest", async () => {
    const target = await aTarget();
    const runDir = await aPlanOf(target, MIXED);
    const imported = await applied(runDir, "--only", "import-jobs");
    expect(imported).toMatchObject({
      state: "applying",
      outcomes: { imported: 4 },
      unsettled: 3,
      followUps: { disable: { planned: 2, done: 1 }, "add-to-group": { planned: 7, done: 0 } },
      exitCode: 0,
    });
    expect(await applied(runDir, "--only", "admin-create")).toMatchObject({
      state: "applying",
      outcomes: { imported: 7 },
      followUps: { disable: DISABLED, "add-to-group": { done: 0 } },
      exitCode: 0,
    });
    expect(target.emulator.control.stats().operations["AdminAddUserToGroup"]).toBeUndefined();
    expect(await applied(runDir, "--only", "follow-ups")).toMatchObject({
      state: "done",
      followUps: { disable: DISABLED, "add-to-group": { done: 7, failed: 0 } },
      exitCode: 0,
    });
  });

  test("needs no log role where it begins no import job", async () => {
    const target = await aTarget();
    const runDir = join(aFolder(), "run");
    await plan({
      source: { type: "csv", path: aUserCsv(2) },
      userPoolId: target.userPoolId,
      endpointUrl: target.emulator.url,
      runDir,
    });
    expect(await applied(runDir, "--only", "admin-create")).toMatchObject({ unsettled: 2, exitCode: 0 });
    await expect(apply({ runDir, only: "import-jobs" })).rejects.toMatchObject({ code: "LOGS_ROLE_MISSING" });
    expect(await apply({ runDir, logsRoleArn: LOGS_ROLE_ARN })).toMatchObject({ outcomes: { imported: 2 } });
  });

  test("sends so many users and no more, finishes these, and says how to go on", async () => {
    const target = await aTarget();
    const runDir = await aPlanOf(target, MIXED);
    const sizeOf = (): number => target.emulator.state.pools.get(target.userPoolId)?.users.size ?? 0;
    const first = await runCli(["apply", "--run-dir", runDir, "--max-users", "3"]);
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain(`poolferry resume --run-dir ${runDir}`);
    expect(sizeOf()).toBe(3);
    expect(target.emulator.control.stats().operations["AdminAddUserToGroup"]).toMatchObject({ requests: 3 });

    expect(await applied(runDir, "--max-users", "2")).toMatchObject({
      outcomes: { imported: 5 },
      unsettled: 2,
      state: "applying",
      exitCode: 0,
    });
    expect(sizeOf()).toBe(5);
    expect(await applied(runDir, "--max-users", "9")).toMatchObject({
      outcomes: { imported: 7 },
      followUps: { disable: DISABLED, "add-to-group": { done: 7 } },
      state: "done",
      exitCode: 0,
    });
  });

  test("is refused a step that the plan does not have, and stays a plan", async () => {
    const target = await aTarget();
    const runDir = await aPlanOf(target, members(1));
    const { exitCode, stdout } = await runCli(["apply", "--run-dir", runDir, "--only", "sign-up", "--json"]);
    expect(exitCode).toBe(2);
    expect(stdout).toContain("No user of this plan goes by sign-up");
    expect(jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]))).toMatchObject({
      state: "planned",
    });
  });

  test.each([
    ["--max-users", "0"],
    ["--max-users", "1.5"],
    ["--only", "jobs"],
  ])("is refused %s %s", async (flag, value) => {
    const { exitCode } = await runCli(["apply", "--run-dir", aFolder(), flag, value]);
    expect(exitCode).toBe(2);
  });
});
