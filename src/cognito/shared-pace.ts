import { FerryError } from "../core/ferry-error.ts";
import { orInterrupted } from "../core/or-interrupted.ts";
import type { Lease, RateCut, SharedRate } from "../core/shared-rate.ts";
import type { Clock } from "./clock.ts";
import type { Pace } from "./pace.ts";
import { Speed } from "./speed.ts";

/**
 * Turns are reserved for so long at a time, and the next ones when there are none beyond so long from now: small
 * portions, since a worker that dies takes its own with it, and whoever is new waits behind those of all others.
 */
const PORTION_MS = 100;

/** Where an answer takes longer than that, portions grow with it, up to here, so that one is always on its way. */
const LARGEST_PORTION_MS = 500;

/**
 * How late a turn may still be taken, in milliseconds; or by one place, where turns are further apart. An event loop
 * stands still for as long now and then (see pacer.ts). As no two workers have the same turns, late ones of all workers
 * together come to no more than so many milliseconds' worth at once.
 */
const LATENESS_MS = 150;

/** So many round trips are remembered; the shortest tells how far away the place is that the rate is kept in. */
const ROUND_TRIPS = 4;

/** How long it is waited for the place that the rate is kept in, and how often it is tried. */
const MOST_AWAY_MS = 60_000;
const TRY_EVERY_MS = 500;

/** A cut is not made from below this share of the rate, so that the speed stays above a fiftieth of it. */
const LEAST_SHARE = 0.024;

/** After so long nothing of a cut is left, however deep it was. */
const CUT_LASTS_MS = 3_600_000;

/** What a limiter does with what its pace has heard from other workers. */
export interface SharedPaceNews {
  /** The account has this rate. */
  readonly onAccountRate: (rps: number) => void;
  /** One of the workers was throttled, and all go more slowly. */
  readonly onSlowDown: () => void;
}

/** The rate that a pace shares, and until when. */
export interface SharedKey {
  readonly rate: SharedRate;
  readonly key: string;
  /** Aborted when no more turns are needed. */
  readonly signal: AbortSignal;
}

/** Turns that were reserved and not taken yet. */
interface Portion {
  nextMs: number;
  left: number;
  readonly everyMs: number;
  /** The last cut that was known when they were asked for, as it made their speed. */
  readonly lastCut: string | undefined;
}

/**
 * The pace of a process that shares the rate with others: it reserves turns for requests that wait, a little ahead, and
 * hands each out when it begins. A turn that comes too late for anybody is lost and not made up for, so neither a worker
 * whose event loop stood still nor one that lost its connection comes back with a rush. While the rate cannot be
 * reached, nothing goes; after a minute that is the run's trouble.
 *
 * All reckon their speed from the same last cut, as a share of what each may take: all slow down at once, and come back
 * together.
 */
export class SharedPace implements Pace {
  readonly #shared: SharedKey;
  readonly #clock: Clock;
  readonly #news: SharedPaceNews;
  readonly #portions: Portion[] = [];
  #topRps: number;
  #accountRps: number | undefined;
  #roundTripsMs: readonly number[] = [];
  /** The share of the top that is gone at. */
  #speed: Speed;
  #lastCut: string | undefined;
  /** When the first turn was taken that was reserved after that cut; what was sent before tells nothing new. */
  #heldToCutSinceMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #telling: Promise<void> | undefined;
  /** Why no turn will come any more. */
  #trouble: { readonly error: unknown } | undefined;

  constructor(topRps: number, shared: SharedKey, { clock, ...news }: SharedPaceNews & { clock: Clock }) {
    this.#topRps = topRps;
    this.#shared = shared;
    this.#clock = clock;
    this.#news = news;
    this.#speed = new Speed(1, clock.now());
  }

  /** Requests a second of all workers together, now. */
  get rps(): number {
    return this.#topRps * this.#speed.rps(this.#clock.now());
  }

  setTop(rps: number): void {
    this.#topRps = rps;
  }

  async noteAccountRate(rps: number): Promise<void> {
    const { rate, key, signal } = this.#shared;
    this.#accountRps = rps;
    await unlessAway(rate.noteAccountRate(key, rps, signal));
  }

