/** What a worker asks of a shared rate: so many turns in a row, at so many a second. */
export interface Turns {
  readonly count: number;
  readonly rps: number;
  /** They begin in so many milliseconds or later, as the answer takes its time. */
  readonly notBeforeMs: number;
}

/** What a worker is given of a shared rate: so many turns, evenly spaced at the rate that it asked for. */
export interface Lease {
  /** When the first turn begins, in milliseconds from the moment of the answer: no common clock is needed. */
  readonly inMs: number;
  /** The last time that all workers were slowed down; undefined when none was yet. */
  readonly cut: RateCut | undefined;
  /** The account's own rate, in requests a second, as a worker has read it lately; undefined when none has. */
  readonly accountRps: number | undefined;
}

/** A throttle that slowed all workers down. */
export interface RateCut {
  /** Tells it from others. */
  readonly id: string;
  /** How fast requests went when one was refused: a share of what they may go at, above 0 and up to 1. */
  readonly atShare: number;
  /** How long ago that was, in milliseconds. */
  readonly agoMs: number;
}

/**
 * A rate of requests that workers in several processes and machines share, by a key for each account, Region and quota.
 * Turns are reserved ahead, one after the other, and never given twice: what a worker does not use in time is lost, and
 * whoever dies takes no more with him than that. Each turn takes up the time that it has at the rate of the worker who
 * asks, so the rates of workers may differ.
 *
 * A method makes one try, and throws LEDGER_UNREACHABLE when the place that the rate is kept in does not answer,
 * LEDGER_REFUSED when it refuses, and INTERRUPTED.
 */
export interface SharedRate {
  /** Reserves turns. A reservation whose answer is lost is lost. */
  reserve(key: string, turns: Turns, signal: AbortSignal): Promise<Lease>;
  /**
   * Tells that a request was refused as too many, when requests went at that share of their rate. Returns the cut that
   * this made for all workers; undefined when the one that the worker knows is not the last, so that another was first,
   * or the last is less than half a second old: what is refused meanwhile was refused for the same reason.
   */
  slowDown(
    key: string,
    refused: { readonly atShare: number; readonly lastCut: string | undefined },
    signal: AbortSignal,
  ): Promise<RateCut | undefined>;
  /** Tells the other workers what the account's rate is. */
  noteAccountRate(key: string, rps: number, signal: AbortSignal): Promise<void>;
}
