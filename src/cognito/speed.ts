/** What a throttle leaves of the speed. */
const AFTER_CUT = 0.85;

/** The speed is cut once in so many milliseconds at the most: what is refused meanwhile was refused for the same reason. */
const CUT_EVERY_MS = 500;

/** The share of the top below which the speed does not fall: a request now and then must tell when it gets better. */
const LEAST_SHARE = 0.02;

/** Back to this share of the speed that was too much, by so much of it a second. */
const NEAR_CEILING = 0.97;
const REGAINED_A_SECOND = 0.02;

/** Further up it is tried out: after each quiet time of this length by a step, each twice the one before. */
const PROBE_EVERY_MS = 20_000;
const FIRST_STEP = 0.01;
const LARGEST_STEP = 0.16;

/**
 * How fast requests of one kind may go: at the top until the service refuses one as too many, which others who use up
 * the same quota can bring about. Then slower, soon back to a little below what was too much, and from there carefully
 * up again. Reckons in milliseconds of whatever clock its caller has.
 */
export class Speed {
  #topRps: number;
  #rps: number;
  /** The speed at which a request was last refused; undefined at the top. */
  #ceilingRps: number | undefined;
  #cutMs = Number.NEGATIVE_INFINITY;
  #grownMs: number;
  #quietSinceMs: number;
  #step = FIRST_STEP;

  constructor(topRps: number, nowMs: number) {
    this.#topRps = topRps;
    this.#rps = topRps;
    this.#grownMs = nowMs;
    this.#quietSinceMs = nowMs;
  }

  /** Requests a second, now. */
  rps(nowMs: number): number {
    this.#grow(nowMs);
    return this.#rps;
  }

  /** Sets another top; what a throttle has taught is kept. */
  setTop(topRps: number): void {
    this.#rps = this.#ceilingRps === undefined ? topRps : Math.min(this.#rps, topRps);
    this.#topRps = topRps;
  }

  /** Heeds that a request was refused that was sent at that moment. Returns whether the speed was cut. */
  heedThrottle(sentMs: number, nowMs: number): boolean {
    if (sentMs < this.#cutMs || nowMs - this.#cutMs < CUT_EVERY_MS) return false;
    this.#grow(nowMs);
    this.#ceilingRps = this.#rps;
    this.#rps = Math.max(this.#rps * AFTER_CUT, this.#topRps * LEAST_SHARE);
    this.#cutMs = nowMs;
    this.#quietSinceMs = nowMs;
    this.#step = FIRST_STEP;
    return true;
  }

  #grow(nowMs: number): void {
    const seconds = (nowMs - this.#grownMs) / 1000;
    this.#grownMs = nowMs;
    if (this.#ceilingRps === undefined) return;
    const near = this.#ceilingRps * NEAR_CEILING;
    if (this.#rps < near) {
      this.#rps = Math.min(near, this.#rps + this.#ceilingRps * REGAINED_A_SECOND * seconds);
      this.#quietSinceMs = nowMs;
    }
    while (nowMs - this.#quietSinceMs >= PROBE_EVERY_MS && this.#rps < this.#topRps) {
      this.#rps *= 1 + this.#step;
      this.#step = Math.min(2 * this.#step, LARGEST_STEP);
      this.#quietSinceMs += PROBE_EVERY_MS;
    }
    if (this.#rps < this.#topRps) return;
    this.#rps = this.#topRps;
    this.#ceilingRps = undefined;
  }
}
