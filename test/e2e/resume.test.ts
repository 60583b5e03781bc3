import {
  CognitoIdentityProviderClient,
  StartUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fault, Hooks } from "../../emulator/steer.ts";
import { finish, jsonOf, runCli, startCli, type CommandResult, type JsonResult } from "../support/cli.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, type Target, migrateArgs } from "../support/target.ts";
import { aFolder } from "../support/files.ts";

const USERS = 5;

interface Killing {
  readonly target: Target;
  readonly runDir: string;
  readonly signal: NodeJS.Signals;
}

/** Migrates until the held request comes, sends the signal, and lets the request go once the process has ended. */
async function migrateUntil(hold: Hold, { target, runDir, signal }: Killing): Promise<CommandResult> {
  const child = startCli(migrateArgs(target, `csv:${aUserCsv(USERS)}`, { runDir }));
  const ended = finish(child);
  await hold.caught;
  child.kill(signal);
  const result = await ended;
  hold.release();
  return result;
}

async function resume(runDir: string): Promise<JsonResult> {
  return jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));
}

function expectEveryoneOnce(target: Target, result: JsonResult): void {
  expect(result).toMatchObject({ state: "done", source: { rows: USERS }, exitCode: 0 });
  expect(result.outcomes).toEqual({ imported: USERS, updated: 0, skipped: 0, failed: 0, rejected: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(USERS));
}

test("a creation whose reply was lost is looked for, not repeated", async () => {
  const target = await aTarget({}, { hooks: spoilFirst("CreateUserImportJob", "after", DROP) });
  await runCli(migrateArgs(target, `csv:${aUserCsv(USERS)}`));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(1);
});

test("a job that someone started by hand after the kill is adopted, not done again", async () => {
  const hold = new Hold({ operation: "PutObject", number: 1, side: "after" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const runDir = join(aFolder(), "run");
  await migrateUntil(hold, { target, runDir, signal: "SIGKILL" });
  const client = new CognitoIdentityProviderClient({
    endpoint: target.emulator.url,
    region: target.emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => client.destroy());
  const [JobId] = target.emulator.state.pools.get(target.userPoolId)?.jobs.keys() ?? [];
  await client.send(new StartUserImportJobCommand({ UserPoolId: target.userPoolId, JobId }));

  expectEveryoneOnce(target, await resume(runDir));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(1);
});

test("a job that expired while nobody was there is replaced by a new one", async () => {
  const hold = new Hold({ operation: "StartUserImportJob", number: 1, side: "before" });
  let lateMs = 0;
  const target = await aTarget({}, { hooks: hold.hooks, clock: () => Date.now() + lateMs });
  const runDir = join(aFolder(), "run");
  await migrateUntil(hold, { target, runDir, signal: "SIGKILL" });
  lateMs = 48 * 60 * 60 * 1000;

  expectEveryoneOnce(target, await resume(runDir));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s stops at a safe point with exit code 130 and names resume",
  async (signal) => {
    const hold = new Hold({ operation: "DescribeUserImportJob", number: 1, side: "before" });
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    const result = await migrateUntil(hold, { target, runDir, signal });
    expect(result.exitCode).toBe(130);
    expect(jsonOf(result).error?.hint).toContain(`poolferry resume --run-dir ${runDir}`);

    const status = await runCli(["status", "--run-dir", runDir, "--json"]);
    expect(jsonOf(status)).toMatchObject({ state: "applying", exitCode: 4 });
    expect(status.exitCode).toBe(4);
    expectEveryoneOnce(target, await resume(runDir));
  },
);

test("an interrupted plan leaves nothing behind", async () => {
  const hold = new Hold({ operation: "DescribeUserPool", number: 1, side: "before" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const runDir = join(aFolder(), "run");
  const child = startCli(["plan", "--from", `csv:${aUserCsv(USERS)}`, ...target.flags, "--run-dir", runDir]);
  const stopped = finish(child);
  await hold.caught;
  child.kill("SIGINT");
  expect((await stopped).exitCode).toBe(130);
  hold.release();
  expect(() => readdirSync(runDir)).toThrow("ENOENT");
});

test("migrate refuses a folder with an unfinished run and names resume", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const source = `csv:${aUserCsv(USERS)}`;
  await runCli(["plan", "--from", source, ...target.flags, "--run-dir", runDir]);
  const refused = await runCli(migrateArgs(target, source, { runDir }));
  expect(jsonOf(refused).error).toMatchObject({
    code: "RUN_EXISTS",
    hint: expect.stringContaining(`poolferry resume --run-dir ${runDir}`) as string,
  });
  expect(refused.exitCode).toBe(2);
  expectEveryoneOnce(target, await resume(runDir));
});

test("a second process on the same run is refused while the first one works", async () => {
  const hold = new Hold({ operation: "StartUserImportJob", number: 1, side: "before" });
  const target = await aTarget({}, { hooks: hold.hooks });
  const runDir = join(aFolder(), "run");
  const child = startCli(migrateArgs(target, `csv:${aUserCsv(USERS)}`, { runDir }));
  const first = finish(child);
  await hold.caught;
  const second = await runCli(["resume", "--run-dir", runDir, "--json"]);
  expect(jsonOf(second).error?.code).toBe("RUN_BUSY");
  expect(second.exitCode).toBe(2);
  hold.release();
  expectEveryoneOnce(target, jsonOf(await first));
});

/** Spoils the first request of one operation. */
function spoilFirst(operation: string, side: Side, fault: Fault): Hooks {
  const hook = (call: { operation: string; number: number }): Fault | undefined =>
    call.operation === operation && call.number === 1 ? fault : undefined;
  return side === "before" ? { beforeEffect: hook } : { afterEffect: hook };
}

const DROP: Fault = { kind: "drop" };

test("an upload address that expired is replaced by a new job's", async () => {
  let lateMs = 0;
  const hooks: Hooks = {
    beforeEffect: ({ operation, number }) => {
      if (operation === "PutObject" && number === 1) lateMs = 16 * 60 * 1000;
    },
  };
  const target = await aTarget({}, { hooks, clock: () => Date.now() + lateMs });
  const result = await runCli(migrateArgs(target, `csv:${aUserCsv(USERS)}`));
  expectEveryoneOnce(target, jsonOf(result));
  expect(result.stderr).toContain("Request has expired");
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
});
