import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FerryError } from "../core/ferry-error.ts";

/** A page that hears of what goes on, with the policy of what it may load. */
export interface EventPage {
  readonly html: string;
  /** The value of its Content-Security-Policy header. */
  readonly policy: string;
}

/** A server of one page and of what it hears; dispose it to close it with all its connections. */
export interface EventServer extends AsyncDisposable {
  /** Where the page is, with the token that nobody can guess. */
  readonly url: string;
  /** Tells everyone who has the page open, and whoever opens it later, until there is something newer. */
  send(data: string): void;
}

const LOOPBACK = "127.0.0.1";

/** So many can have the page open at once. */
const MOST_READERS = 20;

/** Who asks may take so long to say what. */
const REQUEST_TIMEOUT_MS = 10_000;

/** What no other page and no other program of a browser is to make of an answer. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
} as const;

/**
 * Serves a page to this computer alone, which reads what happens from an event stream beside it. Who asks has to know the
 * address with its token, and to ask for it by the address of this computer, so that a page of another site reaches it
 * neither by guessing nor by a name that it points here. Nothing but reading is answered. Throws USAGE where the port cannot
 * be used.
 */
export async function serveEvents({
  port,
  page,
}: {
  /** 0 takes any free one. */
  readonly port: number;
  readonly page: EventPage;
}): Promise<EventServer> {
  const readers = new Readers();
  const token = randomBytes(18).toString("base64url");
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    response.on("error", () => response.destroy());
    answer(request, response, { token, page, readers });
  });
  server.listen({ host: LOOPBACK, port });
  try {
    await once(server, "listening");
  } catch (error) {
    throw portTrouble(error, port);
  }
  return {
    url: `http://${LOOPBACK}:${portOf(server)}/${token}/`,
    send: (data) => readers.send(data),
    async [Symbol.asyncDispose]() {
      await readers.end();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { token, page, readers }: { readonly token: string; readonly page: EventPage; readonly readers: Readers },
): void {
  const { method, url, headers } = request;
  const { localPort } = request.socket;
  if (headers.host !== `${LOOPBACK}:${localPort}` && headers.host !== `localhost:${localPort}`)
    refuse(response, 421, "This is not the address of this page");
  else if (method !== "GET") refuse(response, 405, "Use GET");
  else if (url === `/${token}/`) {
    response.writeHead(200, {
      ...HEADERS,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": page.policy,
    });
    response.end(page.html);
  } else if (url !== `/${token}/events`) refuse(response, 404, "There is nothing here");
  else if (!readers.add(response)) refuse(response, 503, "Too many have this page open");
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, {
    ...HEADERS,
    "content-type": "text/plain; charset=utf-8",
    ...(status === 405 ? { allow: "GET" } : {}),
  });
  response.end(`${words}\n`);
}

/** Those who have the page open. */
class Readers {
  readonly #open = new Set<ServerResponse>();
  #last: string | undefined;

  /** Takes a reader, unless there are too many. */
  add(response: ServerResponse): boolean {
    if (this.#open.size >= MOST_READERS) return false;
    this.#open.add(response);
    response.on("close", () => this.#open.delete(response));
    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream; charset=utf-8" });
    response.flushHeaders();
    if (this.#last !== undefined) response.write(eventOf(this.#last));
    return true;
  }

  send(data: string): void {
    this.#last = data;
    // Who does not take what was sent gets the next that there is room for: every one says all.
    for (const response of this.#open) if (!response.writableNeedDrain) response.write(eventOf(data));
  }

  /** Says that no more comes, and waits a moment until that was taken. */
  async end(): Promise<void> {
    const ends = [...this.#open].map((response) => {
      const closed = once(response, "close");
      response.end("event: end\ndata:\n\n");
      return closed;
    });
    const late = AbortSignal.timeout(LAST_WORD_MS);
    await Promise.race([Promise.all(ends), once(late, "abort")]);
  }
}

const LAST_WORD_MS = 1_000;

/** An event whose data is one line. */
const eventOf = (data: string): string => `data: ${data}\n\n`;

function portTrouble(error: unknown, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "EADDRINUSE" && code !== "EACCES") return error;
  const why = code === "EADDRINUSE" ? "is in use" : "may not be used";
  return new FerryError("USAGE", `Port ${port} of ${LOOPBACK} ${why}`, {
    hint: "Choose another one with --port, or leave it out for any that is free",
    cause: error,
  });
}
