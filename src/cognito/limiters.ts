import { FerryError } from "../core/ferry-error.ts";
import { CLOCK, type Clock } from "./clock.ts";
import { Limiter, type Turn } from "./limiter.ts";
import { quotasOf, type Operation, type Quota } from "./quota.ts";
import type { WireObserver } from "./wire-event.ts";

/** Says what the account's rate in a category is; throws when it cannot be read. */
export type ReadRate = (category: string) => Promise<number>;

/** What limiters are made with. */
export interface LimiterOptions {
  /** The share of every quota that is taken, above 0 and up to 1. */
  readonly share: number;
  readonly readRate: ReadRate;
  readonly observe: WireObserver;
  readonly clock?: Clock | undefined;
}

/**
 * One limiter for each quota, made when a request first counts against it. Those whose rate the account may have
 * changed begin with the documented one; the answer takes its place when it comes.
 */
export class Limiters {
  readonly #options: LimiterOptions;
  readonly #clock: Clock;
  readonly #limiters = new Map<string, Limiter>();
  readonly #readings: Promise<void>[] = [];

  /** Throws USAGE for a share that is none. */
  constructor(options: LimiterOptions) {
    if (!(options.share > 0 && options.share <= 1)) {
      throw new FerryError("USAGE", `A share of the request quotas cannot be ${options.share}`, {
        hint: "Give a number above 0 and up to 1, such as 0.5",
      });
    }
    this.#options = options;
    this.#clock = options.clock ?? CLOCK;
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
    let sentMs = 0;
    const sendNow = (): Promise<Result> => {
      sentMs = this.#clock.now();
      return send();
    };
    const inTurn = quotas.reduceRight<() => Promise<Result>>(
      (next, quota) => () => this.#limiter(quota).run(next, turn),
      sendNow,
    );
    try {
      return await inTurn();
    } catch (error) {
      if (isThrottle(error)) for (const quota of quotas) this.#slowDown(quota, sentMs);
      throw error;
    }
  }

  /** Resolves once no rate is being asked for any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#readings);
  }

  #slowDown(quota: Quota, sentMs: number): void {
    const limiter = this.#limiter(quota);
    if (!limiter.heedThrottle(sentMs)) return;
    this.#options.observe({ kind: "slowed-down", quota: quota.name, rps: limiter.rps });
  }

  #limiter(quota: Quota): Limiter {
    const known = this.#limiters.get(quota.name);
    if (known !== undefined) return known;
    const limiter = new Limiter({ rps: quota.rps, share: this.#options.share }, this.#clock);
    this.#limiters.set(quota.name, limiter);
    if (quota.isAskedFor) this.#readings.push(this.#adoptRate(quota, limiter));
    return limiter;
  }

  async #adoptRate({ name: category, rps: documentedRps }: Quota, limiter: Limiter): Promise<void> {
    const { readRate, observe } = this.#options;
    try {
      const rps = await readRate(category);
      limiter.setRate(rps);
      observe({ kind: "quota-read", category, rps });
    } catch (error) {
      // Everything was done before the answer came.
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
