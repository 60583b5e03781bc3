import {
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apply, plan } from "../../src/index.ts";
import type { PlannedFault, RuleSettings } from "../support/emulator.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, migrateArgs } from "../support/target.ts";
import { aFolder } from "../support/files.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

const USERS = 120;

/** What Cognito may be like, as far as anybody knows; each user must still end in one outcome, and a true one. */
const ODDITIES: readonly (readonly [string, RuleSettings])[] = [
  ["the first user's line is 1", { firstLineNumber: 1 }],
  ["logs come in small pages with empty ones before", { emptyLogPages: 2, eventsInLogPage: 50 }],
  ["log lines come late", { logLagMs: 700 }],
  ["a third of the log lines is lost", { logLostShare: 0.33, logFaultSeed: 7 }],
  ["all log lines are lost", { logLostShare: 1 }],
  ["half of the log lines come twice", { logDoubledShare: 0.5 }],
  ["the log's order is lost", { logShuffledLines: 60 }],
  [
    "the log is short, doubled and shuffled",
    { logLostShare: 0.2, logDoubledShare: 0.4, logShuffledLines: 30 },
  ],
  ["the log appears when the job has ended", { logDelivery: "at-the-end" }],
  ["counts stand still until the end", { countsWhileInProgress: false, jobStartDelayMs: 600 }],
  ["new users are missing from lists for a while", { listLagMs: 900, logLostShare: 0.5 }],
  ["lists look through few users at a time", { usersSearchedInPage: 50, logLostShare: 0.5 }],
];

test.each(ODDITIES)("everybody arrives once, where %s", { timeout: 60_000 }, async (_, rules) => {
  const target = await aTarget({}, { rules });
  const runDir = join(aFolder(), "run");
  const { emulator, userPoolId } = target;
  const source = { type: "csv", path: aUserCsv(USERS) };
  await plan({ source, userPoolId, endpointUrl: emulator.url, logsRoleArn: LOGS_ROLE_ARN, runDir });
  // Two minutes unless told otherwise, which is right for Cognito and long for a test.
  const { outcomes, exitCode } = await apply({ runDir, logWaitMs: 3000 });
  expect({ outcomes, exitCode }).toMatchObject({ outcomes: { imported: USERS }, exitCode: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(USERS));
});

const THROTTLE = { kind: "throttle" } as const;
const PAGE = { kind: "html", status: 503 } as const;

/** Faults that a run gets over by itself. */
const FAULTS: readonly (readonly [string, readonly PlannedFault[]])[] = [
  ["the first answers are throttles", [{ operation: "*", from: 1, count: 3, fault: THROTTLE }]],
  [
    "reads are answered by pages of HTML",
    [
      { operation: "DescribeUserPool", count: 2, fault: PAGE },
      { operation: "GetCSVHeader", fault: PAGE },
      { operation: "DescribeUserImportJob", count: 2, fault: PAGE },
      { operation: "GetLogEvents", fault: PAGE },
      { operation: "ListUsers", fault: PAGE },
    ],
  ],
  [
    "answers are cut in their middle",
    [
      { operation: "DescribeUserPool", moment: "after-effect", fault: { kind: "truncate" } },
      { operation: "DescribeUserImportJob", moment: "after-effect", fault: { kind: "truncate" } },
      { operation: "GetLogEvents", moment: "after-effect", fault: { kind: "truncate" } },
      { operation: "ListUsers", moment: "after-effect", fault: { kind: "truncate" } },
    ],
  ],
  [
    "connections are reset after the effect",
    [
      { operation: "CreateUserImportJob", moment: "after-effect", fault: { kind: "reset" } },
      { operation: "PutObject", moment: "after-effect", fault: { kind: "reset" } },
      { operation: "StartUserImportJob", moment: "after-effect", fault: { kind: "reset" } },
    ],
  ],
  [
    "the upload was not found at the start",
    [
      {
        operation: "StartUserImportJob",
        fault: {
          kind: "error",
          status: 400,
          type: "PreconditionNotMetException",
          message: "No csv file was uploaded for import-AbCdEfGhIj",
        },
      },
    ],
  ],
  ["the upload is asked to slow down", [{ operation: "PutObject", count: 2, fault: THROTTLE }]],
];

const BEHIND_BALANCER = ["CreateUserImportJob", "StartUserImportJob"].flatMap((operation) =>
  (["before-effect", "after-effect"] as const).map(
    (moment) =>
      [`a page of HTML answers ${operation}, ${moment}`, [{ operation, moment, fault: PAGE }]] as const,
  ),
);

test.each([...FAULTS, ...BEHIND_BALANCER])(
  "everybody arrives once, where %s",
  { timeout: 60_000 },
  async (_, faults) => {
    const target = await aTarget();
    for (const fault of faults) target.emulator.control.planFault(fault);
    const { outcomes, exitCode } = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(USERS)}`)));
    expect({ outcomes, exitCode }).toMatchObject({ outcomes: { imported: USERS }, exitCode: 0 });
    expect(target.users().map(({ username }) => username)).toEqual(usernames(USERS));
    const { operations } = target.emulator.control.stats();
    const spoilt = Object.values(operations).reduce((sum, operation) => sum + operation.spoilt, 0);
    expect(spoilt).toBeGreaterThan(0);
  },
);

test.each(["_", "-", ""])(
  "the log is found where the pool's name has what a log group's cannot have, replaced by %j",
  async (logGroupReplacement) => {
    const target = await aTarget(
      { PoolName: "Kunden + Partner, @home = 1" },
      { rules: { logGroupReplacement } },
    );
    const source = `csv:${aUserCsv(3)}`;
    const result = jsonOf(await runCli(migrateArgs(target, source)));
    expect(result).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
    // The log told of everyone, so that nobody was looked up before the new ids were.
    const { operations } = target.emulator.control.stats();
    expect(operations["GetLogEvents"]?.requests).toBeGreaterThan(0);
  },
);

test("a call is made again after five throttles", async () => {
  const target = await aTarget();
  target.emulator.control.planFault({ operation: "GetCSVHeader", count: 5, fault: THROTTLE });
  const { exitCode } = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(3)}`)));
  expect(exitCode).toBe(0);
  expect(target.emulator.requestCounts.get("GetCSVHeader")).toBeGreaterThanOrEqual(6);
});

