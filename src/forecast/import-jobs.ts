import type { ForecastStep } from "../core/forecast.ts";

/** What is known of users who go by import jobs with hashes of one algorithm, or without. */
export interface JobUsers {
  readonly users: number;
  /** Bytes that their rows take, headers aside. */
  readonly bytes: number;
}

/** How large one import job's file may be, and how many users the first of each kind brings. */
export interface JobLimits {
  readonly rows: number;
  readonly bytes: number;
  /** 0 for no trial. */
  readonly canaryUsers: number;
}

/**
 * Users whom an import job brings in a second. AWS states no pace. It published run times of a workflow that restores a pool by
 * import jobs, in which the import is one step of several: 8.1 minutes for 10,000 users, 56.3 for 100,000 (AWS, Guidance for
 * User Profiles Export with Amazon Cognito), so 31 users a second come on top; the import alone may well be faster.
 */
const IMPORT_USERS_PER_SECOND = 30;

/** What a job takes however small it is, in seconds: three from creation to end were reported, the rest is our guess. */
const SECONDS_PER_JOB = 5;

/** How many import jobs users of one kind take. */
export function countJobs({ users, bytes }: JobUsers, limits: JobLimits): number {
  if (users === 0) return 0;
  const trial = Math.min(users, limits.canaryUsers);
  const rest = users - trial;
  const rowsPerJob = Math.max(1, Math.min(limits.rows, Math.floor(limits.bytes / (bytes / users))));
  return (trial > 0 ? 1 : 0) + Math.ceil(rest / rowsPerJob);
}

/** The step of import jobs; undefined where nobody goes by them. */
export function importStep(kinds: readonly JobUsers[], limits: JobLimits): ForecastStep | undefined {
  const users = kinds.reduce((sum, kind) => sum + kind.users, 0);
  if (users === 0) return undefined;
  const jobs = kinds.reduce((sum, kind) => sum + countJobs(kind, limits), 0);
  return {
    name: "import-jobs",
    users,
    // CreateUserImportJob and StartUserImportJob.
    requests: 2 * jobs,
    rps: IMPORT_USERS_PER_SECOND,
    paceFrom: "reported",
    seconds: jobs * SECONDS_PER_JOB + users / IMPORT_USERS_PER_SECOND,
    activeUsers: 0,
  };
}
