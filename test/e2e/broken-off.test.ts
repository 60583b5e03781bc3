import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";
import { parse } from "csv-parse/sync";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { apply, plan, type RunEvent, type RunSummary } from "../../src/index.ts";
import { finish, jsonOf, runCli, startCli, type JsonResult } from "../support/cli.ts";
import type { RuleSettings } from "../support/emulator.ts";
import { aFolder } from "../support/files.ts";
import { Hold, type Side } from "../support/hold.ts";
import { aUserCsv, usernames } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, migrateArgs, type Target } from "../support/target.ts";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

afterAll(() => vi.unstubAllEnvs());

/** A value that our checks let pass and that the emulator refuses, as its own idea of an e-mail address is stricter. */
const REFUSING: RuleSettings = { emailPattern: /^u\d+@example\.com$/, highestFailedShare: 1 };

function aCsvRefusing(users: number, refused: readonly number[]): string {
  return aUserCsv(users, (number, cells) => {
    if (refused.includes(number)) cells[1] = `refused${number}@example.com`;
  });
}

interface Ran {
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
  readonly runDir: string;
}

async function planInto({ emulator, userPoolId }: Target, path: string): Promise<string> {
  const runDir = join(aFolder(), "run");
  const source = { type: "csv", path };
  // What these tests are about is what the import jobs tell.
  const policies = { failedRows: "leave" } as const;
  await plan({
    source,
    userPoolId,
    endpointUrl: emulator.url,
    logsRoleArn: LOGS_ROLE_ARN,
    policies,
    runDir,
  });
  return runDir;
}

async function run(
  target: Target,
  path: string,
  act: (event: RunEvent) => void = () => undefined,
): Promise<Ran> {
  const runDir = await planInto(target, path);
  const events: RunEvent[] = [];
  const observe = (event: RunEvent): void => {
    events.push(event);
    act(event);
  };
  const summary = await apply({ runDir, logWaitMs: 500, observe });
  return { summary, events, runDir };
}

const partsOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.kind === "part-spooled" ? [event.rows] : []));

const rows = (path: string) => parse(readFileSync(path), { columns: true }) as Record<string, string>[];

test.each([
  ["counts the header", { firstLineNumber: 2 }],
  ["does not count the header", { firstLineNumber: 1 }],
  ["comes doubled and out of order", { logDoubledShare: 0.5, logShuffledLines: 40 }],
  ["has lost some lines", { logLostShare: 0.3, logFaultSeed: 3 }],
  ["was deleted", { logDelivery: "never" }],
] as const)(
  "whom a job that broke off did not reach go into new parts, where its log %s",
  { timeout: 60_000 },
  async (_, rules) => {
    const target = await aTarget({}, { rules: { ...REFUSING, jobFailsAfterRows: 40, ...rules } });
    const { summary, runDir } = await run(target, aCsvRefusing(100, [2, 39, 41, 100]));
    expect(summary).toMatchObject({ outcomes: { imported: 96, skipped: 0, failed: 4 }, exitCode: 3 });
    expect(target.users()).toHaveLength(96);
    expect(rows(join(runDir, "failed.csv")).map(({ username }) => username)).toEqual([
      "u2",
      "u39",
      "u41",
      "u100",
    ]);
    expect(rows(join(runDir, "identity-map.csv"))).toHaveLength(96);
  },
);

test("the new part holds the rest only, and a whole log leaves nobody to be sent again", async () => {
  const target = await aTarget({}, { rules: { ...REFUSING, jobFailsAfterRows: 40 } });
  const { events, runDir } = await run(target, aCsvRefusing(100, [2, 39]));
  expect(partsOf(events)).toEqual([100, 60, 20]);
  expect(events.filter(({ kind }) => kind === "part-split")).toEqual([
    {
      kind: "part-split",
      part: 1,
      why: "the job ended as Failed (Too many users have failed or been skipped during the import.)",
      settled: 40,
      left: 60,
    },
    expect.objectContaining({ kind: "part-split", part: 2, settled: 40, left: 20 }),
  ]);
  expect(rows(join(runDir, "failed.csv")).map((row) => row["poolferry_reason"])).toEqual([
    "import-failed",
    "import-failed",
  ]);
  expect(readdirSync(join(runDir, "parts"))).toEqual([]);
});

test("a job that expires after its start is followed by another", async () => {
  const target = await aTarget({}, { rules: { jobStuckAfterRows: 2 } });
  const { summary, events } = await run(target, aUserCsv(5), (event) => {
    const stuck = jobsOf(target)[0];
    if (event.kind !== "job-progress" || event.imported !== 2 || stuck?.status !== "InProgress") return;
    Object.assign(stuck, { status: "Expired", completionMessage: "The user import job has expired." });
    target.emulator.control.changeRules({ jobStuckAfterRows: Infinity });
  });
  expect(partsOf(events)).toEqual([5, 3]);
  expect(summary).toMatchObject({ outcomes: { imported: 5 }, exitCode: 0 });
});

