/** What a check says: `not-tried` where the answer cannot be had without an effect, or hangs on a check that failed. */
export type Verdict = "ok" | "warning" | "failure" | "not-tried";

/** What a check has found. */
export interface Finding {
  readonly verdict: Verdict;
  /** What is so, in one sentence without a secret. */
  readonly message: string;
  /** How to mend it; undefined where there is nothing to mend. */
  readonly fix?: string | undefined;
}

/** A finding by the name of its check. */
export interface CheckResult extends Finding {
  readonly name: string;
}

/** All is well. */
export function ok(message: string): Finding {
  return { verdict: "ok", message };
}

/** It works, and not as most would want; or it cannot be told. */
export function warning(message: string, fix: string): Finding {
  return { verdict: "warning", message, fix };
}

/** A migration would stop at this. */
export function failure(message: string, fix: string): Finding {
  return { verdict: "failure", message, fix };
}

/** Nothing was tried, for this reason. */
export function notTried(message: string): Finding {
  return { verdict: "not-tried", message };
}
