import { setImmediate as yieldToEvents, setTimeout as delay } from "node:timers/promises";

import { forTimer } from "../for-timer.ts";
import type { Account } from "../state/account.ts";
import { isLogRoleUsable } from "../state/check-log-role.ts";
import { moveAlias } from "../state/claim-aliases.ts";
import { advance, complete, type ImportJob, type JobCounts } from "../state/import-job.ts";
import { LogStream } from "../state/log-store.ts";
import type { Pool } from "../state/pool.ts";
import { extrasOf } from "../state/user.ts";
import { readLines, splitLine } from "./csv.ts";
import { readHeader } from "./header.ts";
import { ResultLog, type ResultLine } from "./result-log.ts";
import { ValueKeeper } from "./value-keeper.ts";
import { judgeRow, type RowReader, type Verdict } from "./row.ts";

/** How many rows are taken before other requests get their turn. */
const ROWS_IN_SLICE = 500;

/** How often a job that hangs looks whether it may go on. */
const STUCK_LOOK_MS = 10;

const SUCCEEDED = "Import Job Completed Successfully.";
const TOO_MANY_FAILED = "Too many users have failed or been skipped during the import.";

/** A job on its way: what it reads, where it writes, and who can end it early. */
export interface JobRun {
  readonly account: Account;
  readonly pool: Pool;
  readonly job: ImportJob;
  /** Aborted when the emulator closes; a stopped job is seen by its status. */
  readonly signal: AbortSignal;
}

/**
 * Carries a Pending job out to its end: in slices, so that the emulator goes on answering, and to no end at all
 * when it is stopped or the emulator closes. The completion messages are AWS's own (samples). The settings are
 * read anew all the way: they may change while a job runs.
 */
