import {
  CreateUserPoolCommand,
  ListUserImportJobsCommand,
  StopUserImportJobCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import {
  aPool,
  aRow,
  createJob,
  csvOf,
  describeJob,
  importCsv,
  importRows,
  ROLE,
  resultLines,
  startJob,
  upload,
  usersOf,
  waitForJob,
  type TestPool,
} from "./support/pool.ts";

const HOUR_MS = 60 * 60 * 1000;

/** Rows for users that do not meet. */
function manyRows(count: number): Record<string, string>[] {
  return Array.from({ length: count }, (_, place) => ({
    ...aRow({ "cognito:username": `user${place}`, email: `user${place}@example.com` }),
  }));
}

/** A job with its file uploaded. */
async function readyJob(pool: TestPool, rows = [aRow()]) {
  const job = await createJob(pool);
  await upload(job, await csvOf(pool, rows));
  return job;
}

async function stopJob({ cognito, poolId }: TestPool, jobId = "") {
  return (await cognito.send(new StopUserImportJobCommand({ UserPoolId: poolId, JobId: jobId })))
    .UserImportJob;
}

test("job-members, job-times: creates a job with the members of AWS's sample and nothing else", async () => {
  await using pool = await aPool();
  const job = await createJob(pool, "Customer import");
  expect(job).toEqual({
    JobName: "Customer import",
    JobId: expect.stringMatching(/^import-[0-9A-Za-z]{10}$/),
    UserPoolId: pool.poolId,
    PreSignedUrl: expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+\/aws-cognito-idp-user-import-iad\/123456789012\//,
    ),
    CreationDate: expect.any(Date),
    Status: "Created",
    CloudWatchLogsRoleArn: ROLE,
    ImportedUsers: 0,
    SkippedUsers: 0,
    FailedUsers: 0,
  });
  expect(await describeJob(pool, job.JobId)).toEqual(job);
});

test("job-members, row-user: imports users that can be listed, with their attributes and AWS's completion message", async () => {
  await using pool = await aPool();
  const { job, lines } = await importRows(pool, [
    aRow({
      given_name: "Ann",
      phone_number: "+4917012345",
      birthdate: "02/01/1985",
      updated_at: "1471453471",
    }),
  ]);
  expect(job).toMatchObject({
    Status: "Succeeded",
    CompletionMessage: "Import Job Completed Successfully.",
    ImportedUsers: 1,
    SkippedUsers: 0,
    FailedUsers: 0,
    StartDate: expect.any(Date),
    CompletionDate: expect.any(Date),
  });
  expect(lines).toEqual(["[SUCCEEDED] Line Number 2 - The import succeeded."]);
  const [user, ...others] = await usersOf(pool);
  expect(others).toEqual([]);
  expect(user).toMatchObject({ Username: "ann", Enabled: true, UserStatus: "RESET_REQUIRED" });
  expect(user?.Attributes).toEqual([
    { Name: "sub", Value: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) },
    { Name: "given_name", Value: "Ann" },
    { Name: "email", Value: "ann@example.com" },
    { Name: "email_verified", Value: "true" },
    { Name: "birthdate", Value: "1985-02-01" },
    { Name: "phone_number", Value: "+4917012345" },
    { Name: "updated_at", Value: "1471453471" },
  ]);
  expect(pool.emulator.state.outbox).toEqual([]);
});

test("job-pace, job-start-date, job-counts: answers Pending to a start, and is InProgress on the way", async () => {
  await using pool = await aPool({}, { rules: { jobRowDelayMs: 20 } });
  const job = await readyJob(pool, manyRows(500));
  expect(await startJob(pool, job.JobId)).toMatchObject({ Status: "Pending", StartDate: expect.any(Date) });
  const seen = await waitForJob(pool, job.JobId, ({ ImportedUsers = 0 }) => ImportedUsers > 0);
  expect(seen.Status).toBe("InProgress");
  expect(seen.CompletionDate).toBeUndefined();
});

