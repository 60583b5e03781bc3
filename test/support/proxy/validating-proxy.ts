import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";

import { checkExchange, languageOf, operationOf, type Asked } from "./check-exchange.ts";
import type { Violation } from "./check-shape.ts";
import { MessageReader, type Message } from "./message-reader.ts";

/** How the proxy stands before a server. */
export interface ProxySettings {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** Whether a test itself has spoilt this answer, which then says nothing of the server. */
  readonly isSpoilt?: (operation: string, answer?: Message) => boolean;
  readonly report: (violation: Violation) => void;
}

/** A proxy that stands before a server. */
export interface Proxy {
  readonly url: string;
  /** Takes no further connections. */
  stopListening(): void;
  close(): Promise<void>;
}

/**
 * Starts a proxy before a server of AWS's APIs, which holds every exchange against AWS's API model.
 *
 * It hands on bytes, not messages, and reads along: resets, dropped and held answers, 100-continue, chunks and
 * early ends reach the other side as they are, and the Host header stays the client's.
 */
export async function startValidatingProxy(targetUrl: string, settings: ProxySettings): Promise<Proxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({
      host: target.hostname.replaceAll(/[[\]]/g, ""),
      port: Number(target.port),
      allowHalfOpen: true,
      noDelay: true,
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    }
    join(client, upstream, readAlong(client, upstream, settings));
  });
  const host = settings.host ?? "127.0.0.1";
  server.listen(settings.port ?? 0, host);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    stopListening: () => void (server.listening && server.close()),
    close: () => closeAll(server, sockets),
  };
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (server.listening) server.close();
  const open = [...sockets].map((socket) => once(socket, "close"));
  for (const socket of sockets) socket.destroy();
  await Promise.all(open);
}

/** Hands each side's bytes to the other, and the way each ends. */
function join(client: Socket, upstream: Socket, isAnswered: () => boolean): void {
  client.pipe(afterReading()).pipe(upstream);
  upstream.pipe(client);
  client.on("error", () => upstream.resetAndDestroy());
  client.on("close", () => upstream.destroySoon());
  // A server may answer and hang up in the middle of an upload: a reset would overtake the answer.
  const letFinish = () => void client.end().resume();
  upstream.on("error", () => (isAnswered() ? letFinish() : client.resetAndDestroy()));
  upstream.on("close", () => (isAnswered() ? letFinish() : client.destroySoon()));
}

/**
 * Hands bytes on only when what has come in is read. The server may have answered and hung up already: writing to
 * it first would fail, and take the answer along that waits to be read.
 */
function afterReading(): Transform {
  return new Transform({
    transform: (bytes, _, done) => void setImmediate(() => done(null, bytes)),
  });
}

/** Reads what is said on a connection, and tells whether everything asked so far has been answered. */
function readAlong(client: Socket, upstream: Socket, { isSpoilt, report }: ProxySettings): () => boolean {
  const waiting: { asked: Asked }[] = [];
  let isCutOff = false;
  let hasHungUp = false;
  const check = (asked: Asked, answer: Message) => {
    const operation = operationOf(asked);
    if (isSpoilt?.(operation, answer) === true) return;
    for (const { kind, detail } of checkExchange({ asked, answer })) {
      report({ kind, detail: `${operation}: ${detail}` });
    }
  };
  const requests = new MessageReader("request", {
    onHead: (head) => waiting.push({ asked: head }),
    keepsBody: (head) => languageOf(head) !== "storage",
    onMessage: (message) => {
      const open = waiting.find(({ asked }) => asked.body === undefined);
      if (open !== undefined) open.asked = message;
    },
    // A test may send anything.
    onNonsense: () => undefined,
  });
  const answers = new MessageReader("response", {
    onMessage: (answer) => {
      if (/ 1\d\d\b/.test(answer.startLine)) return;
      const asked = waiting.shift()?.asked;
      // Node itself answers what is no HTTP, or what ends too early.
      if (asked !== undefined && !(isCutOff && asked.body === undefined)) check(asked, answer);
    },
    onNonsense: (what) => report({ kind: "http", detail: what }),
  });
  client.on("data", (bytes: Buffer) => requests.feed(bytes));
  client.on("end", () => (isCutOff = true));
  for (const event of ["error", "close"]) client.on(event, () => (hasHungUp ||= !upstream.destroyed));
  upstream.on("data", (bytes: Buffer) => answers.feed(bytes));
  upstream.on("close", () => {
    const [cut] = waiting;
    // A client that has hung up itself misses nothing.
    if (answers.end() === "between messages" || cut === undefined || hasHungUp) return;
    const operation = operationOf(cut.asked);
    if (isSpoilt?.(operation) !== true)
      report({ kind: "cut", detail: `${operation}: an answer without its end` });
  });
  return () => waiting.length === 0;
}
