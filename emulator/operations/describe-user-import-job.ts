import { viewJob } from "../view/import-job.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly JobId: string;
}

/** Shows an import job. */
export function describeUserImportJob({ account }: Context, request: Request): object {
  return { UserImportJob: viewJob(account.job(account.pool(request.UserPoolId), request.JobId)) };
}