test(
  "who came in by the job that broke off, unseen, is ours; who was there before is not",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget(
      {},
      { rules: { jobFailsAfterRows: 3, logDelivery: "never", listLagMs: 2_500 } },
    );
    const { control, url, region } = target.emulator;
    const client = new CognitoIdentityProviderClient({
      endpoint: url,
      region,
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    onTestFinished(() => client.destroy());
    await client.send(
      new AdminCreateUserCommand({
        UserPoolId: target.userPoolId,
        Username: "u2",
        MessageAction: "SUPPRESS",
      }),
    );
    const { summary, events, runDir } = await run(target, aUserCsv(5), ({ kind }) => {
      if (kind === "part-split")
        control.changeRules({ jobFailsAfterRows: Infinity, logDelivery: "while-in-progress" });
    });
    expect(partsOf(events)).toEqual([5, 5]);
    expect(summary.outcomes).toMatchObject({ imported: 4, skipped: 1, failed: 0 });
    expect(rows(join(runDir, "skipped.csv"))).toMatchObject([
      { username: "u2", poolferry_reason: "user-exists" },
    ]);
  },
);

const jobsOf = ({ emulator, userPoolId }: Target) => [
  ...(emulator.state.pools.get(userPoolId)?.jobs.values() ?? []),
];
const statusesOf = (target: Target): readonly string[] => jobsOf(target).map(({ status }) => status);

/** Stops the last job, as StopUserImportJob does. */
function stopJob(target: Target): void {
  const job = jobsOf(target).at(-1);
  if (job === undefined) throw new Error("there is a job");
  Object.assign(job, {
    status: "Stopped",
    completionMessage: "The Import Job was stopped by the developer.",
  });
  target.emulator.control.changeRules({ jobStuckAfterRows: Infinity });
}

const resume = async (runDir: string): Promise<JsonResult> =>
  jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"]));

function expectEveryoneOnce(target: Target, users: number, result: JsonResult): void {
  expect(result).toMatchObject({ state: "done", exitCode: 0 });
  expect(result.outcomes).toEqual({ imported: users, updated: 0, skipped: 0, failed: 0, rejected: 0 });
  expect(target.users().map(({ username }) => username)).toEqual(usernames(users));
}

test.each([0, 3])(
  "a job that someone stopped after %i users stops the run, and a resume carries on with the rest",
  async (rowsBefore) => {
    const target = await aTarget({}, { rules: { jobStuckAfterRows: rowsBefore } });
    const runDir = join(aFolder(), "run");
    const child = startCli(migrateArgs(target, `csv:${aUserCsv(8)}`, { runDir }));
    const ended = finish(child);
    await vi.waitFor(() => expect(statusesOf(target)).toEqual(["InProgress"]), { timeout: 60_000 });
    await vi.waitFor(() => expect(target.users()).toHaveLength(rowsBefore));
    stopJob(target);
    const stopped = await ended;
    expect(jsonOf(stopped).error).toMatchObject({
      code: "IMPORT_JOB_UNUSABLE",
      message: expect.stringContaining("ended as Stopped by someone's hand") as string,
      hint: expect.stringContaining(`poolferry resume --run-dir ${runDir}`) as string,
    });
    expect(stopped.exitCode).toBe(4);
    expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(1);
    const status = jsonOf(await runCli(["status", "--run-dir", runDir, "--json"]));
    expect(status.outcomes).toMatchObject({ imported: rowsBefore, failed: 0 });

    expectEveryoneOnce(target, 8, await resume(runDir));
    expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
  },
);

test("jobs that break off and bring nobody forward stop the run after the second one", async () => {
  const target = await aTarget(
    {},
    { rules: { jobFailsAfterRows: 1, listLagMs: 600_000, logDelivery: "never" } },
  );
  await expect(run(target, aUserCsv(4))).rejects.toMatchObject({
    code: "IMPORT_JOB_UNUSABLE",
    exitCode: 4,
    message: expect.stringMatching(
      /^2 import jobs in a row brought nobody forward; of the last one, import-\w+: .*Too many users/,
    ) as string,
    hint: expect.stringContaining("poolferry resume") as string,
  });
  expect(target.emulator.requestCounts.get("CreateUserImportJob")).toBe(2);
});

test(
  "after ten jobs in a row that broke off the run stops, and a resume goes on from there",
  { timeout: 90_000 },
  async () => {
    const target = await aTarget({}, { rules: { jobFailsAfterRows: 1 } });
    const runDir = join(aFolder(), "run");
    const stopped = await runCli(migrateArgs(target, `csv:${aUserCsv(12)}`, { runDir }));
    expect(jsonOf(stopped).error).toMatchObject({
      code: "IMPORT_JOB_UNUSABLE",
      message: expect.stringMatching(
        /^10 import jobs in a row broke off; of the last one, import-\w+: .*Too many users/,
      ) as string,
    });
    expect(stopped.exitCode).toBe(4);
    expect(target.users()).toHaveLength(10);
    expectEveryoneOnce(target, 12, await resume(runDir));
  },
);

/** Steps of the first job's end and of the second job's life, each caught on both sides of its effect. */
const POINTS = [
  { operation: "GetLogEvents", number: 1 },
  { operation: "ListUsers", number: 1 },
  { operation: "CreateUserImportJob", number: 2 },
  { operation: "PutObject", number: 2 },
  { operation: "StartUserImportJob", number: 2 },
  { operation: "GetLogEvents", number: 3 },
].flatMap((point) => (["before", "after"] as const).map((side: Side) => ({ ...point, side })));

test.each(POINTS)(
  "killed $side the effect of $operation number $number, a resumed run ends with everyone imported once",
  { timeout: 60_000 },
  async (point) => {
    const hold = new Hold(point);
    const target = await aTarget({}, { rules: { jobFailsAfterRows: 3 }, hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    const child = startCli(migrateArgs(target, `csv:${aUserCsv(5)}`, { runDir }));
    const ended = finish(child);
    await hold.caught;
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    hold.release();

    expectEveryoneOnce(target, 5, await resume(runDir));
    expect(readdirSync(join(runDir, "parts"))).toEqual([]);
  },
);
