/** What is forgotten is older than this; a rate is that of the time since then. */
const WINDOW_MS = 60_000;

/** From less than so much time no rate is told. */
const LEAST_MS = 3_000;

/** So many numbers are remembered at the most, whatever is noted. */
const MOST = 120;

/** How fast a number that is noted now and then grows, over the last minute unless told otherwise. */
export class RecentRate {
  readonly #windowMs: number;
  #noted: { readonly atMs: number; readonly value: number }[] = [];

  constructor(windowMs = WINDOW_MS) {
    this.#windowMs = windowMs;
  }

  /** Notes what the number is now; times come in their order. */
  note(atMs: number, value: number): void {
    // The last one moves on until it is far enough from the one before it, so that they are never too many.
    const [before, last] = this.#noted.slice(-2);
    if (before !== undefined && last !== undefined && last.atMs - before.atMs < this.#windowMs / MOST)
      this.#noted.pop();
    this.#noted.push({ atMs, value });
    const since = atMs - this.#windowMs;
    // One older stays, so that the rate is that of the whole window.
    while (this.#noted.length > 2 && (this.#noted[1]?.atMs ?? 0) <= since) this.#noted.shift();
  }

  /** How much it grew in a second; undefined until some seconds are known. Never below 0. */
  get perSecond(): number | undefined {
    const [first] = this.#noted;
    const last = this.#noted.at(-1);
    if (first === undefined || last === undefined || last.atMs - first.atMs < LEAST_MS) return undefined;
    return Math.max(0, ((last.value - first.value) * 1000) / (last.atMs - first.atMs));
  }
}
