/**
 * How late a start may be and still be made up for, in milliseconds, so that a busy event loop costs nothing: it stands
 * still for as long now and then while a part is written (measured on two busy cores). That much of a second's worth is
 * also what may come at once after a rest; at the default share, no second holds more than its rate for all that.
 */
const LATENESS_MS = 150;

/**
 * Gives requests their moments, evenly spaced: the generic cell rate algorithm, which is a leaky bucket without a timer.
 * It begins without anything saved up. Reckons in milliseconds of whatever clock its caller has.
 */
export class Pacer {
  /** When the next request would come if all came evenly, and a full allowance of lateness were left. */
  #dueMs: number;

  constructor(nowMs: number) {
    this.#dueMs = nowMs + LATENESS_MS;
  }

  /** How long the next request has to wait; 0 when it may go. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#dueMs - LATENESS_MS - nowMs);
  }

  /** Takes the place of the next request, at so many a second. */
  take(nowMs: number, rps: number): void {
    this.#dueMs = Math.max(this.#dueMs, nowMs) + 1000 / rps;
  }
}