export async function runJob(run: JobRun): Promise<void> {
  const { account, pool, job, signal } = run;
  const { clock, logs } = account;
  try {
    await delay(forTimer(account.rules.jobStartDelayMs), undefined, { signal });
    if (job.status !== "Pending") return;
    const groupName = logGroupName(pool, account.rules.logGroupReplacement);
    if (account.rules.logRole === "must-exist" && !isLogRoleUsable(account, job.roleArn, groupName)) {
      // That such a job fails is documented; that it does so here, and these words, are guesses.
      complete(job, { status: "Failed", message: account.rules.texts.logRoleUnusable, nowMs: clock() });
      return;
    }
    advance(job, "InProgress");
    // The start date moves when a job really begins (reported).
    job.startedMs = clock();
    const stream = new LogStream(`${job.id}/${job.name}`, clock());
    for (let count = 0; count < 2; count += 1) {
      // Two such lines come before the results (reported).
      stream.append({ before: "Cognito User Pools Import - Test Log", after: "", nowMs: clock() });
    }
    if (account.rules.logDelivery === "while-in-progress") logs.publish(groupName, stream);
    const log = new ResultLog(account, stream);
    const end = await importRows(run, log);
    log.flush();
    if (account.rules.logDelivery !== "never") logs.publish(groupName, stream);
    if (end !== undefined) endJob(job, { ...end, nowMs: clock() });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

// A stop may have come after the last row: then it stands.
function endJob(job: ImportJob, end: End & { readonly nowMs: number }): void {
  if (job.status === "InProgress") complete(job, end);
}

type End = { readonly status: "Succeeded" | "Failed"; readonly message: string };

/** Imports row after row; without an end when the job was stopped on the way. */
async function importRows(run: JobRun, log: ResultLog): Promise<End | undefined> {
  const { account, pool, job } = run;
  const { hashAlgorithm } = job;
  const lines = readLines(job.csv ?? new Uint8Array());
  const reading = readHeader(lines.next().value ?? "", { pool, rules: account.rules, hashAlgorithm });
  if (reading.kind === "refused") return { status: "Failed", message: reading.why };

  const reader: RowReader = {
    pool,
    get rules() {
      return account.rules;
    },
    columns: reading.columns,
    hashAlgorithm,
    keeper: new ValueKeeper(),
  };
  const counts = { imported: 0, skipped: 0, failed: 0 };
  const end = (status: End["status"], message: string): End => {
    Object.assign(job.counts, counts);
    return { status, message };
  };
  let rows = 0;
  for (const line of lines) {
    // Nothing is waited for at most of half a million rows.
    const mayGo = mayGoOn(run, rows, counts);
    if (mayGo !== true && !(await mayGo)) return undefined;
    const { rules } = account;
    // That the job fails with its pool is documented.
    if (isPoolGone(run)) return end("Failed", rules.texts.poolDeleted);
    if (rows >= rules.usersInFile) return end("Failed", rules.texts.tooManyUsers);
    if (rows >= rules.jobFailsAfterRows) return end("Failed", TOO_MANY_FAILED);
    const verdict = readRow(line, reader);
    if (verdict.kind === "fails-the-job") return end("Failed", verdict.why);
    settleRow(reader, verdict, account.clock());
    log.append({ ...describeVerdict(verdict), line: rows + rules.firstLineNumber });
    counts[verdict.kind === "created" ? "imported" : verdict.kind] += 1;
    rows += 1;
  }
  if (!(await mayGoOn(run, rows, counts))) return undefined;
  if (isPoolGone(run)) return end("Failed", account.rules.texts.poolDeleted);
  const isFailed = rows > 0 && (counts.failed + counts.skipped) / rows > account.rules.highestFailedShare;
  return isFailed ? end("Failed", TOO_MANY_FAILED) : end("Succeeded", SUCCEEDED);
}

/**
 * Whether the job goes on to the next row, after others have had their turn. Not when it was stopped: then what is
 * imported stays imported, and its lines stay in the log (guess).
 */
function mayGoOn(run: JobRun, rows: number, counts: JobCounts): true | Promise<boolean> {
  const { rules } = run.account;
  const isPause = rules.jobRowDelayMs > 0 ? rows > 0 : rows > 0 && rows % ROWS_IN_SLICE === 0;
  return isPause || rows >= rules.jobStuckAfterRows ? pause(run, rows, counts) : true;
}

async function pause(run: JobRun, rows: number, counts: JobCounts): Promise<boolean> {
  const { account, job, signal } = run;
  const { jobRowDelayMs, countsWhileInProgress } = account.rules;
  if (countsWhileInProgress) Object.assign(job.counts, counts);
  await (jobRowDelayMs > 0 ? delay(forTimer(jobRowDelayMs), undefined, { signal }) : yieldToEvents());
  while (job.status === "InProgress" && rows >= account.rules.jobStuckAfterRows) {
    if (isPoolGone(run)) return true;
    await delay(STUCK_LOOK_MS, undefined, { signal });
  }
  signal.throwIfAborted();
  if (job.status !== "InProgress") Object.assign(job.counts, counts);
  return job.status === "InProgress";
}

// A restore may have put another pool of the same id in its place.
function isPoolGone({ account, pool }: JobRun): boolean {
  return account.pools.get(pool.settings.id) !== pool;
}

/** The verdict on a line of the file. */
function readRow(line: string, reader: RowReader): Verdict {
  const { rules } = reader;
  if (line.length > rules.charactersInRow) return { kind: "failed", why: rules.texts.rowTooLong };
  // A carriage return that is not taken for a line's end makes the row one that fits no header.
  if (line.endsWith("\r") && !rules.takesCarriageReturns) return judgeRow(reader, []);
  return judgeRow(reader, splitLine(line));
}

function settleRow({ pool }: RowReader, verdict: Verdict, nowMs: number): void {
  if (verdict.kind !== "created") return;
  const { moved, mfa, ...user } = verdict.user;
  for (const { owner, name } of moved) moveAlias(pool, owner, name);
  const added = pool.users.add({ ...user, nowMs });
  if (mfa !== undefined) extrasOf(added).mfa = mfa;
}

/** A log line around its number; the statuses, SUCCEEDED's and SKIPPED's words are documented. */
function describeVerdict(
  verdict: Exclude<Verdict, { readonly kind: "fails-the-job" }>,
): Pick<ResultLine, "before" | "after"> {
  switch (verdict.kind) {
    case "created":
      return { before: "[SUCCEEDED] Line Number ", after: " - The import succeeded." };
    case "skipped":
      return { before: "[SKIPPED] Line Number ", after: " - The user already exists." };
    case "failed":
      return { before: "[FAILED] Line Number ", after: ` - ${verdict.why}` };
  }
}

/** `/aws/cognito/userpools/<pool id>/<pool name>` (documented), with what a group's name cannot hold replaced (guess). */
function logGroupName(pool: Pool, replacement: string): string {
  const name = pool.settings.name.replaceAll(/[^.\-_/#A-Za-z0-9]/g, replacement);
  return `/aws/cognito/userpools/${pool.settings.id}/${name}`;
}
