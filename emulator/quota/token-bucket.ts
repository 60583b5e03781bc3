/** A token bucket: it fills at a rate up to its capacity, and a request takes one token. */
export class TokenBucket {
  readonly #rps: number;
  readonly #capacity: number;
  #tokens: number;
  #filledMs: number;

  constructor(fill: { readonly rps: number; readonly capacity: number }, nowMs: number) {
    this.#rps = fill.rps;
    this.#capacity = fill.capacity;
    this.#tokens = fill.capacity;
    this.#filledMs = nowMs;
  }

  /** How many tokens there are now. */
  count(nowMs: number): number {
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((nowMs - this.#filledMs) / 1000) * this.#rps);
    this.#filledMs = nowMs;
    return this.#tokens;
  }

  /** Takes a token. The caller has seen that there is one. */
  take(): void {
    this.#tokens -= 1;
  }

  /** Whether nothing is missing, so that a new bucket would be the same. */
  isFull(nowMs: number): boolean {
    return this.count(nowMs) === this.#capacity;
  }
}