test("job-start-date: moves its start to when it really begins", async () => {
  await using pool = await aPool({}, { rules: { jobStartDelayMs: 60 } });
  const { clock } = pool.emulator.control;
  clock.stopAt(Date.UTC(2026, 0, 1));
  const job = await readyJob(pool);
  expect((await startJob(pool, job.JobId)).StartDate).toEqual(new Date("2026-01-01T00:00:00Z"));
  clock.advance(5000);
  const ended = await waitForJob(pool, job.JobId);
  expect(ended.StartDate).toEqual(new Date("2026-01-01T00:00:05Z"));
  expect(ended.CreationDate).toEqual(new Date("2026-01-01T00:00:00Z"));
});

test("job-counts: keeps its counters to the end where the settings say so", async () => {
  await using pool = await aPool({}, { rules: { jobRowDelayMs: 20, countsWhileInProgress: false } });
  const job = await readyJob(pool, manyRows(500));
  await startJob(pool, job.JobId);
  await waitForJob(pool, job.JobId, () => pool.emulator.state.pools.get(pool.poolId)?.users.size === 3);
  expect(await describeJob(pool, job.JobId)).toMatchObject({ Status: "InProgress", ImportedUsers: 0 });
  const stopped = await stopJob(pool, job.JobId);
  expect(stopped?.Status).toBe("Stopped");
  const done = await waitForJob(pool, job.JobId, ({ ImportedUsers = 0 }) => ImportedUsers > 0);
  expect(done.ImportedUsers).toBeGreaterThanOrEqual(3);
});

test.each(["Pending", "InProgress"] as const)(
  "job-stop, job-stopped-rows: stops a job that is %s, and keeps what is imported",
  async (status) => {
    const rules = status === "Pending" ? { jobStartDelayMs: 60_000 } : { jobRowDelayMs: 20 };
    await using pool = await aPool({}, { rules });
    const job = await readyJob(pool, manyRows(500));
    await startJob(pool, job.JobId);
    await waitForJob(pool, job.JobId, (seen) => {
      return seen.Status === status && (status === "Pending" || (seen.ImportedUsers ?? 0) > 0);
    });
    expect(await stopJob(pool, job.JobId)).toMatchObject({
      Status: "Stopped",
      CompletionMessage: "The Import Job was stopped by the developer.",
      CompletionDate: expect.any(Date),
    });
    const { ImportedUsers } = await describeJob(pool, job.JobId);
    expect(ImportedUsers).toBeLessThan(500);
    // What is imported stays, and so do its lines.
    expect(await usersOf(pool)).toHaveLength(Math.min(60, ImportedUsers ?? 0));
    const lines = status === "Pending" ? [] : await resultLines(pool, job);
    expect(lines).toHaveLength(ImportedUsers ?? -1);
    if (status === "InProgress") expect(ImportedUsers).toBeGreaterThan(0);
    await expect(startJob(pool, job.JobId)).rejects.toThrow("cannot be started: its status is Stopped");
  },
);

test("lets go on with another job after a stop", async () => {
  await using pool = await aPool({}, { rules: { jobStartDelayMs: 500 } });
  const first = await readyJob(pool);
  await startJob(pool, first.JobId);
  await stopJob(pool, first.JobId);
  const second = await readyJob(pool);
  await startJob(pool, second.JobId);
  expect(await waitForJob(pool, second.JobId)).toMatchObject({ Status: "Succeeded", ImportedUsers: 1 });
  expect(await describeJob(pool, first.JobId)).toMatchObject({ Status: "Stopped", ImportedUsers: 0 });
});

test("job-stop: does not stop a job that was never started, unless the settings say so", async () => {
  await using strict = await aPool();
  await using lax = await aPool({}, { rules: { stoppableStatuses: ["Created"] } });
  const refused = stopJob(strict, (await createJob(strict)).JobId);
  await expect(refused).rejects.toMatchObject({ name: "PreconditionNotMetException" });
  expect(await stopJob(lax, (await createJob(lax)).JobId)).toMatchObject({ Status: "Stopped" });
});

