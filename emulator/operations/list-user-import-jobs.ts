import { viewJob } from "../view/import-job.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly MaxResults: number;
  readonly PaginationToken?: string;
}

/** The API model's longest list of jobs, shorter than the greatest MaxResults. */
const JOBS_IN_PAGE = 50;

/** Lists a pool's import jobs, newest first; the token names the page's last job (AWS sample). */
export function listUserImportJobs({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const newestFirst = [...pool.jobs.values()].toReversed();
  const start = request.PaginationToken === undefined ? 0 : readToken(request, newestFirst) + 1;
  const page = newestFirst.slice(start, start + Math.min(request.MaxResults, JOBS_IN_PAGE));
  for (const job of page) account.moveOn(job);
  const last = page.at(-1);
  const isMore = start + page.length < newestFirst.length;
  return {
    // The API model's list holds one job at least, so that without jobs there is none.
    ...(page.length === 0 ? {} : { UserImportJobs: page.map(viewJob) }),
    ...(last !== undefined && isMore ? { PaginationToken: writeToken(last) } : {}),
  };
}

interface ListedJob {
  readonly id: string;
  readonly poolId: string;
  readonly createdMs: number;
}

function writeToken({ id, poolId, createdMs }: ListedJob): string {
  return `${poolId}#${id}#${createdMs}`;
}

function readToken({ PaginationToken: token }: Request, jobs: readonly ListedJob[]): number {
  const place = jobs.findIndex((job) => writeToken(job) === token);
  if (place === -1) throw invalidParameter("Invalid pagination token.");
  return place;
}
