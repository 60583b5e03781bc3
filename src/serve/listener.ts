import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FerryError } from "../core/ferry-error.ts";

/** An address to listen at. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** What a path answers with. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The paths that are served, each with what it answers to GET and HEAD. */
export type Pages = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** A server that listens; dispose it to close it with all its connections. */
export interface Listener extends AsyncDisposable {
  /** Such as http://127.0.0.1:9464. */
  readonly url: string;
}

/** Port, host:port, or [IPv6]:port. */
const ADDRESS = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]\s]+)):)?(\d{1,5})$/i;

/** Who asks may take so long to say what, and to take the answer. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Reads `PORT`, `HOST:PORT` or `[IPV6]:PORT`. Without a host it is the loopback interface: nothing listens on others unless
 * they are named. Throws USAGE.
 */
export function readListenAddress(text: string): ListenAddress {
  const [, ipv6, name, digits = ""] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535 || name === "*") {
    throw new FerryError("USAGE", `--listen ${text} is no address to listen at`, {
      hint: "Use 127.0.0.1:9464, or 0.0.0.0:9464 to be reached from other machines",
    });
  }
  return { host: ipv6 ?? name ?? "127.0.0.1", port };
}

/** Serves pages over HTTP. Throws USAGE where the address cannot be used. */
export async function startListener(address: ListenAddress, pages: Pages): Promise<Listener> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    // A page that cannot be made ends its own request and nothing else.
    reply(request, response, pages).catch(() => response.destroy());
  });
  server.listen({ host: address.host, port: address.port });
  try {
    await once(server, "listening");
  } catch (error) {
    throw listenTrouble(error, address);
  }
  return { url: urlOf(server), [Symbol.asyncDispose]: () => close(server) };
}

async function reply(request: IncomingMessage, response: ServerResponse, pages: Pages): Promise<void> {
  const { status, type, body, ...headers } = await answerTo(request, pages);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answerTo(
  { method, url = "/" }: IncomingMessage,
  pages: Pages,
): Promise<Answer & { readonly allow?: string }> {
  const [path = "/"] = url.split("?");
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (page === undefined) return text(404, `There are: ${Object.keys(pages).join(", ")}`);
  if (method !== "GET" && method !== "HEAD") return { ...text(405, "Use GET"), allow: "GET, HEAD" };
  return page();
}

function text(status: number, line: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${line}\n` };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

function listenTrouble(error: unknown, { host, port }: ListenAddress): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EADDRINUSE" || code === "EACCES") {
    const why = code === "EADDRINUSE" ? "is in use" : "may not be used";
    return new FerryError("USAGE", `Port ${port} of ${host} ${why}`, {
      hint: "Choose another one with --listen, or do without health and metrics with --no-listen",
      cause: error,
    });
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new FerryError("USAGE", `--listen: ${host} is no address of this machine`, {
      hint: "Use 127.0.0.1, or 0.0.0.0 for all addresses",
      cause: error,
    });
  }
  return error;
}