test("job-upload-first: does not start a job without a file", async () => {
  await using pool = await aPool();
  const job = await createJob(pool);
  await expect(startJob(pool, job.JobId)).rejects.toMatchObject({
    name: "PreconditionNotMetException",
    message: `No csv file was uploaded for ${job.JobId}`,
  });
});

test("job-verified-pool: does not start a job in a pool that verifies nothing automatically", async () => {
  await using pool = await aPool({ AutoVerifiedAttributes: [] });
  const job = await readyJob(pool);
  await expect(startJob(pool, job.JobId)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
});

test("job-once: does not start a job twice, not even when it is done", async () => {
  await using pool = await aPool();
  const done = await importCsv(pool, await csvOf(pool, [aRow()]));
  await expect(startJob(pool, done.JobId)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
});

test.each([
  ["account", false],
  ["pool", true],
] as const)("job-one: lets one job run per %s", async (oneActiveJobPer, isOtherPoolFree) => {
  await using pool = await aPool({}, { rules: { jobStartDelayMs: 60_000, oneActiveJobPer } });
  const { UserPool } = await pool.cognito.send(
    new CreateUserPoolCommand({ PoolName: "other", AutoVerifiedAttributes: ["email"] }),
  );
  const other = { ...pool, poolId: UserPool?.Id ?? "" };
  await startJob(pool, (await readyJob(pool)).JobId);
  const second = await readyJob(pool);
  await expect(startJob(pool, second.JobId)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
  const elsewhere = startJob(other, (await readyJob(other)).JobId);
  if (isOtherPoolFree) expect(await elsewhere).toMatchObject({ Status: "Pending" });
  else await expect(elsewhere).rejects.toMatchObject({ name: "PreconditionNotMetException" });
});

test("job-expiry: expires a job that is not started within a day, by the emulator's clock", async () => {
  let nowMs = Date.UTC(2026, 0, 1);
  await using pool = await aPool({}, { clock: () => nowMs });
  const job = await readyJob(pool);
  const forgotten = await createJob(pool);
  nowMs += 24 * HOUR_MS - 1;
  expect(await describeJob(pool, job.JobId)).toMatchObject({ Status: "Created" });
  nowMs += 1;
  const expired = await describeJob(pool, job.JobId);
  expect(expired).toMatchObject({
    Status: "Expired",
    CompletionMessage: "The user import job has expired.",
    CompletionDate: new Date(Date.UTC(2026, 0, 2)),
  });
  expect(expired).not.toHaveProperty("StartDate");
  nowMs += HOUR_MS;
  expect(await describeJob(pool, forgotten.JobId)).toMatchObject({ CompletionDate: expired.CompletionDate });
  await expect(startJob(pool, job.JobId)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
});

test.each([
  [2, 2, "Succeeded", "Import Job Completed Successfully."],
  [1, 2, "Failed", "Too many users have failed or been skipped during the import."],
  [0, 1, "Failed", "Too many users have failed or been skipped during the import."],
])("job-failed: with %i good and %i bad rows a job is %s", async (good, bad, status, message) => {
  await using pool = await aPool();
  const badRows = Array.from({ length: bad }, () => aRow({ email_verified: "false" }));
  const { job } = await importRows(pool, [...manyRows(good), ...badRows]);
  expect(job).toMatchObject({
    Status: status,
    CompletionMessage: message,
    ImportedUsers: good,
    FailedUsers: bad,
  });
});

test("job-failed: counts skipped users towards failure, so a file imported twice is a Failed job", async () => {
  await using pool = await aPool();
  const csv = await csvOf(pool, [aRow()]);
  await importCsv(pool, csv);
  const again = await importCsv(pool, csv);
  expect(again).toMatchObject({ Status: "Failed", ImportedUsers: 0, SkippedUsers: 1, FailedUsers: 0 });
  expect(await resultLines(pool, again)).toEqual(["[SKIPPED] Line Number 2 - The user already exists."]);
});

test("job-failed: takes the share of failures that makes a job Failed from the settings", async () => {
  await using pool = await aPool({}, { rules: { highestFailedShare: 1 } });
  expect((await importRows(pool, [aRow({ email_verified: "" })])).job.Status).toBe("Succeeded");
});

test("job-list: lists jobs newest first, in pages, with a token of AWS's form", async () => {
  await using pool = await aPool();
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) await createJob(pool, name);
  const listPage = (PaginationToken?: string) => {
    const request = { UserPoolId: pool.poolId, MaxResults: 2, PaginationToken };
    return pool.cognito.send(new ListUserImportJobsCommand(request));
  };
  const first = await listPage();
  expect(first.UserImportJobs?.map(({ JobName }) => JobName)).toEqual(["e", "d"]);
  expect(first.PaginationToken).toMatch(new RegExp(`^${pool.poolId}#import-[0-9A-Za-z]{10}#\\d{13}$`));
  await createJob(pool, "f");
  const second = await listPage(first.PaginationToken);
  expect(second.UserImportJobs?.map(({ JobName }) => JobName)).toEqual(["c", "b"]);
  const third = await listPage(second.PaginationToken);
  expect(third.UserImportJobs?.map(({ JobName }) => JobName)).toEqual(["a"]);
  expect(third.PaginationToken).toBeUndefined();
  await expect(listPage("nothing#like#it")).rejects.toMatchObject({ name: "InvalidParameterException" });
});

test("job-list: lists no more jobs on a page than the API's list holds", async () => {
  await using pool = await aPool();
  for (let count = 0; count < 51; count += 1) await createJob(pool);
  const command = new ListUserImportJobsCommand({ UserPoolId: pool.poolId, MaxResults: 60 });
  const { UserImportJobs, PaginationToken } = await pool.cognito.send(command);
  expect(UserImportJobs).toHaveLength(50);
  expect(PaginationToken).toBeDefined();
});

test("job-quota: refuses more jobs than a pool holds", async () => {
  await using pool = await aPool({}, { rules: { jobsInPool: 1 } });
  await createJob(pool);
  await expect(createJob(pool)).rejects.toMatchObject({ name: "LimitExceededException" });
});

test("does not know a job that is another pool's or nobody's", async () => {
  await using pool = await aPool();
  await expect(describeJob(pool, "import-none")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});

test("answers other requests while a large job runs", async () => {
  await using pool = await aPool();
  const job = await readyJob(pool, manyRows(20_000));
  await startJob(pool, job.JobId);
  const seen = await waitForJob(pool, job.JobId, ({ ImportedUsers = 0 }) => ImportedUsers > 0);
  expect(seen.Status).toBe("InProgress");
  expect(await waitForJob(pool, job.JobId)).toMatchObject({ Status: "Succeeded", ImportedUsers: 20_000 });
});

test.each([
  ["slow", 500, { jobRowDelayMs: 20 }],
  ["fast", 20_000, {}],
] as const)("ends a %s job with the emulator", async (_, rowCount, rules) => {
  const pool = await aPool({}, { rules });
  const job = await readyJob(pool, manyRows(rowCount));
  await startJob(pool, job.JobId);
  await waitForJob(pool, job.JobId, ({ ImportedUsers = 0 }) => ImportedUsers > 0);
  await pool[Symbol.asyncDispose]();
  await pool.emulator.close();
  const { users, jobs } = pool.emulator.state.pools.get(pool.poolId) ?? {};
  expect(users?.size).toBeLessThan(rowCount);
  expect(jobs?.get(job.JobId ?? "")?.status).toBe("InProgress");
});
