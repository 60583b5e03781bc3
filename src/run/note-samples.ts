import { randomUUID } from "node:crypto";
import type { CategoryUse } from "../cognito/limiters.ts";
import type { Sample, SampleLedger } from "../ledger/ledger.ts";
import type { RunEvent } from "./run-event.ts";

/** How often a session notes how far the run is: a small write each. */
const SAMPLE_EVERY_MS = 5_000;

/** What the samples of a session are taken of. */
export interface Sampled {
  readonly ledger: SampleLedger;
  readonly cognito: { uses(): readonly CategoryUse[] };
}

/** The samples of one session of a run; dispose it for the last one. */
export interface Sampling extends AsyncDisposable {
  /** Takes what the run tells of its import jobs. */
  readonly hear: (event: RunEvent) => void;
}

/**
 * Notes how far a run is, and how many requests it makes: at once, every five seconds, and in the end. A sample that cannot
 * be written is left out: whatever is wrong with the ledger, the run itself meets it.
 */
export async function noteSamples({ ledger, cognito }: Sampled): Promise<Sampling> {
  const jobs = new JobsUnderWay();
  const session = randomUUID();
  let last = { atMs: performance.now(), uses: cognito.uses() };
  const take = async (): Promise<void> => {
    const before = last;
    last = { atMs: performance.now(), uses: cognito.uses() };
    const rates = ratesBetween(before.uses, last.uses);
    const intervalMs = Math.round(last.atMs - before.atMs);
    const { settled } = await ledger.progress();
    await ledger.addSample({ session, at: Date.now(), intervalMs, settled, underWay: jobs.users, rates });
  };
  let taking = take().catch(() => undefined);
  await taking;
  const timer = setInterval(() => {
    taking = taking.then(take).catch(() => undefined);
  }, SAMPLE_EVERY_MS);
  timer.unref();
  return {
    hear: (event) => jobs.hear(event),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await taking.then(take).catch(() => undefined);
    },
  };
}

function ratesBetween(before: readonly CategoryUse[], now: readonly CategoryUse[]): Sample["rates"] {
  const takenBefore = new Map(before.map(({ category, taken }) => [category, taken]));
  return now.map(({ category, taken, limitRps }) => ({
    category,
    requests: taken - (takenBefore.get(category) ?? 0),
    limit: limitRps,
  }));
}

/** Counts the users of import jobs whose fate Cognito has counted and not told yet. */
class JobsUnderWay {
  readonly #usersByPart = new Map<number, number>();

  get users(): number {
    return [...this.#usersByPart.values()].reduce((sum, users) => sum + users, 0);
  }

  hear(event: RunEvent): void {
    if (event.kind === "job-progress")
      this.#usersByPart.set(event.part, event.imported + event.skipped + event.failed);
    if (event.kind === "part-settled" || event.kind === "part-split") this.#usersByPart.delete(event.part);
  }
}
