import { setTimeout as sleep } from "node:timers/promises";
import { interrupted } from "../core/ferry-error.ts";

/** Time as whoever waits sees it; an argument where it matters, so that a test can hold it in its hand. */
export interface Clock {
  /** Milliseconds since some moment; never goes back, whatever is done to the machine's clock. */
  now(): number;
  /** Waits; throws INTERRUPTED when the signal is aborted meanwhile. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const CLOCK: Clock = { now: () => performance.now(), pause };

/** Waits; throws INTERRUPTED when the signal is aborted meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw error;
  }
}
