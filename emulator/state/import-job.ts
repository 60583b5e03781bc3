/** The states of an import job that the emulator uses; the API model also has Stopping. */
export type JobStatus = "Created" | "Pending" | "InProgress" | "Expired" | "Stopped" | "Failed" | "Succeeded";

/**
 * An import job.
 *
 *     Created ──start──> Pending ──> InProgress ──> Succeeded | Failed
 *        └─ not started in time ─> Expired   └──stop──> Stopped   (from Pending too)
 *
 * No status is left once it is one of Expired, Stopped, Failed and Succeeded (documented).
 */
export interface ImportJob {
  readonly id: string;
  readonly name: string;
  readonly poolId: string;
  readonly roleArn: string;
  readonly preSignedUrl: string;
  readonly createdMs: number;
  status: JobStatus;
  startedMs: number | undefined;
  completedMs: number | undefined;
  completionMessage: string | undefined;
  readonly counts: JobCounts;
  /** The file last uploaded; let go when the job ends (documented for the CSV file on AWS). */
  csv: Uint8Array | undefined;
}

/** How many of a job's rows came to which end. */
export interface JobCounts {
  imported: number;
  skipped: number;
  failed: number;
}

/** Whether a job is on its way: AWS lets only one be. */
export function isActive(job: ImportJob): boolean {
  return job.status === "Pending" || job.status === "InProgress";
}

const MAY_BECOME: Record<JobStatus, readonly JobStatus[]> = {
  Created: ["Pending", "Expired", "Stopped"],
  Pending: ["InProgress", "Stopped"],
  InProgress: ["Succeeded", "Failed", "Stopped"],
  Expired: [],
  Stopped: [],
  Failed: [],
  Succeeded: [],
};

/** Moves a job to its next status. An impossible step is a bug of the emulator. */
export function advance(job: ImportJob, status: JobStatus): void {
  if (!MAY_BECOME[job.status].includes(status)) {
    throw new TypeError(`import job ${job.id} cannot become ${status}: it is ${job.status}`);
  }
  job.status = status;
}

/** Ends a job and lets go of its file. */
export function complete(
  job: ImportJob,
  end: { readonly status: JobStatus; readonly message: string; readonly nowMs: number },
): void {
  advance(job, end.status);
  job.completedMs = end.nowMs;
  job.completionMessage = end.message;
  job.csv = undefined;
}
