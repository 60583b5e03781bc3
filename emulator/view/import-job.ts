import type { ImportJob } from "../state/import-job.ts";

/** An import job as the API shows it; times are seconds with milliseconds (AWS sample). */
export function viewJob(job: ImportJob): object {
  return {
    JobName: job.name,
    JobId: job.id,
    UserPoolId: job.poolId,
    PreSignedUrl: job.preSignedUrl,
    CreationDate: job.createdMs / 1000,
    ...(job.startedMs === undefined ? {} : { StartDate: job.startedMs / 1000 }),
    ...(job.completedMs === undefined ? {} : { CompletionDate: job.completedMs / 1000 }),
    Status: job.status,
    CloudWatchLogsRoleArn: job.roleArn,
    ...(job.hashAlgorithm === undefined ? {} : { PasswordHashingAlgorithm: job.hashAlgorithm }),
    ImportedUsers: job.counts.imported,
    SkippedUsers: job.counts.skipped,
    FailedUsers: job.counts.failed,
    ...(job.completionMessage === undefined ? {} : { CompletionMessage: job.completionMessage }),
  };
}
