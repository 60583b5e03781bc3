import { advance, type ImportJob } from "../state/import-job.ts";
import type { Pool } from "../state/pool.ts";
import { viewJob } from "../view/import-job.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly JobId: string;
}

/** Starts an import job; it answers Pending (AWS sample) and goes on in the background. */
export function startUserImportJob(context: Context, request: Request): object {
  const { account } = context;
  const pool = account.pool(request.UserPoolId);
  const job = account.job(pool, request.JobId);
  checkStart(context, pool, job);
  advance(job, "Pending");
  job.startedMs = account.clock();
  context.runJob(pool, job);
  return { UserImportJob: viewJob(job) };
}

// The order of these checks is a guess.
function checkStart({ account }: Context, pool: Pool, job: ImportJob): void {
  const { rules } = account;
  if (job.status !== "Created") {
    const message = `User import job ${job.id} cannot be started: its status is ${job.status}.`;
    throw new ApiError(rules.wrongJobStatusError, message);
  }
  if (pool.settings.autoVerified.length === 0) {
    throw new ApiError(rules.nothingAutoVerifiedError, rules.texts.nothingAutoVerified);
  }
  if (job.csv === undefined) {
    // Type and words reported.
    throw new ApiError("PreconditionNotMetException", `No csv file was uploaded for ${job.id}`);
  }
  if (account.activeJobBeside(pool) !== undefined) {
    throw new ApiError(rules.secondActiveJobError, rules.texts.anotherJobActive);
  }
}
