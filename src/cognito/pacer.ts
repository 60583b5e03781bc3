/**
 * How late a start may be and still be made up for, in milliseconds, so that a busy event loop costs nothing: it stands
 * still for as long now and then while a part is written (measured on two busy cores).
 */
const LATENESS_MS = 150;

/**
 * How it is made up for: so many milliseconds' worth at once, which is also what comes at once after a rest, and from
 * then on by a little more than the rate. Whoever counts by the second sees no rush.
 */
const AT_ONCE_MS = 50;
const HASTE = 1.05;

/**
 * Gives requests their moments, evenly spaced: the generic cell rate algorithm, which is a leaky bucket without a timer,
 * once for the rate and once for the haste. It begins without anything saved up. Reckons in milliseconds of whatever
 * clock its caller has.
 */
export class Pacer {
  // When the next request would come if all came evenly, and a full allowance were left.
  #dueMs: number;
  #dueInHasteMs: number;

  constructor(nowMs: number) {
    this.#dueMs = nowMs + LATENESS_MS;
    this.#dueInHasteMs = nowMs + AT_ONCE_MS;
  }

  /** How long the next request has to wait; 0 when it may go. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#dueMs - LATENESS_MS - nowMs, this.#dueInHasteMs - AT_ONCE_MS - nowMs);
  }

  /** Takes the place of the next request, at so many a second. */
  take(nowMs: number, rps: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs) + 1000 / rps;
    this.#dueInHasteMs = Math.max(this.#dueInHasteMs, nowMs) + 1000 / (rps * HASTE);
  }
}
