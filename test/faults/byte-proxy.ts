import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { operationOf } from "../support/proxy/check-exchange.ts";
import { MessageReader, type Message } from "../support/proxy/message-reader.ts";

/** What the network does to one request or its answer, below HTTP or beside it. */
export type ByteFault =
  /** The connection is reset before any byte of the request reaches the server. */
  | "reset-unsent"
  /** The connection is reset when the server has a part of the request. */
  | "reset-in-request"
  /** The server's whole answer is swallowed, and the connection reset. */
  | "reset-answered"
  /** The connection is closed in the middle of the answer's head. */
  | "cut-in-head"
  /** The answer says its body's length, half of the body comes, and the connection is closed. */
  | "cut-in-body"
  /** Half of the body comes, with a head that says no more is to come: whole HTTP, and no whole JSON. */
  | "short-body"
  /** The answer comes whole, in many pieces, with waits between them. */
  | "drip"
  /** The request is swallowed, and the connection stays open. */
  | "black-hole-unsent"
  /** The server acts and answers, the answer is swallowed, and the connection stays open. */
  | "black-hole-answered"
  /** As with `reset-answered`, and for two seconds no connection is taken any more. */
  | "gone-for-a-while";

/** A fault for one request. */
interface PlannedByteFault {
  /** The API's name of the operation; uploads are `PutObject`. */
  readonly operation: string;
  /** 1 for the first request of the operation since the proxy was last cleared. */
  readonly number: number;
  readonly kind: ByteFault;
}

/** A TCP proxy before the emulator that can do to bytes what networks do. */
export interface ByteProxy extends AsyncDisposable {
  readonly url: string;
  /** Plans a fault. */
  plan(fault: PlannedByteFault): void;
  /** How many requests have met a fault since the last clearing. */
  readonly met: number;
  /** Forgets faults and counts, and cuts every connection. */
  clear(): Promise<void>;
}

const DRIP_PIECES = 25;
const DRIP_WAIT_MS = 30;
const GONE_MS = 2_000;

/** Starts the proxy before a server. */
export async function startByteProxy(targetUrl: string): Promise<ByteProxy> {
  const proxy = new Proxy(new URL(targetUrl));
  await proxy.listen(0);
  return proxy;
}

class Proxy implements ByteProxy {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  readonly #counts = new Map<string, number>();
  #faults: readonly PlannedByteFault[] = [];
  #server: Server | undefined;
  #port = 0;
  #returning: Promise<void> | undefined;
  met = 0;

  constructor(target: URL) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async listen(port: number): Promise<void> {
    const server = createServer({ noDelay: true }, (client) => this.#join(client));
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  plan(fault: PlannedByteFault): void {
    this.#faults = [...this.#faults, fault];
  }

  async clear(): Promise<void> {
    await this.#returning;
    this.#returning = undefined;
    this.#faults = [];
    this.#counts.clear();
    this.met = 0;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
    this.#server?.close();
  }

  /** Takes the fault of a request that has begun, if there is one. */
  begin(operation: string): ByteFault | undefined {
    const number = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, number);
    const fault = this.#faults.find((each) => each.operation === operation && each.number === number);
    if (fault !== undefined) this.met += 1;
    return fault?.kind;
  }

  /** Takes no connection for a while, and cuts those there are. */
  leaveForAWhile(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#returning = delay(GONE_MS).then(() => this.listen(this.#port));
  }

  #join(client: Socket): void {
    const upstream = connect({ host: this.#target.hostname, port: Number(this.#target.port), noDelay: true });
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      // Resets are what this is about.
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    }
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroySoon());
    Exchange.watch(this, client, upstream);
  }
}

/** One connection: a request at a time, as HTTP/1.1 clients without pipelining have it. */
class Exchange {
  readonly #proxy: Proxy;
  readonly #client: Socket;
  readonly #upstream: Socket;
  #fault: ByteFault | undefined;
  #held: Buffer[] = [];

  private constructor(proxy: Proxy, client: Socket, upstream: Socket) {
    this.#proxy = proxy;
    this.#client = client;
    this.#upstream = upstream;
  }

  /** Hands bytes from one side to the other, but for those of a request that meets a fault. */
  static watch(proxy: Proxy, client: Socket, upstream: Socket): void {
    new Exchange(proxy, client, upstream).#watch();
  }

  #watch(): void {
    const requests = new MessageReader("request", {
      onHead: (head) => (this.#fault = this.#proxy.begin(operationOf(head))),
      keepsBody: () => false,
      onMessage: () => undefined,
      onNonsense: () => undefined,
    });
    const answers = new MessageReader("response", {
      onMessage: (answer) => this.#answer(answer),
      onNonsense: () => undefined,
    });
    this.#client.on("data", (bytes: Buffer) => {
      requests.feed(bytes);
      this.#send(bytes);
    });
    this.#upstream.on("data", (bytes: Buffer) => {
      this.#held.push(bytes);
      if (this.#fault === undefined) this.#flush();
      answers.feed(bytes);
    });
  }

  #send(bytes: Buffer): void {
    if (this.#fault === "black-hole-unsent") return;
    if (this.#fault === "reset-unsent") this.#client.resetAndDestroy();
    else if (this.#fault === "reset-in-request") {
      this.#upstream.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => {
        this.#upstream.resetAndDestroy();
        this.#client.resetAndDestroy();
      });
    } else this.#upstream.write(bytes);
  }

  #flush(): void {
    for (const bytes of this.#held) this.#client.write(bytes);
    this.#held = [];
  }

  #answer(answer: Message): void {
    const fault = this.#fault;
    const whole = Buffer.concat(this.#held);
    this.#held = [];
    this.#fault = undefined;
    switch (fault) {
      case "reset-answered":
        this.#client.resetAndDestroy();
        return;
      case "gone-for-a-while":
        this.#proxy.leaveForAWhile();
        return;
      case "cut-in-head":
        this.#client.end(whole.subarray(0, 40));
        return;
      case "cut-in-body":
        this.#client.end(whole.subarray(0, whole.length - Math.ceil(answer.body.length / 2)));
        return;
      case "short-body":
        this.#client.write(shortened(answer));
        return;
      case "drip":
        void drip(this.#client, whole);
        return;
      case "black-hole-answered":
      // These let no answer come about, and without a fault it has gone out already.
      case "black-hole-unsent":
      case "reset-in-request":
      case "reset-unsent":
      case undefined:
        return;
    }
  }
}

function shortened({ startLine, headers, body }: Message): Buffer {
  const half = body.subarray(0, Math.floor(body.length / 2));
  const lines = [...headers]
    .filter(([name]) => name !== "content-length" && name !== "transfer-encoding")
    .map(([name, value]) => `${name}: ${value}`);
  const head = [startLine, ...lines, `content-length: ${half.length}`, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), half]);
}

async function drip(socket: Socket, whole: Buffer): Promise<void> {
  const size = Math.ceil(whole.length / DRIP_PIECES);
  for (let start = 0; start < whole.length && !socket.destroyed; start += size) {
    socket.write(whole.subarray(start, start + size));
    await delay(DRIP_WAIT_MS);
  }
}
