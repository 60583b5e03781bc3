import { setTimeout as sleep } from "node:timers/promises";
import { EnvHttpProxyAgent, errors, request, type Dispatcher } from "undici";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import { parseJson } from "../core/parse-json.ts";
import type { JsonValue } from "../core/row.ts";
import { isJsonObject } from "./json-row.ts";

const TIMEOUT_MS = 60_000;

/** How often a request is sent before the source counts as out of reach. */
const MAX_TRIES = 8;
const FIRST_PAUSE_MS = 500;

/**
 * The share of a rate limit that is left to others: it is the whole organisation's (documented), and a source is read while
 * its users sign in.
 */
const SHARE_LEFT = 0.2;
/** Documented: limits are of a minute. What a clock that is wrong makes of it is not waited for. */
const MAX_WAIT_MS = 65_000;

/** A page of a list, and where the next one is. */
interface Page {
  readonly elements: readonly JsonValue[];
  readonly next: URL | undefined;
}

/** What came back of a request, or that nothing did. */
type Answer =
  | { readonly kind: "answered"; readonly response: Dispatcher.ResponseData; readonly text: string }
  | { readonly kind: "unanswered"; readonly cause: unknown };

/**
 * Reads lists of Okta's management API (documented): `Authorization: SSWS` with an API token, pages that a Link header
 * leads to, and rate limits that headers state. Requests follow one another. Throws INTERRUPTED once the signal is aborted.
 */
export class OktaClient {
  readonly #base: URL;
  readonly #token: string;
  readonly #signal: AbortSignal | undefined;
  readonly #agent: Dispatcher;
  /** When the next request may be sent, in milliseconds since 1970. */
  #notBefore = 0;

  /** `address` is `https://TOKEN@ORG.okta.com`; throws USAGE for anything else, without showing it. */
  constructor(address: string, signal: AbortSignal | undefined) {
    const { base, token } = parseAddress(address);
    this.#base = base;
    this.#token = token;
    this.#signal = signal;
    this.#agent = createAgent();
  }

  /** The host, for the operator. */
  get host(): string {
    return this.#base.host;
  }

  /**
   * The pages of a list, by its path below the API's version. Throws SOURCE_REFUSED with Okta's words, SOURCE_UNREACHABLE
   * after several tries, and SOURCE_FORMAT when what answers is not Okta's API.
   */
  async *pages(path: string): AsyncGenerator<readonly JsonValue[]> {
    let url: URL | undefined = new URL(`/api/v1/${path}`, this.#base);
    while (url !== undefined) {
      const page: Page = await this.#page(url);
      yield page.elements;
      url = page.next;
    }
  }

  /** Closes the connections; whatever is under way fails. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #page(url: URL): Promise<Page> {
    for (let tries = 1; ; tries += 1) {
      await this.#wait();
      const answer = await this.#ask(url);
      throwIfAborted(this.#signal);
      if (answer.kind === "answered" && answer.response.statusCode === 200) {
        return { elements: listOf(answer.text, url), next: this.#next(answer.response, url) };
      }
      if (!mayBeRepeated(answer)) throw refused(answer, url);
      if (tries === MAX_TRIES) throw unreachable(answer, url);
      const pauseMs = FIRST_PAUSE_MS * 2 ** (tries - 1);
      this.#notBefore = Math.max(this.#notBefore, Date.now() + pauseMs);
    }
  }

  async #wait(): Promise<void> {
    const left = this.#notBefore - Date.now();
    // An aborted sleep ends early.
    if (left > 0) await sleep(left, undefined, { signal: this.#signal }).catch(() => undefined);
    throwIfAborted(this.#signal);
  }

  async #ask(url: URL): Promise<Answer> {
    try {
      const response = await request(url, {
        dispatcher: this.#agent,
        signal: this.#signal ?? null,
        headers: { authorization: `SSWS ${this.#token}`, accept: "application/json" },
      });
      const text = await response.body.text();
      this.#heedRateLimit(response);
      return { kind: "answered", response, text };
    } catch (error) {
      throwIfAborted(this.#signal);
      return { kind: "unanswered", cause: error };
    }
  }

  /** Sends nothing until the limit is reset, where little of it is left; the service's own clock says how long that is. */
  #heedRateLimit({ statusCode, headers }: Dispatcher.ResponseData): void {
    const limit = Number(headers["x-rate-limit-limit"]);
    const remaining = Number(headers["x-rate-limit-remaining"]);
    const isSpent = statusCode === 429 || remaining <= limit * SHARE_LEFT;
    const resetMs = Number(headers["x-rate-limit-reset"]) * 1_000;
    if (!isSpent || !Number.isFinite(resetMs)) return;
    const serviceNow = Date.parse(String(headers["date"]));
    const waitMs = resetMs - (Number.isNaN(serviceNow) ? Date.now() : serviceNow);
    this.#notBefore = Date.now() + Math.min(Math.max(waitMs, 0), MAX_WAIT_MS);
  }

