import { setImmediate } from "node:timers/promises";
import { findImportLog, readImportLog } from "../cognito/import-log.ts";
import { pause } from "../cognito/retry.ts";
import type { Outcome } from "../core/outcome.ts";
import type { Job, LineOutcome, LoadLedger, Part, RowFailure } from "../ledger/ledger.ts";
import { findUsers, LOOK_WAITS_MS, type FoundUser } from "./find-users.ts";
import { LineTally } from "./line-tally.ts";
import type { Loading } from "./loading.ts";

/** What settling needs of its surroundings. */
export interface Settling extends Loading {
  /** How long to wait for log lines after a job has ended, in milliseconds. */
  readonly logWaitMs: number;
}

/** Outcomes that become durable in one transaction. */
const SETTLE_LINES = 5_000;
/** How long the log of a job without counts is waited for. */
const NO_COUNT_WAIT_MS = 5_000;
const FIRST_LOG_WAIT_MS = 250;
const MAX_LOG_WAIT_MS = 5_000;

/**
 * What came of a part. `settled`: each of its users has an outcome. `split`: its job broke off; `left` users have none and
 * are to be spooled again, and `settled` have one. `nothing`: the job failed without a word about any user, so that it
 * was the job that failed and not its users; nobody is settled.
 */
export type Settlement =
  | { readonly kind: "settled" | "nothing" }
  | { readonly kind: "split"; readonly settled: number; readonly left: number };

/**
 * Gives the users of an ended job's part their outcomes: from the job's log where it has a line; otherwise by looking
 * the user up in the pool. The job's counters are not trusted for that; they only tell how many lines to wait for, and
 * whether the job came to the end of its file. If it did, a user who is nowhere has failed; if not, the user can go
 * into another part.
 */
export async function settlePart(part: Part, job: Job, settling: Settling): Promise<Settlement> {
  const { ledger, observe } = settling;
  const tally = await gatherLog(part, job, settling);
  const refused = await settleLogged(part, tally.outcomes(countsOf(job)), { job, ledger });
  const isReadToEnd = job.status === "Succeeded" || countsOf(job) >= part.rows;
  // Whoever is listed too late for one look is skipped by the next job, and looked up then.
  await settleUnlogged(part, job, { settling, waitsMs: isReadToEnd ? LOOK_WAITS_MS : [0] });
  if (isReadToEnd) {
    const missing = await ledger.countUnsettledOfPart(part.id);
    const message = `the log does not tell, and the user is not in the pool; ${endingOf(job)}`;
    if (mayCreate(ledger)) await ledger.createRestInstead(part.id, message, job.startedAt);
    else await ledger.settleRest(part.id, { kind: "failed", reason: "not-imported", message });
    await ledger.settlePart(part.id, { ended: part.rows, failed: refused + missing });
    observe({ kind: "part-settled", part: part.id, rows: part.rows });
    return { kind: "settled" };
  }
  const left = await ledger.countUnsettledOfPart(part.id);
  if (job.status === "Failed" && left === part.rows && tally.count === 0 && countsOf(job) === 0) {
    await ledger.notePartSent(part.id, job.startedAt);
    return { kind: "nothing" };
  }
  const settled = part.rows - left;
  await ledger.splitPart(part.id, { ended: settled, failed: refused }, job.startedAt);
  observe({ kind: "part-split", part: part.id, why: endingOf(job), settled, left });
  return { kind: "split", settled, left };
}

/** How a job ended, in a clause. */
export function endingOf({ status, completionMessage }: Job): string {
  return `the job ended as ${status ?? "unknown"} (${completionMessage ?? "without a message"})`;
}

/**
 * Settles users by their lines, or gives those whose rows failed another way, as the policy has it. Returns how many rows
 * failed.
 */
async function settleLogged(
  part: Part,
  outcomes: Iterable<LineOutcome>,
  { job, ledger }: { readonly job: Job; readonly ledger: LoadLedger },
): Promise<number> {
  let failed = 0;
  let batch: LineOutcome[] = [];
  const settle = async (): Promise<void> => {
    const failures = batch.flatMap(failureOf);
    failed += failures.length;
    if (mayCreate(ledger)) await sendOtherwise(part, failures, { job, ledger });
    await ledger.settleLines(part.id, batch);
    batch = [];
  };
  for (const outcome of outcomes) {
    batch.push(outcome);
    if (batch.length < SETTLE_LINES) continue;
    await settle();
    // Requests of other lanes wait for their turns meanwhile.
    await setImmediate();
  }
  await settle();
  return failed;
}

