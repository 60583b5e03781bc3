import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import type { Dispatcher } from "undici";
import type { Connection } from "../core/connection.ts";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import { readAccountRate } from "./account-quota.ts";
import { clientOptions } from "./client-options.ts";
import { codeOf, isThrottle } from "./error-class.ts";
import { explainError } from "./explain-error.ts";
import { createHttpAgent } from "./http-agent.ts";
import { Limiters, type CategoryUse, type SharedQuotas } from "./limiters.ts";
import { DEFAULT_QUOTA_SHARE, type Operation } from "./quota.ts";
import { RetryBudget } from "./retry-budget.ts";
import { withRetry, type RetryOptions } from "./retry.ts";
import { ServiceClock } from "./service-clock.ts";
import type { WireObserver } from "./wire-event.ts";

const REPLY_TIMEOUT_MS = 30_000;

/** What a client's send takes besides the command. */
export interface AbortOptions {
  readonly abortSignal: AbortSignal;
}

/**
 * Sends one command with the client and the options it is given: undefined for a call that nothing cuts off, which the SDK
 * then sends by a handler that it has made before.
 */
export type Send<Client, Output> = (client: Client, options: AbortOptions | undefined) => Promise<Output>;

/** How one call is made. */
export interface CallOptions extends Pick<RetryOptions, "repeat" | "signal" | "whenInterrupted"> {
  /** Goes before all others that wait for their turn. */
  readonly isUrgent?: boolean | undefined;
}

/** Above what repeated calls have. */
const URGENT = 1_000;

/**
 * The one door to the services: paced by quota category, retried by our rules only, every failure explained as a
 * FerryError where the operator can mend it (the SDK's error is its cause). Closing it leaves no open handle.
 */
export class Cognito implements AsyncDisposable {
  readonly #identity: CognitoIdentityProviderClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #agent: Dispatcher;
  readonly #limiters: Limiters;
  readonly #budget = new RetryBudget();
  readonly #closing = new AbortController();
  readonly #clock = new ServiceClock();
  readonly #connection: Connection;
  readonly #observe: WireObserver;
  #lastAddress: Address | undefined;

