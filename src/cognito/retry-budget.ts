/** Repeats that may come at once, as when the network is gone for some seconds with hundreds of requests under way. */
const AT_ONCE = 2_000;

/** What an answered call adds: in the long run one call in ten may be repeated. */
const EARNED = 0.1;

/**
 * What all calls together may spend on repeats after lost replies, so that a service that fails all the time is not
 * pressed on with for hours: then the run stops, and can be resumed.
 */
export class RetryBudget {
  #left = AT_ONCE;

  /** Pays for one repeat. Returns whether there was enough. */
  spend(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Takes note of a call that was answered. */
  earn(): void {
    this.#left = Math.min(AT_ONCE, this.#left + EARNED);
  }
}
