import { setImmediate as yieldToEvents, setTimeout as delay } from "node:timers/promises";

import type { Account } from "../state/account.ts";
import { moveAlias } from "../state/claim-aliases.ts";
import { advance, complete, type ImportJob } from "../state/import-job.ts";
import { LogStream } from "../state/log-store.ts";
import type { Pool } from "../state/pool.ts";
import { readLines, splitLine } from "./csv.ts";
import { readHeader } from "./header.ts";
import { judgeRow, type RowReader, type Verdict } from "./row.ts";

/** How many rows are taken before other requests get their turn. */
const ROWS_IN_SLICE = 500;

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
 * when it is stopped or the emulator closes. The completion messages are AWS's own (samples).
 */
export async function runJob(run: JobRun): Promise<void> {
  const { account, pool, job, signal } = run;
  const { rules, clock, logs } = account;
  try {
    await delay(rules.jobStartDelayMs, undefined, { signal });
    if (job.status !== "Pending") return;
    advance(job, "InProgress");
    // The start date moves when a job really begins (reported).
    job.startedMs = clock();
    const groupName = logGroupName(pool, rules.logGroupReplacement);
    const stream = new LogStream(`${job.id}/${job.name}`, clock());
    for (let count = 0; count < 2; count += 1) {
      // Two such lines come before the results (reported).
      stream.append({ before: "Cognito User Pools Import - Test Log", after: "", nowMs: clock() });
    }
    if (rules.logDelivery === "while-in-progress") logs.publish(groupName, stream);
    const end = await importRows(run, stream);
    if (rules.logDelivery === "at-the-end") logs.publish(groupName, stream);
    if (end !== undefined) complete(job, { ...end, nowMs: clock() });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

type End = { readonly status: "Succeeded" | "Failed"; readonly message: string };

/** Imports row after row; without an end when the job was stopped on the way. */
async function importRows(
  { account, pool, job, signal }: JobRun,
  stream: LogStream,
): Promise<End | undefined> {
  const { rules, clock } = account;
  const lines = readLines(job.csv ?? new Uint8Array());
  const columns = readHeader(lines.next().value ?? "", pool, rules);
  if (columns === undefined) return { status: "Failed", message: rules.texts.unexpectedHeader };

  const reader = { pool, rules, columns };
  const rowsInSlice = rules.jobRowDelayMs > 0 ? 1 : ROWS_IN_SLICE;
  const counts = { imported: 0, skipped: 0, failed: 0 };
  const end = (status: End["status"], message: string): End => {
    Object.assign(job.counts, counts);
    return { status, message };
  };
  let rows = 0;
  for (const line of lines) {
    if (rows === rules.usersInFile) return end("Failed", rules.texts.tooManyUsers);
    const values = readRow(line, reader);
    if (
      values !== undefined &&
      values.length !== columns.count &&
      rules.wrongFieldCount === "fails-the-job"
    ) {
      return end("Failed", rules.texts.wrongFieldCount);
    }
    const verdict: Verdict =
      values === undefined ? { kind: "failed", why: rules.texts.rowTooLong } : judgeRow(reader, values);
    settleRow(reader, verdict, clock());
    stream.append({ ...describeVerdict(verdict), line: rows + rules.firstLineNumber, nowMs: clock() });
    counts[verdict.kind === "created" ? "imported" : verdict.kind] += 1;
    rows += 1;
    if (rows % rowsInSlice === 0) {
      if (rules.countsWhileInProgress) Object.assign(job.counts, counts);
      await (rules.jobRowDelayMs > 0 ? delay(rules.jobRowDelayMs, undefined, { signal }) : yieldToEvents());
      if (job.status !== "InProgress") {
        // Stopped: what is imported stays imported, and its lines stay in the log (guess).
        Object.assign(job.counts, counts);
        return undefined;
      }
      signal.throwIfAborted();
      if (!account.pools.has(job.poolId)) break;
    }
  }
  // That the job fails with its pool is documented.
  if (!account.pools.has(job.poolId)) return end("Failed", rules.texts.poolDeleted);
  const isFailed = rows > 0 && (counts.failed + counts.skipped) / rows > rules.highestFailedShare;
  return isFailed ? end("Failed", TOO_MANY_FAILED) : end("Succeeded", SUCCEEDED);
}

/** The row's values; nothing for a row that is too long. */
function readRow(line: string, { rules }: RowReader): readonly string[] | undefined {
  if (line.length > rules.charactersInRow) return undefined;
  // A carriage return that is not taken for a line's end makes the row one that fits no header.
  if (line.endsWith("\r") && !rules.takesCarriageReturns) return [];
  return splitLine(line);
}

function settleRow({ pool, rules }: RowReader, verdict: Verdict, nowMs: number): void {
  if (verdict.kind !== "created") return;
  const { moved, ...user } = verdict.user;
  for (const { owner, name } of moved) moveAlias(pool, owner, name);
  pool.users.add({ ...user, status: rules.importedStatus, nowMs });
}

/** A log line around its number; the statuses, SUCCEEDED's and SKIPPED's words are documented. */
function describeVerdict(verdict: Verdict): { readonly before: string; readonly after: string } {
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
