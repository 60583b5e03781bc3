import { randomUUID } from "node:crypto";
import type { CategoryUse } from "../cognito/limiters.ts";
import type { JobProgress, Progress, RequestRate } from "../core/progress.ts";
import type { RunProgress, Sample, SampleLedger, UnderWay } from "../ledger/ledger.ts";
import type { RunEvent, RunObserver } from "./run-event.ts";
import { RunPace } from "./run-pace.ts";

/** How often a session notes in the ledger how far the run is: a small write each. */
const SAMPLE_EVERY_MS = 5_000;

/** How often it is looked how far the run is; where that takes long, less often, so that it is a hundredth of the time. */
const LOOK_EVERY_MS = 1_000;
const SHARE_OF_TIME = 100;

/** The requests a second that are shown are those of so many looks. */
const LOOKS_OF_RATES = 10;

/** The quota that AdminCreateUser counts against, a request for each user. */
const CREATIONS = "UserCreation";

/** What a session of a run is measured by. */
export interface Measured {
  readonly ledger: SampleLedger;
  readonly cognito: { uses(): readonly CategoryUse[] };
  readonly observe: RunObserver;
}

/** The measuring of one session of a run; dispose it for the last word. */
export interface Measuring extends AsyncDisposable {
  /** Takes what the run tells, and passes it on. */
  readonly observe: RunObserver;
}

/**
 * Tells about every second how far a run is, and notes that in its ledger with the requests that were made: at once, every
 * five seconds, and in the end. What cannot be read or written is left out: whatever is wrong with the ledger, the run
 * itself meets it.
 */
export async function measureRun(measured: Measured): Promise<Measuring> {
  const meter = new Meter(measured);
  await meter.look();
  return {
    observe(event) {
      meter.hear(event);
      measured.observe(event);
    },
    [Symbol.asyncDispose]: () => meter.end(),
  };
}

class Meter {
  readonly #jobs = new JobsUnderWay();
  readonly #measured: Measured;
  readonly #session = randomUUID();
  readonly #pace = new RunPace();
  /** How many requests there had been at each of the last looks. */
  #looks: readonly Look[];
  #sampled: Look;
  #isFirst = true;
  /** How many creations there had been when the last of them was settled. */
  #creationsSettled = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(measured: Measured) {
    this.#measured = measured;
    this.#sampled = this.#now();
    this.#looks = [this.#sampled];
    this.#creationsSettled = this.#creations(this.#sampled);
  }

  hear(event: RunEvent): void {
    this.#jobs.hear(event);
    // Those who were sent before have their outcomes.
    if (event.kind === "users-made") this.#creationsSettled = this.#creations(this.#now());
  }

  /** Looks how far the run is, and again in a while. */
  async look(): Promise<void> {
    const beganMs = performance.now();
    this.#looking = this.#tell("when due").catch(() => undefined);
    await this.#looking;
    const tookMs = performance.now() - beganMs;
    const waitMs = Math.max(LOOK_EVERY_MS, tookMs * SHARE_OF_TIME);
    this.#timer = setTimeout(() => void this.look(), waitMs);
    this.#timer.unref();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#looking;
    clearTimeout(this.#timer);
    await this.#tell("at once").catch(() => undefined);
  }

  async #tell(sample: "at once" | "when due"): Promise<void> {
    const { ledger, observe } = this.#measured;
    const progress = await ledger.progress();
    const now = this.#now();
    this.#looks = [...this.#looks, now].slice(-LOOKS_OF_RATES - 1);
    this.#pace.note(now.atMs, progress, this.#underWay(now));
    observe({ kind: "progress", ...this.#progressOf(progress, now) });
    const isDue = now.atMs - this.#sampled.atMs >= SAMPLE_EVERY_MS - LOOK_EVERY_MS / 2;
    if (sample === "at once" || isDue || this.#isFirst) await this.#sample(progress.settled, now);
  }

  #progressOf(progress: RunProgress, now: Look): Progress {
    const rates = ratesBetween(this.#looks[0] ?? now, now);
    return summariseProgress(progress, {
      usersPerSecond: this.#pace.usersPerSecond,
      etaSeconds: this.#pace.etaSeconds(rates),
      rates,
      countedOf: (part) => this.#jobs.countedOf(part),
    });
  }

  async #sample(settled: number, now: Look): Promise<void> {
    const before = this.#sampled;
    this.#sampled = now;
    const intervalMs = this.#isFirst ? 0 : Math.round(now.atMs - before.atMs);
    this.#isFirst = false;
    await this.#measured.ledger.addSample({
      session: this.#session,
      at: Date.now(),
      intervalMs,
      settled,
      underWay: this.#underWay(now),
      rates: requestsBetween(before, now),
    });
  }

  #underWay(now: Look): UnderWay {
    return { inJobs: this.#jobs.users, sent: this.#creations(now) - this.#creationsSettled };
  }

  #creations({ uses }: Look): number {
    return uses.find(({ category }) => category === CREATIONS)?.taken ?? 0;
  }

  #now(): Look {
    return { atMs: performance.now(), uses: this.#measured.cognito.uses() };
  }
}

/** How many requests had been made at a moment. */
interface Look {
  readonly atMs: number;
  readonly uses: readonly CategoryUse[];
}

function requestsBetween({ uses: before }: Look, { uses }: Look): Sample["rates"] {
  const takenBefore = new Map(before.map(({ category, taken }) => [category, taken]));
  return uses.map(({ category, taken, limitRps }) => ({
    category,
    requests: taken - (takenBefore.get(category) ?? 0),
    limit: limitRps,
  }));
}

function ratesBetween(before: Look, now: Look): readonly RequestRate[] {
  const seconds = (now.atMs - before.atMs) / 1000;
  return requestsBetween(before, now).map(({ category, requests, limit }) => ({
    category,
    taken: seconds === 0 ? 0 : requests / seconds,
    limit,
  }));
}

/** What a ledger does not say by itself of how a run goes. */
interface Pacing extends Pick<Progress, "usersPerSecond" | "etaSeconds" | "rates"> {
  /** Of how many users of a part its job has told. */
  readonly countedOf: (part: number) => number;
}

/** How far a run is and how it goes. */
export function summariseProgress(
  { settled, users, failed, skipped, rejected, left, followUps, jobs }: RunProgress,
  { countedOf, ...pace }: Pacing,
): Progress {
  const isLoading = left.importJobs + left.adminCreate + left.signUp > 0;
  const isDoing = followUps.done + followUps.failed < followUps.wanted;
  return {
    phase: isLoading ? "loading" : isDoing ? "follow-ups" : "ending",
    settled,
    total: users,
    failed,
    skipped,
    rejected,
    ...pace,
    jobs: jobs.map(({ part, rows, state, status }): JobProgress => ({
      part,
      rows,
      status: status ?? state,
      counted: Math.min(rows, countedOf(part)),
    })),
    followUps,
  };
}

/** Counts the users of import jobs of whom Cognito has said what came, and who have no outcome yet. */
class JobsUnderWay {
  readonly #usersByPart = new Map<number, number>();

  get users(): number {
    return [...this.#usersByPart.values()].reduce((sum, users) => sum + users, 0);
  }

  countedOf(part: number): number {
    return this.#usersByPart.get(part) ?? 0;
  }

  hear(event: RunEvent): void {
    if (event.kind === "job-progress")
      this.#usersByPart.set(event.part, event.imported + event.skipped + event.failed);
    if (event.kind === "part-settled" || event.kind === "part-split") this.#usersByPart.delete(event.part);
  }
}