test("a job whose reply was lost is found behind a page of newer ones, and no other is made", async () => {
  const target = await aTarget({}, { quotas: "off" });
  const { emulator, userPoolId: UserPoolId } = target;
  const { control } = emulator;
  const operation = "CreateUserImportJob";
  control.planFault({ operation, moment: "after-effect", fault: { kind: "hold", name: "created" } });
  const running = runCli(migrateArgs(target, `csv:${aUserCsv(3)}`));
  await control.waitUntilHeld("created");
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const cognito = new CognitoIdentityProviderClient({
    endpoint: emulator.url,
    region: "us-east-1",
    credentials,
  });
  for (let count = 0; count < 70; count += 1) {
    const other = { UserPoolId, JobName: `other${count}`, CloudWatchLogsRoleArn: LOGS_ROLE_ARN };
    await cognito.send(new CreateUserImportJobCommand(other));
  }
  cognito.destroy();
  control.release("created", "drop");
  expect(jsonOf(await running)).toMatchObject({ outcomes: { imported: 3 }, exitCode: 0 });
  expect(emulator.requestCounts.get(operation)).toBe(71);
});

test("a run keeps below the documented request rates: nothing is throttled", async () => {
  const target = await aTarget();
  const { exitCode } = jsonOf(await runCli(migrateArgs(target, `csv:${aUserCsv(3000)}`)));
  expect(exitCode).toBe(0);
  const { operations } = target.emulator.control.stats();
  expect(operations["ListUsers"]?.requests).toBeGreaterThan(49);
  const refused = Object.values(operations).flatMap((operation) => Object.keys(operation.refused));
  expect(refused).toEqual([]);
});
