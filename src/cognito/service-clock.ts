/** How far the clocks of Cognito's parts may be apart, in milliseconds (our guess: they are kept by NTP). */
export const CLOCK_TOLERANCE_MS = 1_000;

/** How long an answer counts: so far two machines' clocks do not drift apart by more than a few milliseconds. */
const COUNTS_MS = 60_000;

/**
 * The service's clock, told by the Date header of its answers: it is the one that users are dated by, and this
 * machine's may be wrong by hours. The header has whole seconds, cut off, and is as old as its answer's way, so the time
 * told is early by as much and never late; of the answers of the last minutes the one that is least so counts.
 */
export class ServiceClock {
  // How far the service's clock is ahead of this process's, at the least, by the answers of this minute and of the last.
  #aheadMs = Number.NEGATIVE_INFINITY;
  #aheadBeforeMs = Number.NEGATIVE_INFINITY;
  #sinceMs = 0;

  /** Takes the Date header of an answer that has just come; anything but a date is passed over. */
  hear(date: string | undefined): void {
    const saidMs = Date.parse(date ?? "");
    if (Number.isNaN(saidMs)) return;
    // The machine's clock may be set while a run goes on; this one only ever moves forward.
    const nowMs = performance.now();
    if (nowMs - this.#sinceMs > COUNTS_MS) {
      this.#aheadBeforeMs = this.#aheadMs;
      this.#aheadMs = Number.NEGATIVE_INFINITY;
      this.#sinceMs = nowMs;
    }
    this.#aheadMs = Math.max(this.#aheadMs, saidMs - nowMs);
  }

  /** By how much it is ahead of this machine's clock, in milliseconds; undefined while no answer said the time. */
  get aheadMs(): number | undefined {
    const isKnown = Number.isFinite(Math.max(this.#aheadMs, this.#aheadBeforeMs));
    return isKnown ? this.now() - Date.now() : undefined;
  }

  /** Now, in epoch milliseconds; by this machine's clock while no answer said another time. */
  now(): number {
    const aheadMs = Math.max(this.#aheadMs, this.#aheadBeforeMs);
    return Number.isFinite(aheadMs) ? Math.floor(aheadMs + performance.now()) : Date.now();
  }
}
