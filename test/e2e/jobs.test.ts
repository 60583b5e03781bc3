import {
  CognitoIdentityProviderClient,
  CreateUserImportJobCommand,
  UserImportJobStatusType,
} from "@aws-sdk/client-cognito-identity-provider";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { explainJobStatus } from "../../src/cognito/explain-job.ts";
import type { JobsSummary, JobSummary } from "../../src/index.ts";
import { BIN, finish, jsonOf, LOCAL_ENV, runCli, startCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { isInstalled } from "../support/programs.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, LOGS_ROLE_ARN, migrateArgs, type Target } from "../support/target.ts";

async function createJobs(target: Target, names: readonly string[]): Promise<readonly string[]> {
  const client = new CognitoIdentityProviderClient({
    endpoint: target.emulator.url,
    region: target.emulator.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  onTestFinished(() => client.destroy());
  const ids: string[] = [];
  for (const JobName of names) {
    const input = { UserPoolId: target.userPoolId, JobName, CloudWatchLogsRoleArn: LOGS_ROLE_ARN };
    const { UserImportJob } = await client.send(new CreateUserImportJobCommand(input));
    ids.push(UserImportJob?.JobId ?? "");
  }
  return ids;
}

function args(target: Target, verb: string, ...more: readonly string[]): readonly string[] {
  const { userPoolId, emulator } = target;
  return ["jobs", verb, "--user-pool-id", userPoolId, "--endpoint-url", emulator.url, ...more];
}

/** A target whose import jobs hang after their first user, with a run whose job does. */
async function aRunningJob(): Promise<{ target: Target; jobId: string; run: ReturnType<typeof finish> }> {
  const target = await aTarget({}, { rules: { jobStuckAfterRows: 1 } });
  const run = finish(startCli(migrateArgs(target, `csv:${aUserCsv(3)}`)));
  let jobId: string | undefined;
  while (jobId === undefined) {
    const { jobs } = jsonOf(await runCli(args(target, "list", "--json"))) as unknown as JobsSummary;
    jobId = jobs.find(({ status, imported }) => status === "InProgress" && imported === 1)?.jobId;
  }
  return { target, jobId, run };
}

test("every status of the API is explained", () => {
  for (const status of Object.values(UserImportJobStatusType))
    expect(explainJobStatus(status), status).toBeDefined();
  expect(explainJobStatus("toString")).toBeUndefined();
});

test("all jobs of a pool are listed, newest first, over several pages and without the secret address", async () => {
  const target = await aTarget({}, { quotas: "off" });
  const names = Array.from({ length: 53 }, (_, index) => `job ${index}`);
  const ids = await createJobs(target, ["two\nlines", ...names]);
  const { stdout, exitCode } = await runCli(args(target, "list"));
  expect(exitCode).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(1 + 54);
  expect(lines[0]).toMatch(/^job +status +created +imported +skipped +failed +name$/);
  expect(lines[1]).toMatch(new RegExp(`^${ids.at(-1) ?? "none"} +Created +20\\S+ \\S+ +0 +0 +0 +job 52$`));
  expect(lines.at(-1)).toMatch(/ two lines$/);

  const json = await runCli(args(target, "list", "--json"));
  const { jobs } = jsonOf(json) as unknown as JobsSummary;
  expect(jobs.map(({ jobId }) => jobId)).toEqual(ids.toReversed());
  expect(stdout + json.stdout).not.toMatch(/https?:|X-Amz|presign/i);
});

test("a pool without jobs says so", async () => {
  const target = await aTarget();
  expect((await runCli(args(target, "list"))).stdout).toContain("has no import jobs");
});

test("a job that failed is described with what its status and message mean", async () => {
  const target = await aTarget();
  const source = `csv:${aUserCsv(2)}`;
  await runCli(migrateArgs(target, source));
  // The same file again: everyone is skipped, which ends a job as failed.
  await runCli(migrateArgs(target, source));
  const { jobs } = jsonOf(await runCli(args(target, "list", "--json"))) as unknown as JobsSummary;
  expect(jobs.map(({ status }) => status)).toEqual(["Failed", "Succeeded"]);
  const described = await runCli(args(target, "describe", "--job-id", jobs[0]?.jobId ?? ""));
  expect(described.stdout).toContain("Failed: the job did not end well");
  expect(described.stdout).toContain("0 imported, 2 skipped, 0 failed");
  expect(described.stdout).toContain("Users who are in the pool already count as skipped");
  expect(described.exitCode).toBe(0);
  const json = await runCli(args(target, "describe", "--job-id", jobs[1]?.jobId ?? "", "--json"));
  const job = jsonOf(json) as unknown as JobSummary;
  expect(job).toMatchObject({
    userPoolId: target.userPoolId,
    status: "Succeeded",
    imported: 2,
    logsRoleArn: LOGS_ROLE_ARN,
  });
  expect(Object.keys(job)).not.toContain("preSignedUrl");
  expect(described.stdout + json.stdout).not.toMatch(/https?:|X-Amz/);
});

test("a running job is stopped with --yes, and its run stops with it, to be resumed", async () => {
  const { target, jobId, run } = await aRunningJob();
  const stopped = await runCli(args(target, "stop", "--job-id", jobId, "--yes", "--json"));
  expect(jsonOf(stopped)).toMatchObject({ jobId, status: "Stopped", exitCode: 0 });
  expect(jsonOf(await run)).toMatchObject({
    error: { code: "IMPORT_JOB_UNUSABLE", hint: expect.stringContaining("poolferry resume") as string },
    exitCode: 4,
  });
  expect(target.users()).toHaveLength(1);

  const again = await runCli(args(target, "stop", "--job-id", jobId, "--yes", "--json"));
  expect(jsonOf(again)).toMatchObject({ error: { code: "JOB_ENDED" }, exitCode: 2 });
});

test("a stop whose reply is lost is not sent twice", async () => {
  const { target, jobId, run } = await aRunningJob();
  const { control } = target.emulator;
  control.planFault({
    operation: "StopUserImportJob",
    count: 1,
    moment: "after-effect",
    fault: { kind: "drop" },
  });
  const stopped = await runCli(args(target, "stop", "--job-id", jobId, "--yes", "--json"));
  expect(jsonOf(stopped)).toMatchObject({ jobId, status: "Stopped", exitCode: 0 });
  expect(control.stats().operations["StopUserImportJob"]?.requests).toBe(1);
  await run;
});

test("a job that Cognito does not stop keeps its status, with Cognito's words", async () => {
  const target = await aTarget();
  const [jobId = ""] = await createJobs(target, ["waiting"]);
  const result = await runCli(args(target, "stop", "--job-id", jobId, "--yes", "--json"));
  expect(jsonOf(result)).toMatchObject({ error: { code: "SERVICE_REFUSED" }, exitCode: 2 });
  expect(result.stderr).toContain("its status is Created");
});

test("without a terminal and without --yes nothing is stopped", async () => {
  const target = await aTarget();
  const result = await runCli(args(target, "stop", "--job-id", "import-1", "--json"));
  expect(jsonOf(result)).toMatchObject({ error: { code: "CONFIRMATION_MISSING" }, exitCode: 2 });
  expect(target.emulator.control.stats().operations["StopUserImportJob"]).toBeUndefined();
});

test.each(["describe", "stop"])("%s names a job that is not there", async (verb) => {
  const target = await aTarget();
  const yes = verb === "stop" ? ["--yes"] : [];
  const result = await runCli(args(target, verb, "--job-id", "import-Nobody1234", "--json", ...yes));
  expect(jsonOf(result)).toMatchObject({ error: { code: "JOB_NOT_FOUND" }, exitCode: 2 });
});

test("a pool that is not there is named", async () => {
  const { emulator } = await aTarget();
  const other = ["jobs", "list", "--user-pool-id", "us-east-1_Nobody123", "--endpoint-url", emulator.url];
  expect(jsonOf(await runCli([...other, "--json"]))).toMatchObject({ error: { code: "POOL_NOT_FOUND" } });
});

const hasScript = isInstalled("script", "answering the question of jobs stop at a terminal");

test.skipIf(!hasScript).each([
  { answer: "y", status: "Stopped" },
  { answer: "n", status: "InProgress" },
])(
  "at a terminal the job is shown and asked about; $answer leaves it $status",
  async ({ answer, status }) => {
    const { target, jobId, run } = await aRunningJob();
    const command = [process.execPath, BIN, ...args(target, "stop", "--job-id", jobId)]
      .map((part) => `'${part}'`)
      .join(" ");
    const child = spawn("script", ["-qec", command, "/dev/null"], { env: LOCAL_ENV, cwd: aFolder() });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (text.includes("[y/N]")) child.stdin.write(`${answer}\r`);
    });
    const [exitCode] = (await once(child, "close")) as [number];
    expect(printed).toContain("InProgress: the job reads its file and creates users");
    expect(printed).toContain(`Stop the import job ${jobId}? [y/N]`);
    expect(exitCode).toBe(0);
    const described = await runCli(args(target, "describe", "--job-id", jobId, "--json"));
    expect(jsonOf(described)).toMatchObject({ status });
    target.emulator.control.changeRules({ jobStuckAfterRows: Infinity });
    await run;
  },
);
