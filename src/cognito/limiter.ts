import PQueue from "p-queue";
import { throwIfInterrupted } from "../core/ferry-error.ts";
import type { Clock } from "./clock.ts";
import { Pacer } from "./pacer.ts";
import { Speed } from "./speed.ts";

/**
 * What is taken of a rate at the most, whatever the share: requests do not arrive as evenly as they are sent, and a
 * hundredth makes up for that.
 */
const MOST_OF_RATE = 0.99;

/** Seconds' worth of requests that may be under way: a reply may take a second before it slows others down. */
const UNDER_WAY_SECONDS = 1.25;
const LEAST_UNDER_WAY = 16;
/** A socket each. */
const MOST_UNDER_WAY = 1_000;

/** How one request takes its turn. */
export interface Turn {
  /** Takes it out of the queue; once begun it is not touched. */
  readonly signal: AbortSignal;
  /** Higher ones go first; 0 for a first try. */
  readonly priority: number;
}

/**
 * Holds requests to a share of a rate: evenly spaced, as many under way as it takes to keep the rate with slow replies,
 * slower after a throttle.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #pacer: Pacer;
  readonly #speed: Speed;
  // Turns are given one by one, as late as may be: whoever has priority waits for no other, and a cut counts at once.
  readonly #turns = new PQueue({ concurrency: 1 });
  readonly #underWay: PQueue;

  constructor({ rps, share }: { readonly rps: number; readonly share: number }, clock: Clock) {
    this.#clock = clock;
    this.#share = Math.min(share, MOST_OF_RATE);
    this.#pacer = new Pacer(clock.now());
    this.#speed = new Speed(rps * this.#share, clock.now());
    this.#underWay = new PQueue({ concurrency: inFlightAt(this.rps) });
  }

  /** Requests a second, now. */
  get rps(): number {
    return this.#speed.rps(this.#clock.now());
  }

  /** Requests that may be under way at the same time. */
  get inFlight(): number {
    return this.#underWay.concurrency;
  }

  /** Takes another rate for the one it was made with. */
  setRate(rps: number): void {
    this.#speed.setTop(rps * this.#share);
    this.#underWay.concurrency = inFlightAt(rps * this.#share);
  }

  /** Heeds that a request was refused as too many that was sent at that moment. Returns whether this slowed it down. */
  heedThrottle(sentMs: number): boolean {
    return this.#speed.heedThrottle(sentMs, this.#clock.now());
  }

  /** Does the work when its turn has come; throws what it throws, or INTERRUPTED before it was begun. */
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
    for (;;) {
      const nowMs = this.#clock.now();
      const waitMs = this.#pacer.waitMs(nowMs);
      if (waitMs === 0) {
        this.#pacer.take(nowMs, this.#speed.rps(nowMs));
        return;
      }
      // Timers count whole milliseconds; what this makes it late is made up for.
      await this.#clock.pause(Math.ceil(waitMs), signal);
    }
  }
}

function inFlightAt(rps: number): number {
  return Math.min(MOST_UNDER_WAY, Math.max(LEAST_UNDER_WAY, Math.ceil(rps * UNDER_WAY_SECONDS)));
}
