import { isException, isUnanswered } from "../cognito/explain-error.ts";
import { ImportJobs, isFinalStatus, type ImportJob } from "../cognito/import-job.ts";
import { pause } from "../cognito/retry.ts";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { Job, LoadLedger, Part } from "../ledger/ledger.ts";
import { countsOf, settlePart, type Settling } from "./settle-part.ts";
import type { Spool } from "./spool.ts";
import { requireUploadHost } from "./upload-host.ts";
import { upload } from "./upload.ts";

/** What the import of parts needs of its surroundings, beside what settling does. */
export interface Importing extends Settling {
  readonly spool: Spool;
  readonly logsRoleArn: string;
  /** How long another import job of the account is waited for, in milliseconds. */
  readonly otherJobWaitMs: number;
}

/** What the import of one part needs. */
export interface ImportingPart extends Importing {
  /** Aborted when no job is to be started any more; one that was started is seen to its end all the same. */
  readonly mayBegin: AbortSignal;
}

const NOT_BEGUN: ReadonlySet<Job["state"]> = new Set(["creating", "created", "uploaded"]);

/** How a part came to its end. */
export interface PartEnd {
  /** Its last job. */
  readonly job: Job;
  /** How many of its users have an outcome, where the job broke off; undefined where all have. */
  readonly split: { readonly settled: number } | undefined;
}

/** Jobs that one part may use up in one session, as their URLs expire. */
const MAX_JOBS = 3;
/** Calls with an effect that may go without an answer, each followed by a look, before the run stops. */
const MAX_UNANSWERED = 4;
/** Documented: five requests a second for each pool and operation; a job of two users takes about three seconds. */
const FIRST_POLL_MS = 300;
const MAX_POLL_MS = 5_000;
/** Waits between two tries to start a job while another one is active. */
const FIRST_TURN_WAIT_MS = 1_000;
const MAX_TURN_WAIT_MS = 30_000;

/**
 * Takes one part from wherever it is to settled. Each step is in the ledger before it is done, so after a crash the
 * same loop goes on: what may have happened is looked up at Cognito, never done again blindly.
 *
 *   creating ─ Create ─> created ─ PUT ─> uploaded ─> starting ─ Start ─> started ─ poll ─> ended ─> settled
 *       \________________________ abandoned (expired, refused, or ended without a word) <─ a new job
 *
 * A job that broke off leaves users who are spooled again into another part.
 */
export async function importPart(part: Part, importing: ImportingPart): Promise<PartEnd> {
  const step = new PartImport(part, importing);
  let job = await step.currentJob();
  while (job.state !== "ended") {
    throwIfInterrupted(NOT_BEGUN.has(job.state) ? importing.mayBegin : importing.signal);
    job = await step.advance(job);
  }
  const { ledger, spool } = importing;
  const settlement = await settlePart(part, job, importing);
  if (settlement.kind === "nothing") {
    // A resume tries again with a new job.
    await ledger.changeJob(job.id, { state: "abandoned" });
    throw endedJob(
      job,
      "without a word about any user",
      "Mend what its message names: the log role, the columns",
    );
  }
  await spool.remove(part.id);
  return { job, split: settlement.kind === "split" ? settlement : undefined };
}

/** The error of a job that ended in a way that the operator is to be asked about. */
export function endedJob(job: Job, how: string, hint: string): FerryError {
  const { jobId, status, completionMessage } = job;
  const message = `The import job ${jobId} ended as ${status} ${how}: ${completionMessage ?? "no message"}`;
  return new FerryError("IMPORT_JOB_UNUSABLE", message, { hint });
}

class PartImport {
  readonly #part: Part;
  readonly #importing: ImportingPart;
  readonly #jobs: ImportJobs;
  /** Kept in memory only: a pre-signed URL is a secret. */
  #url: string | undefined;
  #jobsUsed = 0;
  #unansweredStarts = 0;
  #lastTrouble = "";
  /** How long another job was waited for in this session. */
  #waitedMs = 0;
  #turnWaitMs = FIRST_TURN_WAIT_MS;
  /** Whether the last start was refused without a sign of another job. */
  #wasUnclear = false;
  /** Whether the present job's creation was begun by this process, so that there is nothing to look up. */
  #isNew = false;

  constructor(part: Part, importing: ImportingPart) {
    this.#part = part;
    this.#importing = importing;
    this.#jobs = new ImportJobs(importing.cognito, importing.ledger.facts.pool.id, importing.signal);
  }

