import { ImportJobs, isActiveStatus, type ImportJob } from "../cognito/import-job.ts";
import { notTried, ok, warning, type Finding } from "./check.ts";
import { resultOf, type Surroundings } from "./surroundings.ts";

/** Import jobs that a pool has at the most; none can be deleted (documented quota). */
const MAX_JOBS = 1_000;
const MANY_JOBS = 900;

/**
 * Whether another import job is active, of which an account has one at a time (documented), and how many there are. Jobs of other
 * pools cannot be seen from here.
 */
export async function checkImportJobs({ cognito, userPoolId, signal, pool }: Surroundings): Promise<Finding> {
  if ((await resultOf(pool)) === undefined) return notTried("The pool could not be read");
  const jobs = new ImportJobs(cognito, userPoolId, signal);
  let count = 0;
  let active: ImportJob | undefined;
  for await (const page of jobs.pages()) {
    count += page.length;
    active ??= page.find(({ status }) => isActiveStatus(status));
  }
  if (active !== undefined) {
    return warning(
      `The import job ${active.jobId} "${active.name}" is ${active.status}, and only one can be active in an account`,
      `A run waits for it: poolferry jobs describe --user-pool-id ${userPoolId} --job-id ${active.jobId}`,
    );
  }
  if (count >= MANY_JOBS) {
    return warning(
      `The pool has ${count} import jobs of ${MAX_JOBS}, and none can be deleted`,
      "Ask AWS for a higher quota of import jobs a pool",
    );
  }
  return ok(`None is active in this pool; it has ${count} of ${MAX_JOBS}`);
}
