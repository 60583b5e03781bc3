/** The emulator's time: the computer's, or a test's, moved on or made to stand still. */
export class Clock {
  readonly #source: () => number;
  #aheadMs = 0;
  #standsAtMs: number | undefined;

  constructor(source: () => number) {
    this.#source = source;
  }

  /** The time in epoch milliseconds. */
  now(): number {
    return this.#standsAtMs ?? this.#source() + this.#aheadMs;
  }

  /** Whether the time stands still. */
  get isStanding(): boolean {
    return this.#standsAtMs !== undefined;
  }

  /** Sets the time and makes it stand still there. */
  stopAt(epochMs: number): void {
    checkTime(epochMs);
    this.#standsAtMs = epochMs;
  }

  /** Moves the time on (or back, below zero), standing or not. */
  advance(ms: number): void {
    checkTime(this.now() + ms);
    if (this.#standsAtMs === undefined) this.#aheadMs += ms;
    else this.#standsAtMs += ms;
  }

  /** Goes on with the time that it began with. */
  reset(): void {
    this.#aheadMs = 0;
    this.#standsAtMs = undefined;
  }

  /** Lets the time go on from where it stands. */
  run(): void {
    if (this.#standsAtMs === undefined) return;
    this.#aheadMs = this.#standsAtMs - this.#source();
    this.#standsAtMs = undefined;
  }
}

/** The end of the year 9999: what comes after it, no date in a request or an answer can be written for. */
const LATEST_MS = Date.UTC(10_000, 0) - 1;

function checkTime(epochMs: number): void {
  if (epochMs >= 0 && epochMs <= LATEST_MS) return;
  throw new RangeError(`${epochMs} is no time from 1970 to 9999 in milliseconds`);
}
