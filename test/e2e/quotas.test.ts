import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Fault } from "../../emulator/steer.ts";
import { apply, plan, type RunEvent } from "../../src/index.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

/** Users whom AdminCreateUser brings in, since nothing about them is verified. */
function unverifiedUsers(count: number): string {
  return aUserCsv(count, (_, cells) => cells.splice(2, 1, "false"));
}

async function aPlan(
  { emulator, userPoolId }: Target,
  path: string,
  options: { readonly quotaShare?: number } = {},
): Promise<string> {
  const runDir = join(aFolder(), "run");
  const target = { userPoolId, endpointUrl: emulator.url, logsRoleArn: LOGS_ROLE_ARN };
  await plan({ source: { type: "csv", path }, ...target, ...options, runDir });
  return runDir;
}

const DENIED: Fault = {
  kind: "error",
  status: 400,
  type: "AccessDeniedException",
  message: "User is not authorized to perform: cognito-idp:GetProvisionedLimit",
};
const UNKNOWN: Fault = { kind: "error", status: 400, type: "UnknownOperationException", message: "what?" };

describe("the account's rates", () => {
  test("are read and said", async () => {
    const quotas = { categories: { UserCreation: 70 } };
    const target = await aTarget({}, { quotas });
    const runDir = await aPlan(target, unverifiedUsers(40));
    const events: RunEvent[] = [];
    const { outcomes } = await apply({ runDir, observe: (event) => events.push(event) });
    expect(outcomes).toMatchObject({ imported: 40 });
    expect(events).toContainEqual({ kind: "quota-read", category: "UserCreation", rps: 70 });
  });

  test.each([
    ["the credentials may not ask", DENIED, "ACCESS_DENIED"],
    ["the service does not know the operation", UNKNOWN, "ENDPOINT_UNSUPPORTED"],
  ])("are taken to be the documented ones where %s, and the run goes on", async (_, fault, error) => {
    const target = await aTarget();
    target.emulator.control.planFault({ operation: "GetProvisionedLimit", count: 0, fault });
    const runDir = await aPlan(target, unverifiedUsers(40));
    const events: RunEvent[] = [];
    const { outcomes, exitCode } = await apply({ runDir, observe: (event) => events.push(event) });
    expect({ outcomes, exitCode }).toMatchObject({ outcomes: { imported: 40 }, exitCode: 0 });
    expect(events).toContainEqual({ kind: "quota-assumed", category: "UserCreation", rps: 50, error });
    const refused = Object.entries(target.emulator.control.stats().operations).filter(
      ([name, { refused }]) => name !== "GetProvisionedLimit" && Object.keys(refused).length > 0,
    );
    expect(refused).toEqual([]);
  });
});

test("how far a run was, and what it took of the quotas, is noted in its ledger", async () => {
  const target = await aTarget({}, { quotas: { categories: { UserCreation: 20 } } });
  const runDir = await aPlan(target, unverifiedUsers(90));
  await apply({ runDir });
  await using ledger = await openSqliteLedger(join(runDir, "ledger.db"), "read");
  const { samples } = await ledger.timeline();
  // At the beginning, after five seconds, and in the end.
  expect(samples[0]).toEqual({ at: expect.any(Number), settled: 0, rates: [] });
  expect(samples.length).toBeGreaterThanOrEqual(3);
  expect(samples.at(-1)?.settled).toBe(90);
  const [middle] = samples
    .slice(1)
    .map(({ rates }) => rates.find(({ category }) => category === "UserCreation"));
  expect(middle?.limit).toBeCloseTo(16, 5);
  expect(middle?.taken).toBeGreaterThan(8);
  expect(middle?.taken).toBeLessThan(22);
});

/** The milliseconds from the first to the last AdminCreateUser of an emulator. */
async function aTimedTarget(): Promise<{ readonly target: Target; readonly tookMs: () => number }> {
  const times: number[] = [];
  const beforeEffect = ({ operation }: { readonly operation: string }): undefined => {
    if (operation === "AdminCreateUser") times.push(performance.now());
  };
  const target = await aTarget({}, { hooks: { beforeEffect } });
  return { target, tookMs: () => (times.at(-1) ?? 0) - (times[0] ?? 0) };
}

// Two requests a second, where the default would be forty.
const SMALL = "0.04";
/** Less than that takes, as a busy machine may hear of the first request late. */
const AT_LEAST_MS = 500;

describe("the share of the quotas", () => {
  test("in the config is kept by a later apply", async () => {
    const { target, tookMs } = await aTimedTarget();
    const runDir = join(aFolder(), "run");
    const source = unverifiedUsers(3);
    const config = aFile(
      `source: { type: csv, path: ${source} }\nlimits: { quotaShare: ${SMALL} }\n`,
      "ferry.yaml",
    );
    await runCli(["plan", "--config", config, ...target.flags, "--run-dir", runDir]);
    const { outcomes } = jsonOf(await runCli(["apply", "--run-dir", runDir, "--json"]));
    expect(outcomes).toMatchObject({ imported: 3 });
    expect(tookMs()).toBeGreaterThan(AT_LEAST_MS);
  });

  test("on the command line takes its place", async () => {
    const { target, tookMs } = await aTimedTarget();
    const runDir = await aPlan(target, unverifiedUsers(3));
    const { outcomes } = jsonOf(
      await runCli(["apply", "--run-dir", runDir, "--quota-share", SMALL, "--json"]),
    );
    expect(outcomes).toMatchObject({ imported: 3 });
    expect(tookMs()).toBeGreaterThan(AT_LEAST_MS);
  });

  test.each(["0", "1.1", "80%", "-0.5", "much"])("cannot be %s", async (share) => {
    const { exitCode, stderr } = await runCli(["apply", "--run-dir", "run", "--quota-share", share]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("above 0 and up to 1");
  });

  test("cannot be 80 for a program either", async () => {
    const target = await aTarget();
    const refused = aPlan(target, unverifiedUsers(1), { quotaShare: 80 });
    await expect(refused).rejects.toMatchObject({ code: "USAGE" });
  });
});
