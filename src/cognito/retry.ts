import { FerryError, interrupted } from "../core/ferry-error.ts";
import { CLOCK, type Clock } from "./clock.ts";
import { classOf } from "./error-class.ts";
import type { RetryBudget } from "./retry-budget.ts";

export { pause } from "./clock.ts";

/** How a call is repeated. */
export interface RetryOptions {
  /**
   * `safe`: the call may be repeated whatever happened. `once`: only after a throttle, since it may have had its
   * effect; the caller looks before it acts again.
   */
  readonly repeat: "safe" | "once";
  /** Interrupts: no further try is made. */
  readonly signal: AbortSignal;
  /**
   * What the signal does to a try that is under way: `abort` (when undefined) takes it for cut off, whatever comes of
   * it; `finish` waits for its answer, which counts.
   */
  readonly whenInterrupted?: "abort" | "finish" | undefined;
  /** Pays for repeats after a lost reply, for many calls together; without one they cost nothing. */
  readonly budget?: RetryBudget | undefined;
  /** Tells of a retry, for the log. */
  readonly onRetry?: ((attempt: number, error: unknown, waitMs: number) => void) | undefined;
  readonly clock?: Clock | undefined;
}

/** Tries with a lost reply, after which a call is given up. */
const MAX_LOST_REPLIES = 8;

/**
 * Tries that are throttled, after which a call is given up: a minute at the least, since the limiter takes some seconds
 * to find its speed, and others who use up the quota may be done by then.
 */
const MAX_THROTTLES = 16;

const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 10_000;

/**
 * Calls until it succeeds, fails for good, or was tried too often, with growing waits of which half are left to chance.
 * The call gets the number of the try, from 1. This is the only retry there is: the SDK's own is off. Throws the last
 * error, or INTERRUPTED.
 */
export async function withRetry<T>(
  call: (attempt: number) => Promise<T>,
  { repeat, signal, whenInterrupted = "abort", budget, onRetry, clock = CLOCK }: RetryOptions,
): Promise<T> {
  const left = { none: MAX_THROTTLES, unknown: MAX_LOST_REPLIES };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await call(attempt);
      budget?.earn();
      return answer;
    } catch (error) {
      if (signal.aborted && whenInterrupted === "abort") throw interrupted();
      // The trouble of what is asked before a request is sent, whatever has caused it there.
      if (error instanceof FerryError) throw error;
      const known = classOf(error);
      if (known.means !== "retry" || (known.effect === "unknown" && repeat === "once")) throw error;
      if (signal.aborted) throw interrupted();
      left[known.effect] -= 1;
      if (left[known.effect] === 0) throw error;
      if (known.effect === "unknown" && budget?.spend() === false) throw error;
      const waitMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + 0.5 * Math.random());
      onRetry?.(attempt, error, waitMs);
      await clock.pause(waitMs, signal);
    }
  }
}
