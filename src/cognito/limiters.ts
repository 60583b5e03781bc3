import { FerryError } from "../core/ferry-error.ts";
import type { SharedRate } from "../core/shared-rate.ts";
import { CLOCK, type Clock } from "./clock.ts";
import { Limiter, type Turn } from "./limiter.ts";
import type { SharedKey } from "./shared-pace.ts";
import { CATEGORY_RPS, quotasOf, type Operation, type Quota } from "./quota.ts";
import type { WireObserver } from "./wire-event.ts";

/** Says what the account's rate in a category is; throws when it cannot be read, and INTERRUPTED when nobody needs it. */
export type ReadRate = (category: string, signal: AbortSignal) => Promise<number>;

/** Whose quotas are shared with the workers of other processes, and by what. */
export interface SharedQuotas {
  readonly rate: SharedRate;
  /** The id of the AWS account, or what else tells a service's quotas from those of another. */
  readonly account: string;
  readonly region: string;
  /** The pool whose own resources have rates of their own. */
  readonly userPoolId: string;
}

/** How the requests of a category went. */
export interface CategoryUse {
  readonly category: string;
  /** How many requests have had their turn. */
  readonly taken: number;
  /** Requests a second that may go now; of all workers together where the rate is shared. */
  readonly limitRps: number;
}

/** What limiters are made with. */
export interface LimitersOptions {
  /** The share of every quota that is taken, above 0 and up to 1. */
  readonly share: number;
  readonly readRate: ReadRate;
  readonly observe: WireObserver;
  readonly clock?: Clock | undefined;
  /** Without it the quotas are this process's own. */
  readonly shared?: SharedQuotas | undefined;
  /** Aborted when no request will come any more, so that nothing is asked for ahead. */
  readonly signal?: AbortSignal | undefined;
}

const NEVER = new AbortController().signal;

/** How long first requests wait, in milliseconds, to learn the account's rate; then they go at the documented one. */
const RATE_AWAITED_MS = 1_000;

/**
 * One limiter for each quota, made when a request first counts against it. Where the account may have changed the rate, it is
 * asked for it, and first requests wait a moment for the answer, unless the rate is shared: an account with less would refuse
 * some of them. A later answer takes the documented rate's place when it comes.
 */
export class Limiters {
  readonly #options: LimitersOptions;
  readonly #clock: Clock;
  readonly #limiters = new Map<string, Limiter>();
  readonly #readings: Promise<void>[] = [];
  /** Those whose first requests wait to learn the rate. */
  readonly #awaited = new Map<string, Promise<void>>();

  /** Throws USAGE for a share that is none. */
  constructor(options: LimitersOptions) {
    if (!(options.share > 0 && options.share <= 1)) {
      throw new FerryError("USAGE", `A share of the request quotas cannot be ${options.share}`, {
        hint: "Give a number above 0 and up to 1, such as 0.5",
      });
    }
    this.#options = options;
    this.#clock = options.clock ?? CLOCK;
  }

  /** The categories that requests have counted against so far; what one operation of a pool is held to is none. */
  uses(): readonly CategoryUse[] {
    return [...this.#limiters]
      .filter(([name]) => name in CATEGORY_RPS)
      .map(([category, { taken, rps }]) => ({ category, taken, limitRps: rps }));
  }

  /** Requests of an operation that may usefully be under way at the same time. */
  inFlight(operation: Operation): number {
    return Math.min(...quotasOf(operation).map((quota) => this.#limiter(quota).inFlight));
  }

  /**
   * Sends a request in its turn of every quota that it counts against. An error that the given test takes for a refusal
   * as too many slows the next ones down.
   */
  async run<Result>(
    operation: Operation,
    send: () => Promise<Result>,
    { isThrottle, ...turn }: Turn & { readonly isThrottle: (error: unknown) => boolean },
  ): Promise<Result> {
    const quotas = quotasOf(operation);
    const limiters = quotas.map((quota) => this.#limiter(quota));
    for (const { name } of quotas) await this.#awaited.get(name);
    let sentMs = 0;
    const sendNow = (): Promise<Result> => {
      sentMs = this.#clock.now();
      return send();
    };
    const inTurn = limiters.reduceRight<() => Promise<Result>>(
      (next, limiter) => () => limiter.run(next, turn),
      sendNow,
    );
    try {
      return await inTurn();
    } catch (error) {
      if (isThrottle(error)) await Promise.all(limiters.map((limiter) => limiter.heedThrottle(sentMs)));
      throw error;
    }
  }

  /** Resolves once no rate is being asked for any more, and no turn of a shared one. */
  async settle(): Promise<void> {
    await Promise.all(this.#readings);
    await Promise.all([...this.#limiters.values()].map((limiter) => limiter.settle()));
  }

  #limiter(quota: Quota): Limiter {
    const known = this.#limiters.get(quota.name);
    if (known !== undefined) return known;
    const { share, shared, observe, signal = NEVER } = this.#options;
    const isKnown = new AbortController();
    const limiter: Limiter = new Limiter(
      {
        rps: quota.rps,
        share,
        shared: this.#sharedKey(quota),
        onSlowDown: () => observe({ kind: "slowed-down", quota: quota.name, rps: limiter.rps }),
        onAccountRate: (rps) => {
          // Another worker has read it, so this one need not.
          isKnown.abort();
          limiter.setRate(rps);
          observe({ kind: "quota-read", category: quota.name, rps });
        },
      },
      this.#clock,
    );
    this.#limiters.set(quota.name, limiter);
    if (quota.isAskedFor) {
      const needed = AbortSignal.any([signal, isKnown.signal]);
      const reading = this.#adoptRate(quota, limiter, needed);
      this.#readings.push(reading);
      // Workers learn it from each other with their turns, and whoever waited would leave its share to the others.
      if (shared === undefined) this.#awaited.set(quota.name, this.#awaitRate(quota, reading, needed));
    }
    return limiter;
  }

  async #awaitRate({ name }: Quota, reading: Promise<void>, signal: AbortSignal): Promise<void> {
    const isOver = new AbortController();
    const patience = this.#clock
      .pause(RATE_AWAITED_MS, AbortSignal.any([signal, isOver.signal]))
      .catch(() => undefined);
    await Promise.race([reading, patience]);
    isOver.abort();
    this.#awaited.delete(name);
  }

  #sharedKey({ name, isOfPool }: Quota): SharedKey | undefined {
    const { shared, signal = NEVER } = this.#options;
    if (shared === undefined) return undefined;
    const { rate, account, region, userPoolId } = shared;
    const names = [account, region, name, ...(isOfPool ? [userPoolId] : [])];
    return { rate, key: names.join("/"), signal };
  }

  async #adoptRate(
    { name: category, rps: documentedRps }: Quota,
    limiter: Limiter,
    signal: AbortSignal,
  ): Promise<void> {
    const { readRate, observe } = this.#options;
    try {
      const rps = await readRate(category, signal);
      limiter.setRate(rps);
      observe({ kind: "quota-read", category, rps });
      await limiter.noteAccountRate(rps);
    } catch (error) {
      // Everything was done before the answer came, or another worker was quicker.
      if (error instanceof FerryError && error.code === "INTERRUPTED") return;
      // Whoever may not ask, or asks a service that does not know, is held to what is documented.
      observe({ kind: "quota-assumed", category, rps: documentedRps, error: nameOf(error) });
    }
  }
}

function nameOf(error: unknown): string {
  if (error instanceof FerryError) return error.code;
  return error instanceof Error ? error.name : "unknown";
}
