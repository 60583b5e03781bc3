import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { runJob } from "./import/run.ts";
import type { Context } from "./operations/context.ts";
import { allowPages } from "./allow-pages.ts";
import { Clock } from "./control/clock.ts";
import { Control } from "./control/control.ts";
import { Quotas, type QuotaChange } from "./quota/quotas.ts";
import { changeRules, DEFAULT_RULES, type RuleSettings } from "./rules.ts";
import { isControlPath, serveControl } from "./serve-control.ts";
import { serveApi } from "./serve-api.ts";
import { poolOfKeys, serveKeys } from "./serve-keys.ts";
import { isQuery, serveQuery } from "./serve-query.ts";
import { serveStorage } from "./serve-storage.ts";
import { Account } from "./state/account.ts";
import { Stats } from "./stats.ts";
import { Steering, type Hooks } from "./steer.ts";
import { isUploadPath, presignUpload } from "./storage/presign.ts";
import type { Credentials } from "./wire/signature.ts";

/** How the emulator is started; everything has a default. */
export interface EmulatorOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The address to listen at; 127.0.0.1 unless given. */
  readonly host?: string;
  readonly region?: string;
  readonly accountId?: string;
  /** The one key whose signatures are accepted; without it any well-formed Authorization header is. */
  readonly credentials?: Credentials | undefined;
  /** The time in epoch milliseconds; the computer's unless given. */
  readonly clock?: () => number;
  /** Settings for what is not known of AWS. */
  readonly rules?: RuleSettings;
  /** Request rates; the documented ones unless given, `off` for none. */
  readonly quotas?: QuotaChange;
  /** Watches, holds or spoils requests. */
  readonly hooks?: Hooks;
}

/** A running emulator. */
export interface Emulator extends AsyncDisposable {
  /** The endpoint for AWS clients, without a trailing slash. */
  readonly url: string;
  readonly region: string;
  /** Everything the emulator holds, live. */
  readonly state: Account;
  /** Looks at and changes everything else: time, settings, rates, faults, the whole state. */
  readonly control: Control;
  /** How many requests of each operation have come in; uploads are `PutObject`. */
  readonly requestCounts: ReadonlyMap<string, number>;
  /** Ends jobs and connections at once. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Starts a local Cognito, with its import jobs, their uploads and their logs, that forgets everything when it is closed.
 *
 * @example
 * ```ts
 * import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";
 * import { startEmulator } from "poolferry/emulator";
 *
 * await using emulator = await startEmulator();
 * const credentials = { accessKeyId: "any", secretAccessKey: "any" };
 * const cognito = new CognitoIdentityProvider({ endpoint: emulator.url, region: emulator.region, credentials });
 * const { UserPool } = await cognito.createUserPool({ PoolName: "customers" });
 * console.log(UserPool?.Id, emulator.control.stats().operations);
 * ```
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const clock = new Clock(options.clock ?? Date.now);
  const account = new Account({
    id: options.accountId ?? "123456789012",
    region: options.region ?? "us-east-1",
    rules: changeRules(DEFAULT_RULES, options.rules),
    clock: () => clock.now(),
  });
  const steering = new Steering(options.hooks ?? {});
  const stats = new Stats();
  const quotas = new Quotas();
  quotas.change(options.quotas ?? "documented");
  const control = new Control({ account, clock, quotas, steering, stats });
  const jobs = new BackgroundJobs();

  const serve = async (request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) => {
    const requestId = randomUUID();
    if (isControlPath(request.url ?? "")) {
      if (expectsContinue) response.writeContinue();
      return serveControl(request, response, control);
    }
    if (isUploadPath(request.url ?? "")) {
      const service = {
        account,
        steering,
        stats,
        credentials: account.uploadKey,
        requestId,
        expectsContinue,
      };
      return serveStorage(request, response, service);
    }
    if (allowPages(request, response)) return undefined;
    const keysOf = poolOfKeys(request);
    if (keysOf !== undefined) return serveKeys(account, keysOf, response);
    if (expectsContinue) response.writeContinue();
    const origin = `http://${request.headers.host ?? ""}`;
    const context: Context = {
      account,
      quotas,
      presignUpload: (poolId, jobId) => {
        const place = { origin, region: account.region, accountId: account.id, poolId, jobId };
        return presignUpload({ ...place, nowMs: account.clock() }, account.uploadKey);
      },
      runJob: (pool, job) => jobs.add((signal) => runJob({ account, pool, job, signal })),
    };
    const service = { context, steering, stats, credentials: options.credentials, requestId };
    return isQuery(request) ? serveQuery(request, response, service) : serveApi(request, response, service);
  };

  // Clients reuse connections: an idle one must not be closed just as the next request goes out.
  const server = createServer({ keepAliveTimeout: IDLE_CONNECTION_MS });
  server.on("request", (request, response) => void untilGone(request, serve(request, response, false)));
  server.on("checkContinue", (request, response) => void untilGone(request, serve(request, response, true)));
  const url = await listen(server, options);
  const close = async () => {
    steering.close();
    if (server.listening) {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    }
    await jobs.end();
  };
  return {
    url,
    region: account.region,
    state: account,
    control,
    requestCounts: steering.counts,
    close,
    [Symbol.asyncDispose]: close,
  };
}

const IDLE_CONNECTION_MS = 60_000;

/** Jobs on their way, to be ended with the emulator. Their failures are bugs and stay unhandled. */
class BackgroundJobs {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();

  add(start: (signal: AbortSignal) => Promise<void>): void {
    const running = start(this.#closing.signal).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async end(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }
}

/** Waits for an answer, and no longer than the client: one that hangs up before its request was read is no failure. */
async function untilGone(request: IncomingMessage, answered: Promise<void>): Promise<void> {
  try {
    await answered;
  } catch (error) {
    if (!request.destroyed || !isHangUp(error)) throw error;
  }
}

function isHangUp(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE";
}

async function listen(server: Server, { port = 0, host = "127.0.0.1" }: EmulatorOptions): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the emulator listens at no port");
  return `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
}
