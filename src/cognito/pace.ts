import type { Clock } from "./clock.ts";
import { Pacer } from "./pacer.ts";
import { Speed } from "./speed.ts";

/** Says when the next request may go. */
export interface Pace {
  /** Requests a second, now. */
  readonly rps: number;
  /** Takes another rate for the one it was made with. */
  setTop(rps: number): void;
  /** Tells others who share the rate what the account's is. */
  noteAccountRate(rps: number): Promise<void>;
  /** Heeds that a request was refused as too many that was sent at that moment. */
  heedThrottle(sentMs: number): Promise<void>;
  /**
   * Resolves when the next request may go, and counts it; asked for one at a time. So many wait for their turn, this one
   * among them. Throws INTERRUPTED.
   */
  turn(waiting: () => number, signal: AbortSignal): Promise<void>;
  /** Resolves once nothing is being asked for ahead any more. */
  settle(): Promise<void>;
}

/** The pace of a process that has the rate for itself. */
export class OwnPace implements Pace {
  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #speed: Speed;
  readonly #onSlowDown: () => void;

  constructor(topRps: number, clock: Clock, onSlowDown: () => void) {
    this.#clock = clock;
    this.#pacer = new Pacer(clock.now());
    this.#speed = new Speed(topRps, clock.now());
    this.#onSlowDown = onSlowDown;
  }

  get rps(): number {
    return this.#speed.rps(this.#clock.now());
  }

  setTop(rps: number): void {
    this.#speed.setTop(rps);
  }

  async noteAccountRate(): Promise<void> {}

  async heedThrottle(sentMs: number): Promise<void> {
    if (this.#speed.heedThrottle(sentMs, this.#clock.now())) this.#onSlowDown();
  }

  async turn(_waiting: () => number, signal: AbortSignal): Promise<void> {
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

  async settle(): Promise<void> {}
}
