import { explainServiceError } from "../cognito/explain-error.ts";
import { FerryError, interrupted } from "../core/ferry-error.ts";
import { failure, type CheckResult, type Finding } from "./check.ts";

/** A check by its name; one that looks at several things gives each a name of its own. */
export type NamedCheck = readonly [
  name: string,
  check: (signal: AbortSignal) => Promise<Finding | readonly CheckResult[]>,
];

/**
 * How long a check may take, in milliseconds. Permissions and quotas take the longest: five calls of a quota that AWS
 * holds to one a second (documented).
 */
const CHECK_TIMEOUT_MS = 12_000;

/** A signal that is aborted when checks have had their time, or with the one that it is made from. */
export class CheckTime implements Disposable {
  readonly signal: AbortSignal;
  readonly #end = new AbortController();
  // It keeps the process alive, as AbortSignal.timeout does not: a check may wait for nothing else.
  readonly #timer = setTimeout(() => this.#end.abort(), CHECK_TIMEOUT_MS);

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#end.signal]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#end.abort();
  }
}

/**
 * Runs checks side by side; their results stand in their own order. The operator's trouble that ends one is its failure.
 * Throws INTERRUPTED, and whatever is our bug.
 */
export async function runChecks(
  checks: readonly NamedCheck[],
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const results = await Promise.all(checks.map((check) => runOne(check, signal)));
  return results.flat();
}

async function runOne([name, check]: NamedCheck, signal: AbortSignal): Promise<readonly CheckResult[]> {
  using time = new CheckTime(signal);
  try {
    const found = await check(time.signal);
    return isList(found) ? found : [{ name, ...found }];
  } catch (error) {
    if (signal.aborted) throw interrupted();
    return [{ name, ...findingOf(error) }];
  }
}

function isList(found: Finding | readonly CheckResult[]): found is readonly CheckResult[] {
  return Array.isArray(found);
}

function findingOf(error: unknown): Finding {
  const explained = explainServiceError(error);
  if (!(explained instanceof FerryError)) throw error;
  const { code, message, hint } = explained;
  if (code !== "INTERRUPTED") return failure(message, hint);
  return failure(
    `No answer within ${CHECK_TIMEOUT_MS / 1000} seconds`,
    "Check the network: the firewall, DNS, HTTPS_PROXY and NO_PROXY, --region and --endpoint-url",
  );
}
