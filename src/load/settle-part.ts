import type { Cognito } from "../cognito/cognito.ts";
import { findImportLog, readImportLog } from "../cognito/import-log.ts";
import { pause } from "../cognito/retry.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Job, LineOutcome, LoadLedger, Part } from "../ledger/ledger.ts";
import { findUsers } from "./find-users.ts";
import { LineTally } from "./line-tally.ts";
import type { LoadObserver } from "./load-event.ts";

/** What settling needs of its surroundings. */
export interface Settling {
  readonly cognito: Cognito;
  readonly ledger: LoadLedger;
  readonly signal: AbortSignal;
  readonly observe: LoadObserver;
  /** How long to wait for log lines after a job has ended, in milliseconds. */
  readonly logWaitMs: number;
}

/** Outcomes that become durable in one transaction. */
const SETTLE_LINES = 5_000;
const FIRST_LOG_WAIT_MS = 250;
const MAX_LOG_WAIT_MS = 5_000;

/**
 * Gives every user of an ended job's part its outcome: from the job's log where it has a line; otherwise by looking
 * the user up in the pool. The job's counters are not trusted for that; they only tell how many lines to wait for.
 */
export async function settlePart(part: Part, job: Job, settling: Settling): Promise<void> {
  const { ledger, observe } = settling;
  const tally = await gatherLog(part, job, settling);
  let batch: LineOutcome[] = [];
  for (const outcome of tally.outcomes()) {
    batch.push(outcome);
    if (batch.length === SETTLE_LINES) {
      ledger.settleLines(part.id, batch);
      batch = [];
    }
  }
  ledger.settleLines(part.id, batch);
  await settleUnlogged(part, job, settling);
  ledger.settlePart(part.id);
  observe({ kind: "part-settled", part: part.id, rows: part.rows });
}

/** Reads the log until it accounts for every user that the counters speak of, or the wait is over. */
async function gatherLog(
  part: Part,
  job: Job,
  { cognito, ledger, signal, observe, logWaitMs }: Settling,
): Promise<LineTally> {
  const expected = Math.min(part.rows, job.imported + job.skipped + job.failed);
  const deadline = performance.now() + logWaitMs;
  let waitMs = FIRST_LOG_WAIT_MS;
  for (;;) {
    const tally = new LineTally(part.rows);
    const log = await findImportLog(
      cognito,
      { poolId: ledger.facts.pool.id, jobId: job.jobId ?? "" },
      signal,
    );
    // Events can arrive late and out of order, so every look reads the whole log.
    if (log !== undefined) {
      for await (const page of readImportLog(cognito, log, signal)) for (const line of page) tally.add(line);
    }
    if (tally.count >= expected || performance.now() >= deadline) return tally;
    observe({ kind: "log-awaited", part: part.id, lines: tally.count, expected });
    await pause(waitMs, signal);
    waitMs = Math.min(MAX_LOG_WAIT_MS, waitMs * 2);
  }
}

/** A user without a log line is in the pool or not; that, and when it came there, decides. */
async function settleUnlogged(
  part: Part,
  job: Job,
  { cognito, ledger, signal, observe }: Settling,
): Promise<void> {
  const count = ledger.countUnsettledOfPart(part.id);
  if (count === 0) return;
  const ending = `the job ended as ${job.status ?? "unknown"} (${job.completionMessage ?? "without a message"})`;
  let found: Outcome[] = [];
  const settleFound = (): void => {
    ledger.settle(found);
    found = [];
  };
  const search = { cognito, ledger, signal, count, wanted: () => ledger.unsettledOfPart(part.id) };
  for await (const { claimant, listed } of findUsers(search)) {
    if (claimant.part !== part.id || claimant.outcome !== undefined) continue;
    const isOurs = (listed.createdAt ?? 0) >= (job.startedAt ?? Number.POSITIVE_INFINITY);
    const { seq } = claimant;
    found.push(
      isOurs
        ? { seq, kind: "imported", reason: undefined, message: undefined }
        : {
            seq,
            kind: "skipped",
            reason: "user-exists",
            message: `no log line, but in the pool from before; ${ending}`,
          },
    );
    if (found.length === SETTLE_LINES) settleFound();
  }
  settleFound();
  const missing = ledger.countUnsettledOfPart(part.id);
  observe({ kind: "users-looked-up", part: part.id, wanted: count, found: count - missing });
  ledger.settleRest(part.id, {
    kind: "failed",
    reason: "not-imported",
    message: `no log line, and not in the pool; ${ending}`,
  });
}
