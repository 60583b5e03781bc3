import { advance, complete, STOPPED } from "../state/import-job.ts";
import { viewJob } from "../view/import-job.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly JobId: string;
}

/** Stops an import job; it answers Stopped at once, with AWS's message (sample), unless a stop takes time. Imported users stay. */
export function stopUserImportJob({ account }: Context, request: Request): object {
  const job = account.job(account.pool(request.UserPoolId), request.JobId);
  const stoppable: readonly string[] = account.rules.stoppableStatuses;
  if (!stoppable.includes(job.status)) {
    const message = `User import job ${job.id} cannot be stopped: its status is ${job.status}.`;
    throw new ApiError(account.rules.wrongJobStatusError, message);
  }
  const { stopTakesMs } = account.rules;
  if (stopTakesMs > 0) {
    advance(job, "Stopping");
    job.stopsMs = account.clock() + stopTakesMs;
  } else {
    complete(job, { status: "Stopped", message: STOPPED, nowMs: account.clock() });
  }
  return { UserImportJob: viewJob(job) };
}
