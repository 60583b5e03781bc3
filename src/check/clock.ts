import { failure, ok, warning, notTried, type Finding } from "./check.ts";
import { resultOf, type Surroundings } from "./surroundings.ts";

/** Requests that are signed with another time than this are refused (documented: five minutes). */
const REFUSED_MS = 300_000;

/** The Date header has whole seconds, and is as old as its way. */
const NOTABLE_MS = 10_000;

/** Whether this computer's clock goes as the service's does. */
export async function checkClock({ cognito, pool }: Surroundings): Promise<Finding> {
  // A refusal tells the time, too.
  await resultOf(pool);
  const { clockSkewMs } = cognito;
  if (clockSkewMs === undefined) return notTried("The service has not said the time");
  const seconds = Math.round(Math.abs(clockSkewMs) / 1000);
  if (seconds * 1000 < NOTABLE_MS) return ok("Goes as the service's does");
  const off = `This computer's clock is ${seconds} seconds ${clockSkewMs > 0 ? "behind" : "ahead of"} the service's`;
  const fix = "Set it by NTP";
  return seconds * 1000 < REFUSED_MS
    ? warning(off, fix)
    : failure(`${off}, and AWS refuses what is signed so`, fix);
}
