import {
  ListUserImportJobsCommand,
  StopUserImportJobCommand,
  UpdateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import type { EmulatorOptions, RuleSettings } from "../../emulator/index.ts";
import {
  aPool,
  aRow,
  createJob,
  csvOf,
  describeJob,
  importRows,
  resultLines,
  startJob,
  upload,
  usersOf,
  waitForJob,
  type TestPool,
} from "./support/pool.ts";

/** Rows for users that do not meet. */
function manyRows(count: number) {
  return Array.from({ length: count }, (_, place) =>
    aRow({ "cognito:username": `user${place}`, email: `user${place}@example.com` }),
  );
}

/** A job that was started with its file. */
async function startedJob(pool: TestPool, rowCount = 5) {
  const job = await createJob(pool);
  await upload(job, await csvOf(pool, manyRows(rowCount)));
  await startJob(pool, job.JobId);
  return job;
}

async function stopJob({ cognito, poolId }: TestPool, jobId = "") {
  const command = new StopUserImportJobCommand({ UserPoolId: poolId, JobId: jobId });
  return (await cognito.send(command)).UserImportJob;
}

function changeRules({ emulator }: TestPool, rules: Omit<RuleSettings, "texts">): void {
  emulator.state.rules = { ...emulator.state.rules, ...rules };
}

/** A clock that stands still until it is moved. */
function aClock() {
  const now = { ms: Date.now() };
  const options: EmulatorOptions = { clock: () => now.ms };
  return { now, options };
}

test("job-stuck: a job hangs after some rows, and goes on when it may", async () => {
  await using pool = await aPool({}, { rules: { jobStuckAfterRows: 3 } });
  const { JobId } = await startedJob(pool);
  const stuck = await waitForJob(pool, JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 3);
  expect(stuck.Status).toBe("InProgress");
  await waitForJob(pool, JobId, ({ Status }) => Status === "InProgress");
  expect(await usersOf(pool)).toHaveLength(3);
  changeRules(pool, { jobStuckAfterRows: 4 });
  await waitForJob(pool, JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 4);
  changeRules(pool, { jobStuckAfterRows: Infinity });
  expect(await waitForJob(pool, JobId)).toMatchObject({ Status: "Succeeded", ImportedUsers: 5 });
});

test("job-stuck: a job that hangs at its end or its beginning can be stopped", async () => {
  await using pool = await aPool({}, { rules: { jobStuckAfterRows: 5, logDelivery: "at-the-end" } });
  const atEnd = await startedJob(pool);
  await waitForJob(pool, atEnd.JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 5);
  expect(await stopJob(pool, atEnd.JobId)).toMatchObject({ Status: "Stopped", ImportedUsers: 5 });
  await expect.poll(() => pool.emulator.state.logs.groups.size).toBe(1);
  changeRules(pool, { jobStuckAfterRows: 0 });
  const atBeginning = await startedJob(pool);
  await waitForJob(pool, atBeginning.JobId, ({ Status }) => Status === "InProgress");
  expect(await stopJob(pool, atBeginning.JobId)).toMatchObject({ Status: "Stopped", ImportedUsers: 0 });
});

test("job-stuck: closing the emulator ends a job that hangs", async () => {
  const pool = await aPool({}, { rules: { jobStuckAfterRows: 0 } });
  const { JobId } = await startedJob(pool);
  await waitForJob(pool, JobId, ({ Status }) => Status === "InProgress");
  await pool[Symbol.asyncDispose]();
  expect(pool.emulator.state.pools.get(pool.poolId)?.users.size).toBe(0);
});

test("job-breaks-off: a job fails after some rows, the rest unread and without lines", async () => {
  await using pool = await aPool({}, { rules: { jobFailsAfterRows: 2 } });
  const { job, lines } = await importRows(pool, manyRows(5));
  expect(job).toMatchObject({
    Status: "Failed",
    CompletionMessage: "Too many users have failed or been skipped during the import.",
    ImportedUsers: 2,
    SkippedUsers: 0,
    FailedUsers: 0,
  });
  expect(lines).toHaveLength(2);
  expect(await usersOf(pool)).toHaveLength(2);
  expect((await importRows(pool, manyRows(2))).job).toMatchObject({ SkippedUsers: 2 });
});

test("job-stopping: a stop takes its time where the settings say so", async () => {
  const { now, options } = aClock();
  await using pool = await aPool({}, { ...options, rules: { stopTakesMs: 5000, jobStuckAfterRows: 2 } });
  const { JobId } = await startedJob(pool);
  await waitForJob(pool, JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 2);
  const stopping = await stopJob(pool, JobId);
  expect(stopping).toMatchObject({ Status: "Stopping", ImportedUsers: 2 });
  expect(stopping).not.toHaveProperty("CompletionDate");
  await expect(stopJob(pool, JobId)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
  now.ms += 4999;
  expect(await describeJob(pool, JobId)).toMatchObject({ Status: "Stopping" });
  now.ms += 1;
  const { cognito, poolId } = pool;
  const listed = await cognito.send(new ListUserImportJobsCommand({ UserPoolId: poolId, MaxResults: 1 }));
  expect(listed.UserImportJobs).toMatchObject([
    {
      Status: "Stopped",
      CompletionMessage: "The Import Job was stopped by the developer.",
      CompletionDate: new Date(now.ms),
    },
  ]);
  expect(await usersOf(pool)).toHaveLength(2);
});

test("job-stopping, pool-busy: a stop that is over by now keeps neither changes of the pool nor dumps out", async () => {
  const { now, options } = aClock();
  await using pool = await aPool({}, { ...options, rules: { stopTakesMs: 5000, jobStuckAfterRows: 0 } });
  const { cognito, poolId, emulator } = pool;
  const { JobId } = await startedJob(pool);
  await stopJob(pool, JobId);
  const update = new UpdateUserPoolCommand({ UserPoolId: poolId, AutoVerifiedAttributes: ["email"] });
  await expect(cognito.send(update)).rejects.toMatchObject({ name: "UserImportInProgressException" });
  expect(() => [...emulator.control.dump()]).toThrow("is running");
  now.ms += 5000;
  expect([...emulator.control.dump()]).toMatchObject(
    expect.arrayContaining([expect.objectContaining({ kind: "job" })]),
  );
  await cognito.send(update);
});

test("a restore leaves nothing of a job that runs", async () => {
  await using pool = await aPool();
  const dump = [...pool.emulator.control.dump()];
  changeRules(pool, { jobStuckAfterRows: 2, jobStartDelayMs: 0 });
  const { JobId } = await startedJob(pool);
  await waitForJob(pool, JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 2);
  const job = pool.emulator.state.pools.get(pool.poolId)?.jobs.get(JobId ?? "");
  await pool.emulator.control.restore(dump);
  await expect.poll(() => job?.status).toBe("Failed");
  expect([...pool.emulator.control.dump()]).toEqual(dump);
});

test("job-stopping: another job waits until the first one is Stopped", async () => {
  const { now, options } = aClock();
  await using pool = await aPool({}, { ...options, rules: { stopTakesMs: 5000, jobStartDelayMs: 0 } });
  changeRules(pool, { jobStuckAfterRows: 0 });
  const first = await startedJob(pool);
  await stopJob(pool, first.JobId);
  await expect(startedJob(pool)).rejects.toMatchObject({ name: "PreconditionNotMetException" });
  now.ms += 5000;
  changeRules(pool, { jobStuckAfterRows: Infinity });
  const second = await startedJob(pool);
  expect(await waitForJob(pool, second.JobId)).toMatchObject({ Status: "Succeeded" });
  expect(await describeJob(pool, first.JobId)).toMatchObject({ Status: "Stopped" });
});

test.each([1, 2] as const)(
  "log-first: the first user's line is %i where the settings say so",
  async (line) => {
    await using pool = await aPool({}, { rules: { firstLineNumber: line } });
    const { job } = await importRows(pool, manyRows(1));
    expect(await resultLines(pool, job)).toEqual([`[SUCCEEDED] Line Number ${line} - The import succeeded.`]);
  },
);

test("job-pace: settings hold for a job that is on its way", async () => {
  await using pool = await aPool({}, { rules: { jobStuckAfterRows: 1 } });
  const { JobId } = await startedJob(pool, 3);
  await waitForJob(pool, JobId, ({ ImportedUsers = 0 }) => ImportedUsers === 1);
  changeRules(pool, { jobStuckAfterRows: Infinity, importedStatus: "CONFIRMED" });
  await waitForJob(pool, JobId);
  expect((await usersOf(pool)).map(({ UserStatus }) => UserStatus)).toEqual([
    "RESET_REQUIRED",
    "CONFIRMED",
    "CONFIRMED",
  ]);
});

test("job-pace: a job whose start is put off for ever stays Pending until it is stopped", async () => {
  await using pool = await aPool({}, { rules: { jobStartDelayMs: Infinity } });
  const job = await createJob(pool);
  await upload(job, await csvOf(pool, [aRow()]));
  await startJob(pool, job.JobId);
  for (let count = 0; count < 5; count += 1) {
    expect((await describeJob(pool, job.JobId)).Status).toBe("Pending");
  }
  await pool.cognito.send(new StopUserImportJobCommand({ UserPoolId: pool.poolId, JobId: job.JobId }));
  expect((await describeJob(pool, job.JobId)).Status).toBe("Stopped");
});
