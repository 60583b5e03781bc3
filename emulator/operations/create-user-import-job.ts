import type { ImportJob } from "../state/import-job.ts";
import { randomId } from "../state/random-id.ts";
import type { HashAlgorithm } from "../state/user.ts";
import { viewJob } from "../view/import-job.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly JobName: string;
  readonly CloudWatchLogsRoleArn: string;
  readonly PasswordHashingAlgorithm?: HashAlgorithm;
}

/** Creates an import job and signs the URL that its file is uploaded to. */
export function createUserImportJob({ account, presignUpload }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const { rules } = account;
  const { PasswordHashingAlgorithm: hashAlgorithm } = request;
  if (hashAlgorithm !== undefined && !rules.hashEligible) {
    throw new ApiError(rules.hashNotEligibleError, rules.texts.hashNotEligible);
  }
  if (pool.jobs.size >= rules.jobsInPool) {
    // The quota and the error are documented, the words are a guess.
    throw new ApiError("LimitExceededException", "The user pool has too many user import jobs.");
  }
  const id = `import-${randomId(10)}`;
  const job: ImportJob = {
    id,
    name: request.JobName,
    poolId: request.UserPoolId,
    roleArn: request.CloudWatchLogsRoleArn,
    preSignedUrl: presignUpload(request.UserPoolId, id),
    createdMs: account.clock(),
    hashAlgorithm,
    status: "Created",
    startedMs: undefined,
    completedMs: undefined,
    completionMessage: undefined,
    stopsMs: undefined,
    counts: { imported: 0, skipped: 0, failed: 0 },
    csv: undefined,
  };
  pool.jobs.set(id, job);
  return { UserImportJob: viewJob(job) };
}
