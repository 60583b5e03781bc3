import { performance } from "node:perf_hooks";

import { ApiError } from "../wire/error.ts";
import { answersChallenge, CATEGORIES, categoryOf, type Category, type CategoryName } from "./categories.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Request rates, in requests per second. */
export interface QuotaSettings {
  /** The rate of each category (documented; the default where it can be raised). */
  readonly categories: Readonly<Record<CategoryName, number>>;
  /** The rate of a single operation in a pool, in the categories that hold to one (documented). */
  readonly operationInPool: number;
  /** The rates of reading and of writing one user (documented). */
  readonly readsOfUser: number;
  readonly writesOfUser: number;
  /** How many seconds' worth may come at once after a rest. Guess. */
  readonly burstSeconds: number;
}

/** Rates a caller may set; what is left out stays as it is. `off` holds nothing back, `documented` is where it begins. */
export type QuotaChange =
  | "off"
  | "documented"
  | (Partial<Omit<QuotaSettings, "categories">> & {
      readonly categories?: Partial<QuotaSettings["categories"]>;
    });

/** The rates that AWS documents. */
export const DOCUMENTED_QUOTAS: QuotaSettings = {
  // The keys are those of the table that this is made from.
  categories: Object.fromEntries(
    Object.entries(CATEGORIES).map(([name, { rps }]) => [name, rps]),
  ) as Readonly<Record<CategoryName, number>>,
  operationInPool: 5,
  readsOfUser: 10,
  writesOfUser: 10,
  burstSeconds: 1,
};

/** A request, as far as the rates care. */
export interface CountedRequest {
  readonly operation: string;
  readonly poolId: string | undefined;
  readonly username: string | undefined;
  /** The challenge that it answers. */
  readonly challenge?: string | undefined;
}

/**
 * Holds requests to their rates, by token buckets that fill in real time: the emulator's own clock may stand
 * still. A request that finds one of its buckets empty is refused and takes nothing from the others (guess).
 */
export class Quotas {
  #settings = DOCUMENTED_QUOTAS;
  #isOn = true;
  readonly #buckets = new Map<string, TokenBucket>();

  /** The rates now, whether they are held to or not. */
  get settings(): QuotaSettings {
    return this.#settings;
  }

  /** Whether requests are held to the rates. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** Sets rates, and begins with full buckets. */
  change(change: QuotaChange): void {
    this.#buckets.clear();
    this.#isOn = change !== "off";
    if (change === "off") return;
    if (change === "documented") {
      this.#settings = DOCUMENTED_QUOTAS;
      return;
    }
    const categories = { ...this.#settings.categories, ...change.categories };
    this.#settings = { ...this.#settings, ...change, categories };
  }

  /** Takes a request's place in its rates, or refuses it as AWS does (types documented, words reported). */
  take(request: CountedRequest): void {
    const name = categoryOf(request.operation, request.challenge);
    if (!this.#isOn || name === undefined) return;
    const nowMs = performance.now();
    const buckets = this.#limitsOn(request, name, nowMs).map((limit) => this.#bucket(limit, nowMs));
    if (buckets.every((bucket) => bucket.count(nowMs) >= 1)) {
      for (const bucket of buckets) bucket.take();
      return;
    }
    const type = name.startsWith("Logs") ? "ThrottlingException" : "TooManyRequestsException";
    throw new ApiError(type, "Rate exceeded");
  }

  #limitsOn(request: CountedRequest, name: CategoryName, nowMs: number): readonly Limit[] {
    const { operation, poolId, username } = request;
    const { operationInPool, readsOfUser, writesOfUser } = this.#settings;
    const { isCappedPerPool, toUser }: Category = CATEGORIES[name];
    const limits: Limit[] = [this.#categoryLimit(operation, name, nowMs)];
    if (isCappedPerPool === true && poolId !== undefined) {
      limits.push({ key: `${operation} ${poolId}`, rps: operationInPool });
    }
    if (toUser !== undefined && poolId !== undefined && username !== undefined) {
      const rps = toUser === "reads" ? readsOfUser : writesOfUser;
      limits.push({ key: `${toUser} ${poolId} ${username.toLowerCase()}`, rps });
    }
    // A bucket of infinite size cannot be reckoned with, and holds nothing back.
    return limits.filter((limit) => limit.rps !== Infinity);
  }

  #categoryLimit(operation: string, name: CategoryName, nowMs: number): Limit {
    const limit = { key: name, rps: this.#settings.categories[name] };
    if (name !== "UserAuthentication" || !answersChallenge(operation)) return limit;
    const ownLimit = { key: "answers to challenges", rps: 3 * limit.rps };
    return this.#bucket(ownLimit, nowMs).count(nowMs) >= 1 ? ownLimit : limit;
  }

  #bucket({ key, rps }: Limit, nowMs: number): TokenBucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) return known;
    if (this.#buckets.size >= MOST_BUCKETS) this.#dropFullBuckets(nowMs);
    // Less than one token would let no request through.
    const capacity = Math.max(1, rps * this.#settings.burstSeconds);
    const bucket = new TokenBucket({ rps, capacity }, nowMs);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  // A user's bucket is full again a second after the last request, so that a million users need no million buckets.
  #dropFullBuckets(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
  }
}

const MOST_BUCKETS = 10_000;

interface Limit {
  readonly key: string;
  readonly rps: number;
}