  async currentJob(): Promise<Job> {
    const last = (await this.#importing.ledger.jobsOf(this.#part.id)).at(-1);
    return last === undefined || last.state === "abandoned" ? this.#newJob() : last;
  }

  async advance(job: Job): Promise<Job> {
    switch (job.state) {
      case "creating":
        return this.#create(job);
      case "created":
        return this.#upload(job);
      case "uploaded":
        return this.#adoptOrStart(await this.#change(job, { state: "starting" }));
      case "starting":
        return this.#adoptOrStart(job);
      case "started":
        return this.#poll(job);
      case "ended":
      case "abandoned":
        throw new Error(`job ${job.id} is ${job.state} and cannot go on`);
    }
  }

  async #newJob(): Promise<Job> {
    const { ledger } = this.#importing;
    if (this.#jobsUsed === MAX_JOBS) {
      throw new FerryError(
        "IMPORT_JOB_UNUSABLE",
        `${MAX_JOBS} import jobs for part ${this.#part.id} could not be used; of the last one ${this.#lastTrouble}`,
        { hint: "If uploads are refused, check the network's S3 endpoint policy and this machine's clock" },
      );
    }
    this.#jobsUsed += 1;
    this.#isNew = true;
    this.#url = undefined;
    const number = (await ledger.jobsOf(this.#part.id)).length + 1;
    return ledger.addJob(
      this.#part.id,
      `poolferry-${ledger.facts.runId}-part-${this.#part.id}-job-${number}`,
    );
  }

  async #create(job: Job): Promise<Job> {
    const found = this.#isNew ? undefined : await this.#jobs.findByName(job.name);
    const created = found ?? (await this.#createOnce(job.name));
    this.#url = created.preSignedUrl;
    this.#importing.observe({ kind: "job-created", part: this.#part.id, jobId: created.jobId });
    return this.#change(job, { state: "created", jobId: created.jobId, status: created.status });
  }

  async #createOnce(name: string): Promise<ImportJob> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { logsRoleArn } = this.#importing;
        return await this.#jobs.create({ name, logsRoleArn, algorithm: this.#part.algorithm });
      } catch (error) {
        if (!isUnanswered(error)) {
          throw explainHashRefusal(error, this.#part) ?? explainRefusal(error, "create an import job");
        }
        // The reply was lost: the job may be there.
        const found = await this.#jobs.findByName(name);
        if (found !== undefined) return found;
        if (attempt === MAX_UNANSWERED) throw error;
      }
    }
  }

