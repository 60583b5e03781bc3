import {
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
  CreateUserPoolCommand,
  GetCSVHeaderCommand,
  StartUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { apply, plan } from "../../src/index.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import type { RuleSettings } from "../support/emulator.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, migrateArgs, type Target } from "../support/target.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

/** A target at whose account a job of somebody else hangs, in the same pool or in another one. */
async function aBusyTarget(where: "same pool" | "other pool", rules: RuleSettings = {}): Promise<Target> {
  const target = await aTarget({}, { rules: { jobStuckAfterRows: 0, ...rules } });
  const { url, region } = target.emulator;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new CognitoIdentityProviderClient({ endpoint: url, region, credentials });
  onTestFinished(() => client.destroy());
  const other = new CreateUserPoolCommand({ PoolName: "other", AutoVerifiedAttributes: ["email"] });
  const UserPoolId = where === "same pool" ? target.userPoolId : (await client.send(other)).UserPool?.Id;
  const { CSVHeader = [] } = await client.send(new GetCSVHeaderCommand({ UserPoolId }));
  const { UserImportJob } = await client.send(
    new CreateUserImportJobCommand({ UserPoolId, JobName: "others", CloudWatchLogsRoleArn: LOGS_ROLE_ARN }),
  );
  const uploaded = await fetch(UserImportJob?.PreSignedUrl ?? "", {
    method: "PUT",
    headers: { "x-amz-server-side-encryption": "aws:kms" },
    body: `${CSVHeader.join(",")}\n`,
  });
  expect(uploaded.status).toBe(200);
  await client.send(new StartUserImportJobCommand({ UserPoolId, JobId: UserImportJob?.JobId }));
  return target;
}

const letGo = ({ emulator }: Target): void => emulator.control.changeRules({ jobStuckAfterRows: Infinity });

const refusedStarts = ({ emulator }: Target): number =>
  Object.values(emulator.control.stats().operations["StartUserImportJob"]?.refused ?? {}).reduce(
    (sum, count) => sum + count,
    0,
  );

function expectEveryoneOnce(target: Target, result: JsonResult): void {
  expect(result).toMatchObject({ state: "done", outcomes: { imported: 3 }, exitCode: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(3));
}

const ODD: RuleSettings = { texts: { anotherJobActive: "Not now." } };

test.each([
  { where: "other pool", rules: {} },
  { where: "same pool", rules: {} },
  { where: "same pool", rules: ODD },
  { where: "other pool", rules: { secondActiveJobError: "LimitExceededException" } },
  { where: "other pool", rules: { secondActiveJobError: "InvalidParameterException" } },
] as const)("another active job in the $where, told with $rules, is waited for", async ({ where, rules }) => {
  const target = await aBusyTarget(where, rules);
  const running = runCli(migrateArgs(target, `csv:${aUserCsv(3)}`));
  await vi.waitFor(() => expect(refusedStarts(target)).toBeGreaterThan(1), { timeout: 60_000 });
  letGo(target);
  const ended = await running;
  expectEveryoneOnce(target, jsonOf(ended));
  expect(ended.stderr).toContain("part 1: waiting, as another import job is active: ");
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
});

test("a run that is not to wait stops, and a resume uses the job that is there", async () => {
  const target = await aBusyTarget("other pool");
  const runDir = join(aFolder(), "run");
  const config = aFile("importJob: { waitMinutes: 0 }", "ferry.yaml");
  const args = [...migrateArgs(target, `csv:${aUserCsv(3)}`, { runDir }), "--config", config];
  const stopped = await runCli(args);
  expect(jsonOf(stopped)).toMatchObject({
    exitCode: 4,
    error: {
      code: "IMPORT_JOB_UNUSABLE",
      message:
        "Another import job is active, and only one can be in an account: Another user import job is already active. (PreconditionNotMetException)",
      hint: expect.stringContaining("poolferry resume") as string,
    },
  });
  letGo(target);
  expectEveryoneOnce(target, jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"])));
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
});

test("the wait has an end, and says how long it was", async () => {
  const target = await aBusyTarget("other pool");
  const { emulator, userPoolId } = target;
  const runDir = join(aFolder(), "run");
  const source = { type: "csv", path: aUserCsv(3) };
  await plan({ source, userPoolId, endpointUrl: emulator.url, logsRoleArn: LOGS_ROLE_ARN, runDir });
  await expect(apply({ runDir, otherJobWaitMs: 1_800 })).rejects.toMatchObject({
    code: "IMPORT_JOB_UNUSABLE",
    exitCode: 4,
    message: expect.stringContaining("is active, also after 0.03 minutes, and") as string,
  });
  expect(refusedStarts(target)).toBe(3);
});

test.each(["SIGKILL", "SIGINT"] as const)(
  "%s while it waits leaves a run that can be resumed",
  async (signal) => {
    const target = await aBusyTarget("other pool");
    const runDir = join(aFolder(), "run");
    const child = startCli(migrateArgs(target, `csv:${aUserCsv(3)}`, { runDir }));
    const ended = finish(child);
    await vi.waitFor(() => expect(refusedStarts(target)).toBe(1), { timeout: 60_000 });
    child.kill(signal);
    expect(await ended).toMatchObject(signal === "SIGINT" ? { exitCode: 130 } : { signal });
    letGo(target);
    expectEveryoneOnce(target, jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"])));
    expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
  },
);

test("a start that is refused for another reason is not waited for", async () => {
  const target = await aTarget();
  target.emulator.control.planFault({
    operation: "StartUserImportJob",
    count: 0,
    fault: {
      kind: "error",
      status: 400,
      type: "PreconditionNotMetException",
      message: "The user pool has no auto verified attributes.",
    },
  });
  const stopped = await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`));
  expect(jsonOf(stopped).error).toMatchObject({
    code: "IMPORT_JOB_UNUSABLE",
    message: expect.stringContaining("Cognito refuses to start the import job") as string,
  });
  // Once more, as another job might have ended between two looks.
  expect(target.emulator.requestCounts.get("StartUserImportJob")).toBe(2);
});