  /**
   * The share of every request quota that is taken is above 0 and at most 1. Quotas that are shared with other workers
   * are held to by all of them together.
   */
  constructor(
    connection: Connection,
    observe: WireObserver = () => undefined,
    quotaShare: number = DEFAULT_QUOTA_SHARE,
    { sharedQuotas }: { readonly sharedQuotas?: SharedQuotas | undefined } = {},
  ) {
    this.#agent = createHttpAgent(REPLY_TIMEOUT_MS, connection);
    this.#connection = connection;
    this.#observe = observe;
    this.#limiters = new Limiters({
      share: quotaShare,
      // Whoever may not ask is answered at once, and not by the account of whatever credentials there may be.
      readRate: (category, signal) =>
        connection.isAnonymous === true
          ? Promise.reject(withoutCredentials())
          : readAccountRate(this, category, signal),
      observe,
      shared: sharedQuotas,
      signal: this.#closing.signal,
    });
    const { endpointUrl, logsEndpointUrl = endpointUrl } = connection;
    this.#identity = new CognitoIdentityProviderClient(clientOptions(this.#agent, connection, endpointUrl));
    this.#logs = new CloudWatchLogsClient(clientOptions(this.#agent, connection, logsEndpointUrl));
    this.#identity.middlewareStack.add(
      (next) => async (request) => {
        const { protocol, hostname, port } = request.request as Address;
        this.#lastAddress = { protocol, hostname, port };
        const result = await next(request);
        this.#clock.hear(dateOf(result.response));
        return result;
      },
      // Beside the wire, so that refusals are heard too.
      { name: "hearServiceClock", step: "deserialize", priority: "low" },
    );
  }

  /** Now by the service's clock, in epoch milliseconds; up to a second early, never late. */
  get serviceNow(): number {
    return this.#clock.now();
  }

  /** By how much the service's clock is ahead of this machine's, in milliseconds; undefined before the first answer. */
  get clockSkewMs(): number | undefined {
    return this.#clock.aheadMs;
  }

  /**
   * The host that the last request to Cognito went to, wherever its address was stated: AWS's own, or that of a
   * Cognito-compatible service. Empty before the first request.
   */
  get serviceHost(): string {
    return urlOf(this.#lastAddress)?.hostname ?? "";
  }

  /** Where the last request to Cognito went, as `https://HOST:PORT`; undefined before the first. */
  get serviceOrigin(): string | undefined {
    return urlOf(this.#lastAddress)?.origin;
  }

  /** The region that the requests go to. Throws REGION_MISSING. */
  async region(): Promise<string> {
    return this.#identity.config.region().catch((error: unknown) => {
      throw explainError(error, { operation: "the look-up of the region", connection: this.#connection });
    });
  }

  /** The categories of quotas that requests have counted against so far. */
  uses(): readonly CategoryUse[] {
    return this.#limiters.uses();
  }

  /** Requests of an operation that may usefully be under way at the same time: enough for slow replies at its rate. */
  inFlight(operation: Operation): number {
    return this.#limiters.inFlight(operation);
  }

  /** Calls an operation of Cognito. */
  async call<Output>(
    operation: Operation,
    send: Send<CognitoIdentityProviderClient, Output>,
    options: CallOptions,
  ): Promise<Output> {
    return this.#paced(operation, options, (abort) => send(this.#identity, abort));
  }

  /** Calls an operation of CloudWatch Logs. */
  async callLogs<Output>(
    operation: Operation,
    send: Send<CloudWatchLogsClient, Output>,
    options: CallOptions,
  ): Promise<Output> {
    return this.#paced(operation, options, (abort) => send(this.#logs, abort));
  }

  async #paced<Output>(
    operation: Operation,
    { repeat, signal, whenInterrupted, isUrgent = false }: CallOptions,
    send: (abort: AbortOptions | undefined) => Promise<Output>,
  ): Promise<Output> {
    const abort = whenInterrupted === "finish" ? undefined : { abortSignal: signal };
    const sendUnlessInterrupted = (): Promise<Output> => {
      // It waited for its turn: nothing was sent yet.
      throwIfInterrupted(signal);
      return send(abort);
    };
    const tryOnce = (attempt: number): Promise<Output> =>
      // Whoever was refused already goes before those who were not sent yet.
      this.#limiters.run(operation, sendUnlessInterrupted, {
        signal,
        priority: attempt - 1 + (isUrgent ? URGENT : 0),
        isThrottle,
      });
    try {
      return await withRetry(tryOnce, {
        repeat,
        signal,
        whenInterrupted,
        budget: this.#budget,
        onRetry: (attempt, error, waitMs) =>
          this.#observe({ kind: "call-repeated", operation, attempt, error: nameOf(error), waitMs }),
      });
    } catch (error) {
      throw explainError(error, { operation, connection: this.#connection });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#limiters.settle();
    this.#identity.destroy();
    this.#logs.destroy();
    await this.#agent.destroy();
  }
}

/** Where an HTTP request goes, as a middleware beside the wire sees it. */
interface Address {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
}

function urlOf(address: Address | undefined): URL | undefined {
  if (address === undefined) return undefined;
  const { protocol, hostname, port } = address;
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
}

/** The Date header of an HTTP response, as a middleware beside the wire sees it. */
function dateOf(response: unknown): string | undefined {
  return (response as { readonly headers?: Readonly<Record<string, string>> } | undefined)?.headers?.["date"];
}

function withoutCredentials(): FerryError {
  return new FerryError("CREDENTIALS_MISSING", "The run works without AWS credentials", {
    hint: "Plan without userPool.description to use some",
  });
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  return error.name === "Error" ? codeOf(error) : error.name;
}
