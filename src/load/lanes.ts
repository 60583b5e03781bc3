import type { Bell } from "./bell.ts";

/** One of several kinds of work that go on at the same time, some of which bring others their work. */
export interface Lane {
  readonly name: string;
  /** Does all that there is to do at the moment. */
  readonly work: () => Promise<void>;
  /** The names of those that may still bring it work; it ends once they have ended and it has looked once more. */
  readonly feeders: readonly string[];
  /** Whether it goes on with what it is brought after another one has failed. */
  readonly outlastsTrouble: boolean;
}

/** What lanes have in common. */
export interface Running {
  /** The operator's: everything ends at the next safe point. */
  readonly signal: AbortSignal;
  /** Aborted with the first error of any of them. */
  readonly halt: AbortController;
  /** Rung by whoever may have brought others work. */
  readonly bell: Bell;
}

/**
 * Runs lanes side by side until all have ended. When one fails, those that do not outlast trouble end at their next safe
 * point, and the error is thrown when everyone has ended.
 */
export async function runLanes(lanes: readonly Lane[], { signal, halt, bell }: Running): Promise<void> {
  const active = new Set(lanes.map(({ name }) => name));
  const run = async (lane: Lane): Promise<void> => {
    const ends = lane.outlastsTrouble ? signal : AbortSignal.any([signal, halt.signal]);
    try {
      await keepWorking(lane, { active, bell, ends });
    } catch (error) {
      // Whoever is stopped by the trouble of another one says INTERRUPTED: the first error stays.
      halt.abort(error);
    } finally {
      active.delete(lane.name);
      bell.ring();
    }
  };
  const wakeAll = (): void => bell.ring();
  signal.addEventListener("abort", wakeAll);
  await Promise.all(lanes.map(run));
  signal.removeEventListener("abort", wakeAll);
  if (halt.signal.aborted) throw halt.signal.reason;
}

async function keepWorking(
  { work, feeders }: Lane,
  {
    active,
    bell,
    ends,
  }: { readonly active: ReadonlySet<string>; readonly bell: Bell; readonly ends: AbortSignal },
): Promise<void> {
  for (;;) {
    // Asked before the work, so that nothing that is brought meanwhile is missed.
    const { rings } = bell;
    const isLast = !feeders.some((feeder) => active.has(feeder));
    await work();
    if (isLast) return;
    await bell.ringsAfter(rings, ends);
  }
}