  async #upload(job: Job): Promise<Job> {
    const { cognito, spool, ledger, signal, observe } = this.#importing;
    const described = this.#url === undefined ? await this.#jobs.describe(jobIdOf(job)) : undefined;
    // Another status: someone acted on it by hand, perhaps after an upload whose end we did not see.
    if (described !== undefined && described.status !== "Created") return this.#adopt(job, described);
    const preSignedUrl = this.#url ?? described?.preSignedUrl;
    if (preSignedUrl === undefined) return this.#abandon(job, "it came without a place to upload to");
    // The job stays as it is: a resume asks for the place again.
    requireUploadHost(preSignedUrl, cognito.serviceHost);
    await spool.restore(ledger, this.#part);
    const result = await upload(
      { path: spool.pathOf(this.#part.id), bytes: this.#part.bytes, preSignedUrl },
      ledger.facts.connection,
      signal,
    );
    if (result.kind === "refused") return this.#abandon(job, `the upload was refused: ${result.why}`);
    observe({ kind: "part-uploaded", part: this.#part.id, bytes: this.#part.bytes });
    return this.#change(job, { state: "uploaded" });
  }

  async #start(job: Job): Promise<Job> {
    try {
      return this.#started(job, await this.#jobs.start(jobIdOf(job)));
    } catch (error) {
      // The reply was lost: the loop looks before it starts again.
      this.#unansweredStarts += 1;
      if (isUnanswered(error) && this.#unansweredStarts < MAX_UNANSWERED) return job;
      if (
        isException(error, "PreconditionNotMetException") &&
        /no csv file/i.test((error as Error).message)
      ) {
        return this.#abandon(job, "its upload was not found");
      }
      if (error instanceof Error && (await this.#isTurnToCome(error))) return job;
      throw explainRefusal(error, `start the import job ${jobIdOf(job)}`);
    }
  }

  /**
   * Whether a start that was refused is to be tried again, after a wait: since another job is active, or may have been
   * until just now. It may be one of another pool, which no list shows.
   */
  async #isTurnToCome(error: Error): Promise<boolean> {
    if (!MAYBE_OTHER_ACTIVE.has(error.name)) return false;
    if (OTHER_ACTIVE.test(error.message) || (await this.#jobs.findActive()) !== undefined) {
      await this.#awaitTurn(error);
      this.#wasUnclear = false;
      return true;
    }
    if (this.#wasUnclear) return false;
    this.#wasUnclear = true;
    await pause(FIRST_TURN_WAIT_MS, this.#importing.signal);
    return true;
  }

  async #awaitTurn(error: Error): Promise<void> {
    const { otherJobWaitMs, mayBegin, observe } = this.#importing;
    const leftMs = otherJobWaitMs - this.#waitedMs;
    if (leftMs <= 0) throw otherIsActive(error, otherJobWaitMs);
    observe({ kind: "other-job-awaited", part: this.#part.id, why: error.message });
    const waitMs = Math.min(leftMs, this.#turnWaitMs);
    await pause(waitMs, mayBegin);
    this.#waitedMs += waitMs;
    this.#turnWaitMs = Math.min(MAX_TURN_WAIT_MS, this.#turnWaitMs * 1.5);
  }

  async #adoptOrStart(job: Job): Promise<Job> {
    const described = await this.#jobs.describe(jobIdOf(job));
    return described.status === "Created" ? this.#start(job) : this.#adopt(job, described);
  }

  /** Goes on with a job that was started, by whomever; one that ended without a start has done nothing. */
  #adopt(job: Job, described: ImportJob): Promise<Job> {
    const { status, startedAt } = described;
    return isFinalStatus(status) && startedAt === undefined && countsOf(described) === 0
      ? this.#abandon(job, `it is ${status} and was never started`)
      : this.#started(job, described);
  }

  #started(job: Job, described: ImportJob): Promise<Job> {
    this.#importing.observe({ kind: "job-started", part: this.#part.id, jobId: described.jobId });
    // Users who came into the pool before this moment are not this job's.
    const startedAt = described.startedAt ?? described.createdAt;
    return this.#change(job, { state: "started", status: described.status, startedAt });
  }

  async #poll(job: Job): Promise<Job> {
    const { cognito, observe, signal } = this.#importing;
    for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(MAX_POLL_MS, waitMs * 1.5)) {
      const { status, completionMessage, imported, skipped, failed } = await this.#jobs.describe(
        jobIdOf(job),
      );
      observe({ kind: "job-progress", part: this.#part.id, status, imported, skipped, failed });
      if (isFinalStatus(status)) {
        const counts = { imported, skipped, failed };
        const endedAt = cognito.serviceNow;
        return this.#change(job, { state: "ended", status, completionMessage, ...counts, endedAt });
      }
      await pause(waitMs, signal);
    }
  }

  async #abandon(job: Job, why: string): Promise<Job> {
    this.#lastTrouble = why;
    await this.#change(job, { state: "abandoned" });
    this.#importing.observe({ kind: "job-abandoned", part: this.#part.id, why });
    return this.#newJob();
  }

  #change(job: Job, change: Parameters<LoadLedger["changeJob"]>[1]): Promise<Job> {
    return this.#importing.ledger.changeJob(job.id, change);
  }
}

function jobIdOf(job: Job): string {
  if (job.jobId === undefined) throw new Error(`job ${job.id} is ${job.state} without an id`);
  return job.jobId;
}

/** With what StartUserImportJob may refuse a second active job: no page names the error, nor its words (our guess). */
const MAYBE_OTHER_ACTIVE: ReadonlySet<string> = new Set([
  "InvalidParameterException",
  "LimitExceededException",
  "PreconditionNotMetException",
  "UserImportInProgressException",
]);
const OTHER_ACTIVE = /\banother\b|\bjob\b.*\b(active|running|in progress)\b/is;

function otherIsActive(error: Error, waitedMs: number): FerryError {
  const waited = waitedMs === 0 ? "" : `, also after ${Number((waitedMs / 60_000).toFixed(2))} minutes`;
  const message = `Another import job is active${waited}, and only one can be in an account: ${error.message} (${error.name})`;
  const hint =
    "Wait for it or stop it; importJob.waitMinutes in the config says how long a run waits by itself";
  return new FerryError("IMPORT_JOB_UNUSABLE", message, { hint, cause: error });
}

const REFUSALS: Readonly<Record<string, string>> = {
  NotAuthorizedException:
    "Check the log role: its trust must allow cognito-idp.amazonaws.com, and your credentials need iam:PassRole on it",
  InvalidParameterException: "Check --logs-role-arn and the pool's settings",
  PreconditionNotMetException: "Mend what the message names: the pool's settings, or the job's status",
  LimitExceededException:
    "The pool has as many import jobs as its quota allows; ask AWS to raise it, then resume",
  OperationNotEnabledException: "A replica cannot import: use the pool's primary region",
};

/** With what CreateUserImportJob may refuse hashes: no page names the error for a pool that takes none (our guess). */
const HASH_REFUSALS: ReadonlySet<string> = new Set([
  "FeatureUnavailableInTierException",
  "InvalidParameterException",
  "OperationNotEnabledException",
]);

/** The refusal of a job with password hashes, where it may be about them; undefined otherwise. */
function explainHashRefusal(error: unknown, { algorithm }: Part): FerryError | undefined {
  if (algorithm === undefined || !(error instanceof Error) || !HASH_REFUSALS.has(error.name))
    return undefined;
  // The same types tell of a wrong log role.
  if (/role/i.test(error.message)) return undefined;
  return new FerryError(
    "PASSWORD_HASHES_REFUSED",
    `Cognito refuses an import job with ${algorithm} password hashes: ${error.message} (${error.name})`,
    {
      hint: "Older user pools take no password hashes until AWS has upgraded them: wait for that, or plan again in a new folder with policies.passwordHashes: import-or-drop, so that these users reset their passwords",
      cause: error,
    },
  );
}

function explainRefusal(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || error instanceof FerryError) return error;
  const hint = REFUSALS[error.name];
  if (hint === undefined) return error;
  const code = error.name === "NotAuthorizedException" ? "LOGS_ROLE_REFUSED" : "IMPORT_JOB_UNUSABLE";
  return new FerryError(code, `Cognito refuses to ${what}: ${error.message} (${error.name})`, {
    hint,
    cause: error,
  });
}