const mayCreate = ({ facts }: LoadLedger): boolean => facts.policies.failedRows === "admin-create";

function failureOf({ kind, line, message }: LineOutcome): readonly RowFailure[] {
  return kind === "failed" ? [{ line, message: message ?? "" }] : [];
}

/**
 * What a refusal of a row is about, by its words: those for hashes and for internal errors are not published, only that there
 * are such (documented), so they are matched loosely (our guess).
 */
const ABOUT_HASH = /hash/i;
const ABOUT_SERVICE = /internal/i;

/**
 * Gives users whose rows failed another way: another job, for once, where the hash was refused (without it) or where the
 * service had trouble; AdminCreateUser for all others.
 */
async function sendOtherwise(
  part: Part,
  failures: readonly RowFailure[],
  { job: { startedAt }, ledger }: { readonly job: Job; readonly ledger: LoadLedger },
): Promise<void> {
  if (failures.length === 0) return;
  const ofHash = failures.filter(({ message }) => part.algorithm !== undefined && ABOUT_HASH.test(message));
  await ledger.spoolAgain(part.id, ofHash, { keepHash: false, startedAt });
  const ofService = failures.filter(({ message }) => ABOUT_SERVICE.test(message));
  await ledger.spoolAgain(part.id, ofService, { keepHash: true, startedAt });
  await ledger.createInstead(part.id, failures);
}

/** How many users a job's counters speak of. */
export function countsOf({
  imported,
  skipped,
  failed,
}: Pick<Job, "imported" | "skipped" | "failed">): number {
  return imported + skipped + failed;
}

/** Reads the log until it accounts for every user that the counters speak of, or the wait is over. */
async function gatherLog(
  part: Part,
  job: Job,
  { cognito, ledger, signal, observe, logWaitMs }: Settling,
): Promise<LineTally> {
  // Counters of zero may only be late, so the log is still given a moment to appear.
  const expected = Math.min(part.rows, Math.max(1, countsOf(job)));
  const deadline =
    performance.now() + (countsOf(job) === 0 ? Math.min(logWaitMs, NO_COUNT_WAIT_MS) : logWaitMs);
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

/** A user whose log line does not tell is in the pool or not; that, and when it came there, decides. */
async function settleUnlogged(
  part: Part,
  job: Job,
  { settling, waitsMs }: { readonly settling: Settling; readonly waitsMs: readonly number[] },
): Promise<void> {
  const { ledger, signal, observe } = settling;
  const wanted = await ledger.countUnsettledOfPart(part.id);
  if (wanted === 0) return;
  for (const waitMs of waitsMs) {
    if ((await ledger.countUnsettledOfPart(part.id)) === 0) break;
    await pause(waitMs, signal);
    await settleFound(part, job, settling);
  }
  const missing = await ledger.countUnsettledOfPart(part.id);
  observe({ kind: "users-looked-up", part: part.id, wanted, found: wanted - missing });
}

async function settleFound(part: Part, job: Job, settling: Settling): Promise<void> {
  const { cognito, ledger, signal } = settling;
  const count = await ledger.countUnsettledOfPart(part.id);
  const search = { cognito, ledger, signal, count, wanted: () => ledger.unsettledOfPart(part.id) };
  let found: Outcome[] = [];
  for await (const user of findUsers(search)) {
    const { claimant } = user;
    const isOpen =
      claimant.part === part.id && claimant.outcome === undefined && claimant.route === "import-job";
    if (!isOpen) continue;
    found.push(outcomeOf(user, job));
    if (found.length === SETTLE_LINES) {
      await ledger.settle(found);
      found = [];
    }
  }
  await ledger.settle(found);
}

function outcomeOf({ claimant: { seq, sentAt }, listed }: FoundUser, job: Job): Outcome {
  // An earlier job that broke off may have made the user already.
  const since = sentAt ?? job.startedAt ?? Number.POSITIVE_INFINITY;
  if ((listed.createdAt ?? 0) >= since)
    return { seq, kind: "imported", reason: undefined, message: undefined };
  return {
    seq,
    kind: "skipped",
    reason: "user-exists",
    message: `the log does not tell, but the user is in the pool from before; ${endingOf(job)}`,
  };
}
