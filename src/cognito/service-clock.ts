/**
 * The service's clock, told by the Date header of its answers: it is the one that users are dated by, and this
 * machine's may be wrong by hours. The header has whole seconds, cut off, so the time told is up to a second and a
 * reply's way early, and never late.
 */
export class ServiceClock {
  #aheadMs: number | undefined;

  /** Takes the Date header of an answer that has just come; anything but a date is passed over. */
  hear(date: string | undefined): void {
    const saidMs = Date.parse(date ?? "");
    // The machine's clock may be set while a run goes on; this one only ever moves forward.
    if (!Number.isNaN(saidMs)) this.#aheadMs = saidMs - performance.now();
  }

  /** Now, in epoch milliseconds; by this machine's clock while no answer said another time. */
  now(): number {
    return this.#aheadMs === undefined ? Date.now() : Math.floor(this.#aheadMs + performance.now());
  }
}