  #next({ headers }: Dispatcher.ResponseData, url: URL): URL | undefined {
    const links = [headers["link"] ?? []].flat().join(", ");
    const target = /<([^>]*)>\s*;\s*rel="next"/.exec(links)?.[1];
    if (target === undefined) return undefined;
    const next = URL.canParse(target, url.href) ? new URL(target, url.href) : undefined;
    // The token goes with it.
    if (next?.origin === this.#base.origin) return next;
    throw new FerryError("SOURCE_FORMAT", `The next page of ${url.pathname} is not at ${this.host}`, {
      hint: "Check what answers there: the API token was not sent to another host",
    });
  }
}

// HTTPS_PROXY and NO_PROXY are honoured, as by curl.
function createAgent(): Dispatcher {
  try {
    return new EnvHttpProxyAgent({ headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });
  } catch (error) {
    throw new FerryError("USAGE", "The environment's HTTP_PROXY or HTTPS_PROXY is no address", {
      hint: "Mend it, or unset it",
      cause: error,
    });
  }
}

function parseAddress(address: string): { readonly base: URL; readonly token: string } {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url?.hostname === "127.0.0.1" || url?.hostname === "localhost";
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLocal);
  // An API token has none of the characters that an address writes in another way (seen in all of them).
  const token = url?.username === "" ? url.password : url?.username;
  if (url !== undefined && isSafe && token !== undefined && /^[\w-]+$/.test(token)) {
    requireOrganisation(url.hostname);
    return { base: new URL(url.origin), token };
  }
  throw new FerryError("USAGE", "The address of Okta is not https://TOKEN@ORG.okta.com", {
    hint: "Put an API token before the organisation's host, in the environment variable that the source names",
  });
}

/** Hosts of Okta's admin console, of its several clouds: one label before Okta's own domain, as in acme-admin.okta.com. */
const ADMIN_HOST = /^([a-z0-9-]+)-admin(\.okta[a-z-]*\.[a-z]+)$/;

/** Throws USAGE for the host of the admin console, which people copy from their browser and whose API is another one. */
function requireOrganisation(host: string): void {
  const [, organisation, domain] = ADMIN_HOST.exec(host) ?? [];
  if (organisation === undefined || domain === undefined) return;
  throw new FerryError("USAGE", `${host} is the address of Okta's admin console, not of the organisation`, {
    hint: `Write ${organisation}${domain} in its place: https://TOKEN@${organisation}${domain}`,
  });
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal !== undefined) throwIfInterrupted(signal);
}

/** Whether the same request may be answered otherwise a little later. */
function mayBeRepeated(answer: Answer): boolean {
  if (answer.kind === "unanswered")
    return answer.cause instanceof errors.UndiciError || hasCode(answer.cause);
  const { statusCode } = answer.response;
  return statusCode === 429 || statusCode >= 500;
}

/** Whether it is an error of the network or of name resolution. */
function hasCode(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === "string";
}

function listOf(text: string, url: URL): readonly JsonValue[] {
  const value = parsed(text);
  if (Array.isArray(value)) return value as readonly JsonValue[];
  throw new FerryError("SOURCE_FORMAT", `What answers at ${url.host} is not Okta's API: no list came back`, {
    hint: "The host is that of the organisation, ORG.okta.com, without -admin",
  });
}

function parsed(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Characters of Okta's words that are shown. */
const MAX_WORDS = 200;

function wordsOf(answer: Answer): string {
  if (answer.kind === "unanswered") {
    return answer.cause instanceof Error ? answer.cause.message : String(answer.cause);
  }
  const error = parsed(answer.text);
  const summary = isJsonObject(error) ? error["errorSummary"] : undefined;
  return `${answer.response.statusCode}${typeof summary === "string" ? `, ${summary.slice(0, MAX_WORDS)}` : ""}`;
}

function refused(answer: Answer, url: URL): FerryError {
  return new FerryError("SOURCE_REFUSED", `Okta refuses ${url.pathname}: ${wordsOf(answer)}`, {
    hint: "Check the API token: it must be of this organisation, and of an administrator who may read users and groups",
    ...(answer.kind === "unanswered" ? { cause: answer.cause } : {}),
  });
}

function unreachable(answer: Answer, url: URL): FerryError {
  return new FerryError("SOURCE_UNREACHABLE", `${url.host} does not answer: ${wordsOf(answer)}`, {
    hint: "Check the host and the network, and repeat the command",
    ...(answer.kind === "unanswered" ? { cause: answer.cause } : {}),
  });
}