  async heedThrottle(sentMs: number): Promise<void> {
    if (sentMs < this.#heldToCutSinceMs) return;
    this.#telling ??= this.#tell().finally(() => {
      this.#telling = undefined;
    });
    await this.#telling;
  }

  async turn(waiting: () => number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.now();
      this.#dropLate(nowMs);
      this.#reserveAhead(waiting(), nowMs);
      const portion = this.#portions[0];
      if (portion === undefined) {
        if (this.#trouble !== undefined) throw this.#trouble.error;
        await orInterrupted(this.#asking ?? Promise.resolve(), signal);
      } else if (portion.nextMs <= nowMs) {
        this.#take(portion, nowMs);
        return;
      } else {
        await this.#clock.pause(Math.ceil(portion.nextMs - nowMs), signal);
      }
    }
  }

  async settle(): Promise<void> {
    await Promise.all([this.#asking, this.#telling]);
  }

  #take(portion: Portion, nowMs: number): void {
    portion.nextMs += portion.everyMs;
    portion.left -= 1;
    if (portion.left === 0) this.#portions.shift();
    if (portion.lastCut === this.#lastCut) this.#heldToCutSinceMs = Math.min(this.#heldToCutSinceMs, nowMs);
  }

  #dropLate(nowMs: number): void {
    for (let [portion] = this.#portions; portion !== undefined; [portion] = this.#portions) {
      const lateMs = nowMs - portion.nextMs - Math.max(LATENESS_MS, portion.everyMs);
      const dropped = Math.min(portion.left, Math.max(0, Math.ceil(lateMs / portion.everyMs)));
      portion.left -= dropped;
      portion.nextMs += dropped * portion.everyMs;
      if (portion.left > 0) return;
      this.#portions.shift();
    }
  }

  /** Reserves turns for those who wait and have none yet. */
  #reserveAhead(waiting: number, nowMs: number): void {
    if (this.#asking !== undefined || this.#trouble !== undefined) return;
    const portionMs = Math.min(LARGEST_PORTION_MS, Math.max(this.#leastPortionMs(), 2 * this.#distanceMs()));
    const last = this.#portions.at(-1);
    if (last !== undefined && last.nextMs + last.left * last.everyMs - nowMs >= portionMs) return;
    const reserved = this.#portions.reduce((sum, { left }) => sum + left, 0);
    const count = Math.min(waiting - reserved, Math.ceil((this.rps * portionMs) / 1000));
    if (count <= 0) return;
    this.#asking = this.#ask(count).finally(() => {
      this.#asking = undefined;
    });
  }

  /** One turn, until it is known what the account's rate is: it may be many times the documented one. */
  #leastPortionMs(): number {
    return this.#accountRps === undefined ? Math.min(PORTION_MS, 1000 / this.rps) : PORTION_MS;
  }

  /** How long an answer takes, when nothing else holds it up, such as an event loop that stands still. */
  #distanceMs(): number {
    return this.#roundTripsMs.length === 0 ? 0 : Math.min(...this.#roundTripsMs);
  }

  async #ask(count: number): Promise<void> {
    const givenUpMs = this.#clock.now() + MOST_AWAY_MS;
    try {
      while (!(await this.#tryToReserve(count, givenUpMs)))
        await this.#clock.pause(TRY_EVERY_MS, this.#shared.signal);
    } catch (error) {
      this.#trouble = { error };
    }
  }

  /** Returns whether there was an answer; throws when there was none for too long. */
  async #tryToReserve(count: number, givenUpMs: number): Promise<boolean> {
    const { rate, key, signal } = this.#shared;
    const rps = this.rps;
    const lastCut = this.#lastCut;
    // Otherwise they would be over when the answer comes, each time again.
    const notBeforeMs = Math.max(0, (this.#distanceMs() - LATENESS_MS) / 2);
    const sentMs = this.#clock.now();
    try {
      const lease = await rate.reserve(key, { count, rps, notBeforeMs }, signal);
      const nowMs = this.#clock.now();
      this.#roundTripsMs = [...this.#roundTripsMs, nowMs - sentMs].slice(-ROUND_TRIPS);
      // It was answered at some moment in between. Where that took longer than usual, the turns may be over already.
      const nextMs = (sentMs + nowMs) / 2 + lease.inMs;
      this.#portions.push({ nextMs, left: count, everyMs: 1000 / rps, lastCut });
      this.#learn(lease, nowMs);
      return true;
    } catch (error) {
      if (isAway(error) && this.#clock.now() < givenUpMs) return false;
      throw error;
    }
  }

  #learn({ cut, accountRps }: Lease, nowMs: number): void {
    if (cut?.id !== this.#lastCut) this.#adoptCut(cut, nowMs);
    if (accountRps === undefined || accountRps === this.#accountRps) return;
    this.#accountRps = accountRps;
    this.#news.onAccountRate(accountRps);
  }

  #adoptCut(cut: RateCut | undefined, nowMs: number): void {
    this.#lastCut = cut?.id;
    this.#speed = cut === undefined ? new Speed(1, nowMs) : speedAfter(cut, nowMs);
    this.#heldToCutSinceMs = Number.POSITIVE_INFINITY;
    if (this.#speed.rps(nowMs) < 1) this.#news.onSlowDown();
  }

  async #tell(): Promise<void> {
    const { rate, key, signal } = this.#shared;
    const atShare = Math.max(LEAST_SHARE, this.#speed.rps(this.#clock.now()));
    const cut = await unlessAway(rate.slowDown(key, { atShare, lastCut: this.#lastCut }, signal));
    if (cut !== undefined) this.#adoptCut(cut, this.#clock.now());
  }
}

/** What a cut has left of the full speed, and what was regained of it since. */
function speedAfter({ atShare, agoMs }: RateCut, nowMs: number): Speed {
  const cutMs = nowMs - Math.min(agoMs, CUT_LASTS_MS);
  const speed = new Speed(atShare, cutMs);
  speed.heedThrottle(cutMs, cutMs);
  speed.setTop(1);
  // By the second, as it would have been asked: what is regained in one go counts as regained at its end.
  for (let atMs = cutMs; atMs < nowMs; atMs += 1000) speed.rps(atMs);
  return speed;
}

/** Whether the place that the rate is kept in does not answer for now. */
function isAway(error: unknown): boolean {
  return error instanceof FerryError && error.code === "LEDGER_UNREACHABLE";
}

/** What need not be told when it cannot be: nothing goes meanwhile, and whoever waits for a turn hears of the trouble. */
async function unlessAway<Result>(telling: Promise<Result>): Promise<Result | undefined> {
  try {
    return await telling;
  } catch (error) {
    if (error instanceof FerryError) return undefined;
    throw error;
  }
}
