import { setTimeout as sleep } from "node:timers/promises";
import { interrupted } from "../core/ferry-error.ts";

/**
 * What a failed call means for the next one. `throttled`: it had no effect. `unknown`: the reply was lost or is no
 * reply, so it may have had its effect. `final`: the same call would fail again.
 */
export type Disposition = "throttled" | "unknown" | "final";

/** By the error's name; LimitExceededException is a resource limit, not a rate, and therefore final. */
const DISPOSITIONS: Readonly<Record<string, Disposition>> = {
  TooManyRequestsException: "throttled",
  ThrottlingException: "throttled",
  Throttling: "throttled",
  RequestLimitExceeded: "throttled",
  SlowDown: "throttled",
  InternalErrorException: "unknown",
  InternalServerError: "unknown",
  InternalFailure: "unknown",
  ServiceUnavailable: "unknown",
  ServiceUnavailableException: "unknown",
  RequestTimeout: "unknown",
  TimeoutError: "unknown",
  HeadersTimeoutError: "unknown",
  BodyTimeoutError: "unknown",
  ConnectTimeoutError: "unknown",
  SocketError: "unknown",
};

const LOST_REPLY_CODES = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);

/** Classifies an error of the SDK or of undici. */
export function dispositionOf(error: unknown): Disposition {
  if (!(error instanceof Error)) return "final";
  const known = DISPOSITIONS[error.name];
  if (known !== undefined) return known;
  if (LOST_REPLY_CODES.has(codeOf(error))) return "unknown";
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  // A page instead of JSON comes from a load balancer before the service, or from a server that is no such service.
  if (error instanceof SyntaxError) return GATEWAY_STATUSES.has(status) ? "unknown" : "final";
  return status >= 500 && status !== 501 ? "unknown" : "final";
}

const GATEWAY_STATUSES = new Set([502, 503, 504]);

/** The network code of an error or of what caused it, or an empty string. */
export function codeOf(error: Error): string {
  const own = (error as NodeJS.ErrnoException).code;
  if (typeof own === "string" && LOST_REPLY_CODES.has(own)) return own;
  if (error.cause instanceof Error) return codeOf(error.cause);
  return typeof own === "string" ? own : "";
}

/** How a call is repeated. */
export interface RetryOptions {
  /**
   * `safe`: the call may be repeated whatever happened. `once`: only after a throttle, since it may have had its
   * effect; the caller looks before it acts again.
   */
  readonly repeat: "safe" | "once";
  /** Interrupts: no further try is made. */
  readonly signal: AbortSignal;
  /**
   * What the signal does to a try that is under way: `abort` (when undefined) takes it for cut off, whatever comes of
   * it; `finish` waits for its answer, which counts.
   */
  readonly whenInterrupted?: "abort" | "finish" | undefined;
  /** Tells of a retry, for the log. */
  readonly onRetry?: ((attempt: number, error: unknown, waitMs: number) => void) | undefined;
}

const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 10_000;

/**
 * Calls until it succeeds, fails for good, or was tried {@link MAX_ATTEMPTS} times, with full jitter between the
 * tries. This is the only retry there is: the SDK's own is off. Throws the last error, or INTERRUPTED.
 */
export async function withRetry<T>(
  call: () => Promise<T>,
  { repeat, signal, whenInterrupted = "abort", onRetry }: RetryOptions,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted && whenInterrupted === "abort") throw interrupted();
      const disposition = dispositionOf(error);
      const mayRepeat = disposition === "throttled" || (disposition === "unknown" && repeat === "safe");
      if (signal.aborted && mayRepeat) throw interrupted();
      if (!mayRepeat || attempt === MAX_ATTEMPTS) throw error;
      const waitMs = Math.random() * Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
      onRetry?.(attempt, error, waitMs);
      await pause(waitMs, signal);
    }
  }
}

/** Waits; throws INTERRUPTED when the signal is aborted meanwhile. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw error;
  }
}
