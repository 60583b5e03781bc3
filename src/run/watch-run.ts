import { statSync } from "node:fs";
import { pause } from "../cognito/retry.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Progress, RequestRate } from "../core/progress.ts";
import type { Ledger, RunProgress, RunState, Sample, UndoCounts } from "../ledger/ledger.ts";
import type { Environment } from "./client-secret.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { summariseProgress } from "./measure-run.ts";
import { requireRun, runFolderAt, type RunFolder } from "./run-folder.ts";
import { readLedger } from "./run-ledger.ts";
import { RunPace } from "./run-pace.ts";

/** Which run is watched. */
export interface WatchOptions {
  readonly runDir: string;
  /** Where the address of a ledger in a database is looked up. */
  readonly environment?: Environment | undefined;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

/** How far a run is that another process carries out, as its ledger tells. */
export interface RunSnapshot extends Progress {
  /** ISO 8601, by the clock of this computer. */
  readonly at: string;
  readonly runId: string;
  readonly userPoolId: string;
  readonly state: RunState;
  /** Whether nothing will come any more. */
  readonly isOver: boolean;
  /** How many processes are at work on it; undefined where that is not known, while it is planned or undone. */
  readonly workers: number | undefined;
  /** When a process was last seen at work on it, ISO 8601; undefined where none ever was. */
  readonly lastSeenAt: string | undefined;
  /** What an undo made of users so far; undefined where none was begun. */
  readonly undo: UndoCounts | undefined;
}

/** How often the ledger is asked; where that takes long, less often, so that it is little of the time. */
const LOOK_EVERY_MS = 1_000;
const SHARE_OF_TIME = 20;
const LOOK_AT_LEAST_EVERY_MS = 5_000;

/** A session that takes a sample every five seconds and has taken none for so long has ended. */
const GONE_MS = 16_000;

/** A minute is told of from the first look on. */
const BEFORE_MS = 60_000;

/** Nothing changes any more in a run of such a state, but by another command. */
const OVER: ReadonlySet<RunState> = new Set(["done", "undone", "purged"]);

/**
 * Tells about every second how far the run in a folder is, until it is over or the signal comes. Only reads its ledger, and
 * does not hold it up. The last snapshot of a run that is over says so. Throws RUN_NOT_FOUND, and whatever opening a ledger
 * throws.
 */
export async function* watchRun({ runDir, environment, signal }: WatchOptions): AsyncIterable<RunSnapshot> {
  const folder = runFolderAt(runDir, environment);
  try {
    await requireRun(folder);
    for (;;) {
      const place = placeOf(folder);
      await using ledger = await readLedger(folder);
      // A plan that is made anew puts another ledger into its place.
      const isStill = (): boolean => placeOf(folder) === place;
      const end = yield* watchLedger(ledger, { isStill, signal });
      if (end === "over" || signal.aborted) return;
    }
  } catch (error) {
    if (signal.aborted && error instanceof FerryError && error.code === "INTERRUPTED") return;
    throw explainDiskError(error, folder.path);
  }
}

/** What tells the file of a ledger from the one that takes its place; nothing of one in a database. */
function placeOf({ ledgerPath }: RunFolder): number | undefined {
  return statSync(ledgerPath, { throwIfNoEntry: false })?.ino;
}

async function* watchLedger(
  ledger: Ledger,
  { isStill, signal }: { readonly isStill: () => boolean; readonly signal: AbortSignal },
): AsyncGenerator<RunSnapshot, "over" | "replaced"> {
  const pace = new RunPace();
  for (const { at, settled, underWay } of await ledger.samplesSince(Date.now() - BEFORE_MS))
    pace.noteBefore(at, settled + underWay.inJobs + underWay.sent);
  for (;;) {
    const beganMs = performance.now();
    const snapshot = await look(ledger, pace);
    yield snapshot;
    if (snapshot.isOver) return "over";
    const tookMs = performance.now() - beganMs;
    const waitMs = Math.max(LOOK_EVERY_MS, Math.min(LOOK_AT_LEAST_EVERY_MS, tookMs * SHARE_OF_TIME));
    await pause(waitMs, signal);
    if (!isStill()) return "replaced";
  }
}

async function look(ledger: Ledger, pace: RunPace): Promise<RunSnapshot> {
  const nowMs = Date.now();
  const progress = await ledger.progress();
  const { state } = progress;
  const samples = await ledger.samplesSince(nowMs - BEFORE_MS);
  const lately = samples.filter(({ at }) => at > nowMs - GONE_MS);
  const fresh = lastOfEach(lately);
  const inJobs = sumOf(fresh.map(({ underWay }) => underWay.inJobs));
  pace.note(nowMs, progress, { inJobs, sent: sumOf(fresh.map(({ underWay }) => underWay.sent)) });
  const isLoading = state === "applying";
  const rates = isLoading ? ratesOf(lately) : [];
  const { facts } = ledger;
  return {
    at: new Date(nowMs).toISOString(),
    runId: facts.runId,
    userPoolId: facts.pool.id,
    state,
    isOver: OVER.has(state),
    workers: isLoading ? await workersOf(ledger, fresh) : undefined,
    lastSeenAt: isoOf(await ledger.lastSampleAt()),
    undo: await ledger.undoCounts(),
    ...summariseProgress(progress, {
      usersPerSecond: isLoading && fresh.length > 0 ? pace.usersPerSecond : undefined,
      etaSeconds: isLoading && fresh.length > 0 ? pace.etaSeconds(rates) : undefined,
      rates,
      countedOf: (part) => countedOf(part, progress, inJobs),
    }),
  };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();

function lastOfEach(samples: readonly Sample[]): readonly Sample[] {
  return [...new Map(samples.map((sample) => [sample.session, sample])).values()];
}

async function workersOf(ledger: Ledger, fresh: readonly Sample[]): Promise<number> {
  return (await ledger.countWorkers()) ?? fresh.length;
}

/** An account has one job at a time (documented), so what is counted of jobs is the last one's. */
function countedOf(part: number, { jobs }: RunProgress, inJobs: number): number {
  return jobs.at(-1)?.part === part ? inJobs : 0;
}

/** What the sessions do together, each over its last samples: as many as it takes for the time of a usual one. */
function ratesOf(samples: readonly Sample[]): readonly RequestRate[] {
  const byCategory = new Map<string, RequestRate>();
  for (const session of Map.groupBy(samples, (sample) => sample.session).values()) {
    const latest = latestOf(session);
    const intervalMs = sumOf(latest.map((sample) => sample.intervalMs));
    if (intervalMs === 0) continue;
    for (const { category, requests, limit } of latest.flatMap(({ rates }) => rates)) {
      const before = byCategory.get(category)?.taken ?? 0;
      byCategory.set(category, { category, taken: before + (requests * 1000) / intervalMs, limit });
    }
  }
  return [...byCategory.values()];
}

/** A session notes one more when it ends, perhaps of some milliseconds: by itself it would tell of any rate. */
const USUAL_MS = 4_000;

function latestOf(samples: readonly Sample[]): readonly Sample[] {
  let tookMs = 0;
  const first = samples.findLastIndex(({ intervalMs }) => (tookMs += intervalMs) >= USUAL_MS);
  return samples.slice(Math.max(0, first));
}
