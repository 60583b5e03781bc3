import type { HashAlgorithm } from "./user.ts";

/** The states of an import job (API model). */
export type JobStatus =
  | "Created"
  | "Pending"
  | "InProgress"
  | "Stopping"
  | "Expired"
  | "Stopped"
  | "Failed"
  | "Succeeded";

/**
 * An import job.
 *
 *     Created ──start──> Pending ──> InProgress ──> Succeeded | Failed
 *        └─ not started in time ─> Expired   └──stop──> [Stopping ──>] Stopped   (from Pending too)
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
  /** What the file's password hashes were made with, if it has any. */
  readonly hashAlgorithm: HashAlgorithm | undefined;
  status: JobStatus;
  startedMs: number | undefined;
  completedMs: number | undefined;
  completionMessage: string | undefined;
  /** When a job that is Stopping will be Stopped. */
  stopsMs: number | undefined;
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

/** Whether a job is on its way: AWS lets only one be. That one on its way to a stop counts is a guess. */
export function isActive(job: ImportJob): boolean {
  return job.status === "Pending" || job.status === "InProgress" || job.status === "Stopping";
}

/** AWS's message for a job that was stopped (sample). */
export const STOPPED = "The Import Job was stopped by the developer.";

const MAY_BECOME: Record<JobStatus, readonly JobStatus[]> = {
  Created: ["Pending", "Expired", "Stopping", "Stopped"],
  Pending: ["InProgress", "Failed", "Stopping", "Stopped"],
  InProgress: ["Succeeded", "Failed", "Stopping", "Stopped"],
  Stopping: ["Stopped"],
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
