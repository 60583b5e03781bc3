import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { aPool, aRow, CREDENTIALS, csvOf, ROLE, type TestPool } from "./support/pool.ts";

const run = promisify(execFile);

const hasTools = ["aws", "curl"].every((tool) => spawnSync(tool, ["--version"]).status === 0);
if (!hasTools) console.warn("skipped: the AWS CLI's own import needs aws and curl");

/** Calls AWS's own command line against the emulator; JSON comes back. */
async function aws({ emulator }: TestPool, ...words: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run("aws", ["--endpoint-url", emulator.url, "--output", "json", ...words], {
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_DEFAULT_REGION: emulator.region,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
    },
  });
  const parsed: unknown = JSON.parse(stdout);
  return parsed as Record<string, unknown>;
}

test.skipIf(!hasTools)(
  "the AWS CLI and curl import users as AWS's documentation says",
  { timeout: 60_000 },
  async () => {
    await using pool = await aPool();
    const folder = mkdtempSync(join(tmpdir(), "emulator-cli-"));
    try {
      const pooled = ["--user-pool-id", pool.poolId];
      const path = join(folder, "users.csv");
      writeFileSync(
        path,
        await csvOf(pool, [aRow(), aRow({ "cognito:username": "bob", email_verified: "false" })]),
      );
      const [header, created] = await Promise.all([
        aws(pool, "cognito-idp", "get-csv-header", ...pooled),
        aws(
          pool,
          "cognito-idp",
          "create-user-import-job",
          ...pooled,
          "--job-name",
          "move",
          "--cloud-watch-logs-role-arn",
          ROLE,
        ),
      ]);
      expect(header["CSVHeader"]).toHaveLength(21);
      const { JobId: jobId, PreSignedUrl: url } = created["UserImportJob"] as {
        JobId: string;
        PreSignedUrl: string;
      };
      const ofJob = [...pooled, "--job-id", jobId];

      const early = aws(pool, "cognito-idp", "start-user-import-job", ...ofJob);
      await expect(early).rejects.toMatchObject({
        stderr: expect.stringContaining(
          `(PreconditionNotMetException) when calling the StartUserImportJob operation: No csv file was uploaded for ${jobId}`,
        ),
      });
      const encrypted = ["-H", "x-amz-server-side-encryption:aws:kms"];
      await run("curl", ["-sSf", "-T", path, ...encrypted, url]);
      const { UserImportJob: pending } = await aws(pool, "cognito-idp", "start-user-import-job", ...ofJob);
      expect(pending).toMatchObject({ Status: "Pending" });
      await expect
        .poll(() => pool.emulator.state.pools.get(pool.poolId)?.jobs.get(jobId)?.status)
        .toBe("Succeeded");

      const logGroup = `/aws/cognito/userpools/${pool.poolId}/people`;
      const [described, listed, users, user, groups, streams, events, stopped] = await Promise.all([
        aws(pool, "cognito-idp", "describe-user-import-job", ...ofJob),
        aws(pool, "cognito-idp", "list-user-import-jobs", ...pooled, "--max-results", "3"),
        aws(pool, "cognito-idp", "list-users", ...pooled, "--filter", 'username^="a"'),
        aws(pool, "cognito-idp", "admin-get-user", ...pooled, "--username", "ann"),
        aws(pool, "logs", "describe-log-groups", "--log-group-name-prefix", "/aws/cognito/userpools/"),
        aws(pool, "logs", "describe-log-streams", "--log-group-name", logGroup),
        aws(
          pool,
          "logs",
          "get-log-events",
          "--log-group-name",
          logGroup,
          "--log-stream-name",
          `${jobId}/move`,
          "--start-from-head",
        ),
        aws(pool, "cognito-idp", "stop-user-import-job", ...ofJob).catch((error: unknown) => String(error)),
      ]);
      expect(described["UserImportJob"]).toMatchObject({
        Status: "Succeeded",
        ImportedUsers: 1,
        FailedUsers: 1,
      });
      expect(listed["UserImportJobs"]).toEqual([described["UserImportJob"]]);
      expect(users["Users"]).toMatchObject([
        { Username: "ann", UserStatus: "RESET_REQUIRED", Enabled: true },
      ]);
      expect(user).toMatchObject({
        Username: "ann",
        UserAttributes: [{ Name: "sub" }, { Name: "email" }, { Name: "email_verified" }],
      });
      expect(groups["logGroups"]).toMatchObject([{ logGroupName: logGroup }]);
      expect(streams["logStreams"]).toMatchObject([{ logStreamName: `${jobId}/move` }]);
      expect(events["events"]).toMatchObject([
        { message: "Cognito User Pools Import - Test Log" },
        { message: "Cognito User Pools Import - Test Log" },
        { message: "[SUCCEEDED] Line Number 2 - The import succeeded." },
        { message: expect.stringMatching(/^\[FAILED\] Line Number 3 - /) },
      ]);
      expect(stopped).toContain("PreconditionNotMetException");
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test.skipIf(!hasTools)(
  "with the AWS CLI a job is stopped while it runs, and curl without the KMS header is refused",
  { timeout: 60_000 },
  async () => {
    await using pool = await aPool({}, { rules: { jobStartDelayMs: 60_000 } });
    const folder = mkdtempSync(join(tmpdir(), "emulator-cli-"));
    try {
      const pooled = ["--user-pool-id", pool.poolId];
      const path = join(folder, "users.csv");
      writeFileSync(path, await csvOf(pool, [aRow()]));
      const made = ["--job-name", "move", "--cloud-watch-logs-role-arn", ROLE];
      const created = await aws(pool, "cognito-idp", "create-user-import-job", ...pooled, ...made);
      const { JobId: jobId, PreSignedUrl: url } = created["UserImportJob"] as Record<string, string>;
      const { stdout: refusal } = await run("curl", ["-sS", "-T", path, url ?? ""]);
      expect(refusal).toContain("<Code>SignatureDoesNotMatch</Code>");
      await run("curl", ["-sSf", "-T", path, "-H", "x-amz-server-side-encryption:aws:kms", url ?? ""]);
      const ofJob = [...pooled, "--job-id", jobId ?? ""];
      await aws(pool, "cognito-idp", "start-user-import-job", ...ofJob);
      const stopped = await aws(pool, "cognito-idp", "stop-user-import-job", ...ofJob);
      expect(stopped["UserImportJob"]).toMatchObject({
        Status: "Stopped",
        CompletionMessage: "The Import Job was stopped by the developer.",
      });
      expect(pool.emulator.state.pools.get(pool.poolId)?.users.size).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
