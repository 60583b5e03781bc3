import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Cognito } from "../../src/cognito/cognito.ts";
import { readPool } from "../../src/cognito/read-pool.ts";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import { createPostgresLedger } from "../../src/ledger/postgres-ledger.ts";
import { Allowance } from "../../src/load/allowance.ts";
import { loadRun } from "../../src/load/load-run.ts";
import { Spool } from "../../src/load/spool.ts";
import { summarise } from "../../src/report/summary.ts";
import { aPlannedUser } from "../contract/ledger-contract.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";
import { aFolder } from "../support/files.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aTarget, LOGS_ROLE_ARN } from "../support/target.ts";

let server: TestPostgres;
beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  server = await startPostgres();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

/** One in three goes by AdminCreateUser, the others by import jobs; one in five may not sign in. */
function aUser(seq: number): PlannedUser {
  const isCreated = seq % 3 === 1;
  return aPlannedUser(seq, {
    attributes: [
      ["email", `u${seq}@example.com`],
      ["email_verified", isCreated ? "false" : "true"],
    ],
    route: isCreated ? "admin-create" : "import-job",
    followUps: [
      ...(seq % 5 === 0 ? ([{ kind: "disable" }] as const) : []),
      { kind: "add-to-group", group: "crew" },
    ],
  });
}

test(
  "a run whose ledger is in PostgreSQL is loaded by all lanes at once, and everybody comes once",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget({}, { quotas: "off" });
    const connection = {
      region: target.emulator.region,
      profile: undefined,
      endpointUrl: target.emulator.url,
      logsEndpointUrl: undefined,
    };
    const { signal } = new AbortController();
    await using cognito = new Cognito(connection, () => undefined, 1);
    const pool = await readPool(cognito, target.userPoolId, signal);
    const facts = {
      ...someFacts(),
      connection,
      pool,
      limits: { canaryUsers: 10, failedShare: 1, otherJobWaitMs: 0 },
    };
    await using ledger = await createPostgresLedger(
      { place: "X", url: server.url, signal: undefined },
      facts,
    );
    const users = Array.from({ length: 150 }, (_, index) => aUser(index + 1));
    await ledger.addUsers(users);
    await ledger.rejectClashes("reject-all");
    await ledger.finishPlan(SOME_SOURCE);
    await ledger.setState("applying");

    const runDir = aFolder();
    await loadRun(
      {
        cognito,
        ledger,
        spool: new Spool(runDir, pool),
        logsRoleArn: LOGS_ROLE_ARN,
        signal,
        observe: () => undefined,
        isResumed: false,
        logWaitMs: 10_000,
        otherJobWaitMs: 0,
        allowance: new Allowance(),
        failedShare: 1,
      },
      { only: undefined, partLimits: { rows: 40, bytes: 100_000 }, isLimited: false },
    );

    const summary = await summarise(ledger, runDir);
    expect(summary).toMatchObject({ outcomes: { imported: 150 }, unsettled: 0 });
    expect(summary.followUps).toMatchObject({
      disable: { planned: 30, done: 30, failed: 0 },
      "add-to-group": { planned: 150, done: 150, failed: 0 },
    });
    expect(target.users()).toHaveLength(150);
    const counts = target.emulator.requestCounts;
    expect([
      counts.get("AdminCreateUser"),
      counts.get("AdminDisableUser"),
      counts.get("AdminAddUserToGroup"),
    ]).toEqual([50, 30, 150]);
    expect(await ledger.countWithoutSub()).toBe(0);
  },
);
