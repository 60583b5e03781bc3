import { explainCompletionMessage, explainJobStatus } from "../cognito/explain-job.ts";
import { explainServiceError, isException, isUnanswered } from "../cognito/explain-error.ts";
import { ImportJobs, isFinalStatus, type ImportJob } from "../cognito/import-job.ts";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import { withoutRun } from "./without-run.ts";
import { openCognito, type PoolAddress } from "./pool-address.ts";
import type { RunObserver } from "./run-event.ts";

/** The pool whose import jobs are meant. */
export interface JobsOptions extends PoolAddress {
  /** Interrupts between two calls. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
}

/** One import job of a pool. */
export interface JobOptions extends JobsOptions {
  /** Such as `import-h3Zbw5XXPC`. */
  readonly jobId: string;
}

/** What Cognito says of an import job, with what that means. Without the address for its file, which is a secret. */
export interface JobReport {
  /** Such as `import-h3Zbw5XXPC`. */
  readonly jobId: string;
  /** The name that whoever made it has given it. */
  readonly name: string;
  /** Cognito's own word, such as `Succeeded`. */
  readonly status: string;
  /** What the status means; undefined for one that is not documented. */
  readonly meaning: string | undefined;
  /** Cognito's own words about its end. */
  readonly completionMessage: string | undefined;
  /** What the message does not say; undefined for one that is not documented. */
  readonly explanation: string | undefined;
  /** Users whom it has created, by its own count. */
  readonly imported: number;
  /** Users who were there before, by its own count. */
  readonly skipped: number;
  /** Rows that it refused, by its own count. */
  readonly failed: number;
  /** The algorithm of its password hashes; undefined for a job without any. */
  readonly passwordHashing: string | undefined;
  /** The role with which it writes its log. */
  readonly logsRoleArn: string | undefined;
  /** ISO 8601, as are the other times. */
  readonly createdAt: string | undefined;
  /** When it was started; undefined before. */
  readonly startedAt: string | undefined;
  /** When it came to its end; undefined before. */
  readonly completedAt: string | undefined;
}

/** One job, as `--json` prints it. */
export interface JobSummary extends JobReport {
  readonly userPoolId: string;
  readonly exitCode: ExitCode;
}

/** All jobs of a pool, newest first, as `--json` prints them. */
export interface JobsSummary {
  readonly userPoolId: string;
  readonly jobs: readonly JobReport[];
  /** Always 0: what became of jobs is for who reads them. */
  readonly exitCode: ExitCode;
}

/**
 * Lists all import jobs of a pool, newest first; a pool has 1,000 of them at most (documented quota). Throws FerryError.
 *
 * @example
 * ```ts
 * import { listJobs } from "poolferry";
 *
 * const { jobs } = await listJobs({ userPoolId: "eu-central-1_AbCd12345" });
 * for (const { name, status, meaning } of jobs) console.log(name, status, meaning);
 * ```
 */
export async function listJobs(options: JobsOptions): Promise<JobsSummary> {
  const { userPoolId } = options;
  return withJobs(options, async (jobs) => {
    const reports: JobReport[] = [];
    try {
      for await (const page of jobs.pages()) reports.push(...page.map(toReport));
    } catch (error) {
      if (!isException(error, "ResourceNotFoundException")) throw error;
      throw new FerryError("POOL_NOT_FOUND", `There is no user pool ${userPoolId} here`, {
        hint: "Check --user-pool-id, --region and the account of the credentials",
        cause: error,
      });
    }
    return { userPoolId, jobs: reports, exitCode: EXIT_CODES.ok };
  });
}

/** Describes one import job. Throws JOB_NOT_FOUND. */
export async function describeJob(options: JobOptions): Promise<JobSummary> {
  return withJobs(options, async (jobs) => toSummary(await find(jobs, options), options));
}

/**
 * Stops an import job and returns what it is then: stopping, or stopped. Users whom it has created stay. Throws JOB_ENDED
 * for one that does nothing any more, and Cognito's own words for one that it does not stop.
 */
export async function stopJob(options: JobOptions): Promise<JobSummary> {
  return withJobs(options, async (jobs) => {
    const { status } = await find(jobs, options);
    if (isFinalStatus(status)) {
      throw new FerryError("JOB_ENDED", `The import job ${options.jobId} has ended already, as ${status}`, {
        hint: "There is nothing to stop",
      });
    }
    return toSummary(await stop(jobs, options), options);
  });
}

async function stop(jobs: ImportJobs, options: JobOptions): Promise<ImportJob> {
  try {
    return await jobs.stop(options.jobId);
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    // The reply was lost: the job tells whether it was heard.
    const job = await find(jobs, options);
    if (job.status === "Stopping" || job.status === "Stopped") return job;
    throw error;
  }
}

async function find(jobs: ImportJobs, { jobId, userPoolId }: JobOptions): Promise<ImportJob> {
  try {
    return await jobs.describe(jobId);
  } catch (error) {
    if (!isException(error, "ResourceNotFoundException")) throw error;
    throw new FerryError("JOB_NOT_FOUND", `There is no import job ${jobId} in the user pool ${userPoolId}`, {
      hint: "Check --job-id and --user-pool-id; poolferry jobs list shows what there is",
      cause: error,
    });
  }
}

async function withJobs<Result>(
  options: JobsOptions,
  work: (jobs: ImportJobs) => Promise<Result>,
): Promise<Result> {
  const { userPoolId, observe = () => undefined, signal = new AbortController().signal } = options;
  try {
    await using cognito = openCognito(options, observe);
    return await work(new ImportJobs(cognito, userPoolId, signal));
  } catch (error) {
    throw withoutRun(explainServiceError(error), "Interrupted; no import job was changed");
  }
}

function toSummary(job: ImportJob, { userPoolId }: JobOptions): JobSummary {
  return { userPoolId, ...toReport(job), exitCode: EXIT_CODES.ok };
}

function toReport({
  preSignedUrl: _secret,
  createdAt,
  startedAt,
  completedAt,
  ...job
}: ImportJob): JobReport {
  const { status, completionMessage } = job;
  return {
    ...job,
    meaning: explainJobStatus(status),
    explanation: completionMessage === undefined ? undefined : explainCompletionMessage(completionMessage),
    createdAt: isoTime(createdAt),
    startedAt: isoTime(startedAt),
    completedAt: isoTime(completedAt),
  };
}

function isoTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
