import PQueue from "p-queue";
import { throwIfInterrupted } from "../core/ferry-error.ts";
import type { Clock } from "./clock.ts";
import { OwnPace, type Pace } from "./pace.ts";
import { SharedPace, type SharedKey, type SharedPaceNews } from "./shared-pace.ts";

/**
 * What is taken of a rate at the most, whatever the share: requests do not arrive as evenly as they are sent, and a
 * hundredth makes up for that.
 */
const MOST_OF_RATE = 0.99;

/** Seconds' worth of requests that may be under way: a reply may take a second before it slows others down. */
const UNDER_WAY_SECONDS = 1.25;
const LEAST_UNDER_WAY = 16;
/** A socket each. */
const MOST_UNDER_WAY = 400;

/** How one request takes its turn. */
export interface Turn {
  /** Takes it out of the queue; once begun it is not touched. */
  readonly signal: AbortSignal;
  /** Higher ones go first; 0 for a first try. */
  readonly priority: number;
}

/** What a limiter is made with. */
export interface LimiterOptions extends Partial<SharedPaceNews> {
  /** Requests a second, and the share of them that is taken. */
  readonly rps: number;
  readonly share: number;
  /** Where the rate is shared with other workers; without it the limiter has the rate for itself. */
  readonly shared?: SharedKey | undefined;
}

/**
 * Holds requests to a share of a rate: evenly spaced, as many under way as it takes to keep the rate with slow replies,
 * slower after a throttle.
 */
export class Limiter {
  readonly #share: number;
  readonly #pace: Pace;
  // Turns are given one by one, as late as may be: whoever has priority waits for no other, and a cut counts at once.
  readonly #turns = new PQueue({ concurrency: 1 });
  readonly #underWay: PQueue;
  #taken = 0;

  constructor(options: LimiterOptions, clock: Clock) {
    const { rps, shared, onSlowDown = () => undefined, onAccountRate = () => undefined } = options;
    this.#share = Math.min(options.share, MOST_OF_RATE);
    const topRps = rps * this.#share;
    this.#pace =
      shared === undefined
        ? new OwnPace(topRps, clock, onSlowDown)
        : new SharedPace(topRps, shared, { onSlowDown, onAccountRate, clock });
    this.#underWay = new PQueue({ concurrency: inFlightAt(this.rps) });
  }

  /** Requests a second, now; of all workers together where the rate is shared. */
  get rps(): number {
    return this.#pace.rps;
  }

  /** How many requests have had their turn. */
  get taken(): number {
    return this.#taken;
  }

  /** Requests that may be under way at the same time. */
  get inFlight(): number {
    return this.#underWay.concurrency;
  }

  /** Takes another rate for the one it was made with. */
  setRate(rps: number): void {
    this.#pace.setTop(rps * this.#share);
    this.#underWay.concurrency = inFlightAt(rps * this.#share);
  }

  /** Tells the other workers what the account's rate is; where it is not shared, there are none. */
  async noteAccountRate(rps: number): Promise<void> {
    await this.#pace.noteAccountRate(rps);
  }

  /** Heeds that a request was refused as too many that was sent at that moment. */
  async heedThrottle(sentMs: number): Promise<void> {
    await this.#pace.heedThrottle(sentMs);
  }

  /** Resolves once no turn is being reserved any more. */
  async settle(): Promise<void> {
    await this.#pace.settle();
  }

  /**
   * Does the work when its turn has come; throws what it throws, or before it was begun INTERRUPTED, and LEDGER_UNREACHABLE
   * or LEDGER_REFUSED where there is no turn to be had of a shared rate.
   */
  async run<Result>(work: () => Promise<Result>, { signal, priority }: Turn): Promise<Result> {
    try {
      await this.#turns.add(() => this.#awaitTurn(signal), { signal, priority });
    } catch (error) {
      throwIfInterrupted(signal);
      throw error;
    }
    return this.#underWay.add(work);
  }

  async #awaitTurn(signal: AbortSignal): Promise<void> {
    // Nobody waits for room in there, so the next one finds some when its moment comes.
    await this.#underWay.onSizeLessThan(1);
    await this.#pace.turn(() => this.#turns.size + 1, signal);
    this.#taken += 1;
  }
}

function inFlightAt(rps: number): number {
  return Math.min(MOST_UNDER_WAY, Math.max(LEAST_UNDER_WAY, Math.ceil(rps * UNDER_WAY_SECONDS)));
}
