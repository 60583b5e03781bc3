import type { ForecastStep } from "../core/forecast.ts";
import { quotasOf, type Operation } from "../cognito/quota.ts";

/** The account's own rates in categories of requests, in requests a second, as far as it was asked for them. */
export type AccountRates = ReadonlyMap<string, number>;

/** How fast an operation can go. */
export type Pace = Required<Pick<ForecastStep, "category" | "rps" | "paceFrom">>;

/** The pace of a run at an operation: its share of the tightest of the quotas that the operation counts against. */
export function paceOf(operation: Operation, rates: AccountRates, quotaShare: number): Pace {
  const quotas = quotasOf(operation).map(({ name, rps }) => ({ name, rps: rates.get(name) ?? rps }));
  const tightest = quotas.reduce((one, other) => (other.rps < one.rps ? other : one));
  // Where each operation has a rate of its own in the pool, it is called after it.
  const category = quotas.at(-1)?.name ?? tightest.name;
  return {
    category,
    rps: tightest.rps * quotaShare,
    paceFrom: rates.has(tightest.name) ? "account" : "documented",
  };
}
