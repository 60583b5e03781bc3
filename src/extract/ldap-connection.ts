import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectSecure, type ConnectionOptions } from "node:tls";
import type * as Ldapts from "ldapts";
import { interrupted } from "../core/ferry-error.ts";
import { damagedAnswer, noAnswer, refusedBy, unreachable } from "./ldap-error.ts";
import { BATCH_BYTES, BATCH_ROWS, MAX_USER_BYTES } from "./source.ts";

/** The package whose messages are sent and read. */
export type Driver = typeof Ldapts;

/** Where a directory is, and how it is spoken to. */
export interface LdapAddress {
  readonly host: string;
  readonly port: number;
  /** Encrypted from the first byte (ldaps), from a StartTLS on, or not at all. */
  readonly encryption: "ldaps" | "starttls" | "none";
  /** The certificates of the authorities that are trusted, as PEM; those of Node when undefined. */
  readonly authorities: string | undefined;
}

/** What is asked of a search. */
export interface LdapSearch {
  readonly base: string;
  readonly scope: "base" | "sub";
  readonly filter: Ldapts.Filter;
  readonly attributes: readonly string[];
}

/** Milliseconds that setting up a connection may take. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Milliseconds without a word while an answer is due; Active Directory works on a query for up to 120 seconds. */
const ANSWER_TIMEOUT_MS = 150_000;
/** Entries a page holds; Active Directory gives 1,000 at the most. */
const PAGE_ENTRIES = 500;
/** Bytes that one message may have: an entry with its pictures, which are not kept. */
const MAX_ENTRY_BYTES = 2 * MAX_USER_BYTES;
/** With which every message of LDAP begins (RFC 4511, 5.1). */
const FIRST_BYTE = 0x30;

const START_TLS = "1.3.6.1.4.1.1466.20037";
const SUCCESS = 0;

/** What has come of an answer so far. */
interface Answer {
  entries: Ldapts.SearchEntry[];
  /** What came since the entries were taken last. */
  bytes: number;
  result: Ldapts.MessageResponse | undefined;
  trouble: Error | undefined;
  /** Tells who waits that there is something new. */
  wake: () => void;
}

/**
 * A connection to a directory, for one question at a time. The messages are those of ldapts; its client is not used, as it
 * ends a paged search at a page without entries, connects again without its credentials, and waits for ever for what is no
 * LDAP. Throws SOURCE_UNREACHABLE, SOURCE_REFUSED, and INTERRUPTED once the signal is aborted, which closes it.
 */
export class LdapConnection implements AsyncDisposable {
  readonly #driver: Driver;
  readonly #address: LdapAddress;
  readonly #signal: AbortSignal | undefined;
  readonly #parser: Ldapts.MessageParser;
  #socket: Socket;
  #messageId = 0;
  #answer: Answer | undefined;
  #trouble: Error | undefined;
  /** Bytes that came since the last whole message. */
  #bytes = 0;
  #hasSpoken = false;

  static async open(
    driver: Driver,
    address: LdapAddress,
    signal: AbortSignal | undefined,
  ): Promise<LdapConnection> {
    const { host, port, encryption } = address;
    const socket =
      encryption === "ldaps"
        ? await connected(() => connectSecure({ host, port, ...tlsOptions(address) }), "secureConnect", {
            address,
            signal,
          })
        : await connected(() => connectPlain({ host, port }), "connect", { address, signal });
    const connection = new LdapConnection(driver, address, { socket, signal });
    if (encryption !== "starttls") return connection;
    try {
      await connection.#startTls();
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(
    driver: Driver,
    address: LdapAddress,
    { socket, signal }: { readonly socket: Socket; readonly signal: AbortSignal | undefined },
  ) {
    this.#driver = driver;
    this.#address = address;
    this.#signal = signal;
    this.#socket = socket;
    this.#parser = new driver.MessageParser();
    this.#parser.on("message", (message) => this.#takeMessage(message));
    this.#parser.on("error", (error) => this.#fail(damagedAnswer(address, error)));
    this.#listen(socket);
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted === true) this.#abort();
  }

  /** Identifies with a name and a password. */
  async bind(dn: string, password: string): Promise<void> {
    const result = await this.#ask(new this.#driver.BindRequest({ messageId: this.#nextId(), dn, password }));
    if (result.status !== SUCCESS)
      throw refusedBy(this.#driver, result, { what: "bind", address: this.#address });
  }

  /** The entries that a search finds, some hundred at a time; references to other servers are passed over. */
  async *search(search: LdapSearch): AsyncGenerator<readonly Ldapts.SearchEntry[]> {
    const { PagedResultsControl, SearchRequest } = this.#driver;
    const paging = new PagedResultsControl({ value: { size: PAGE_ENTRIES } });
    const controls = search.scope === "base" ? [] : [paging];
    for (;;) {
      const { base: baseDN, scope, filter, attributes } = search;
      const request = new SearchRequest({
        messageId: this.#nextId(),
        baseDN,
        scope,
        filter,
        attributes: [...attributes],
        // None of ours: the server has its own.
        timeLimit: 0,
        controls,
      });
      const answer = this.#send(request);
      for (
        let entries = await this.#take(answer);
        entries !== undefined;
        entries = await this.#take(answer)
      ) {
        yield entries;
      }
      const { result } = answer;
      if (result === undefined || result.status !== SUCCESS) {
        throw refusedBy(this.#driver, result, { what: "search", address: this.#address });
      }
      // A page can be empty and not the last one: the cookie alone says so (RFC 2696).
      const page = result.controls?.find((control) => control instanceof PagedResultsControl);
      const cookie = page?.value?.cookie;
      if (cookie === undefined || cookie.length === 0) return;
      paging.value = { size: PAGE_ENTRIES, cookie };
    }
  }

  /** Says goodbye, and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    const socket = this.#socket;
    if (socket.destroyed) return;
    socket.removeAllListeners("error");
    socket.on("error", () => undefined);
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
    });
    const request = new this.#driver.UnbindRequest({ messageId: this.#nextId() });
    socket.end(request.write(), () => socket.destroy());
    // What is still to be read would keep it open.
    socket.resume();
    if (this.#answer !== undefined) socket.destroy();
    await closed;
  }

  readonly #abort = (): void => this.#fail(interrupted());

  #nextId(): number {
    this.#messageId += 1;
    return this.#messageId;
  }

  #listen(socket: Socket): void {
    socket.on("data", (bytes: Buffer) => this.#takeBytes(bytes));
    socket.on("error", (error) => this.#fail(unreachable(this.#address, error)));
    socket.on("close", () => this.#fail(noAnswer(this.#address, "it closed the connection")));
  }

  async #startTls(): Promise<void> {
    const request = new this.#driver.ExtendedRequest({ messageId: this.#nextId(), oid: START_TLS });
    const result = await this.#ask(request);
    if (result.status !== SUCCESS) {
      throw refusedBy(this.#driver, result, { what: "StartTLS", address: this.#address });
    }
    const plain = this.#socket;
    plain.removeAllListeners("data").removeAllListeners("error").removeAllListeners("close");
    const secured = (): Socket =>
      connectSecure({ socket: plain, host: this.#address.host, ...tlsOptions(this.#address) });
    try {
      this.#socket = await connected(secured, "secureConnect", {
        address: this.#address,
        signal: this.#signal,
      });
    } catch (error) {
      plain.destroy();
      throw error;
    }
    this.#listen(this.#socket);
  }

  /** Sends a question that has one message as its answer. */
  async #ask(request: Ldapts.BindRequest | Ldapts.ExtendedRequest): Promise<Ldapts.MessageResponse> {
    const answer = this.#send(request);
    while ((await this.#take(answer)) !== undefined) continue;
    if (answer.result === undefined) throw new Error("an answer ended without its result");
    return answer.result;
  }

  #send(request: Ldapts.BindRequest | Ldapts.ExtendedRequest | Ldapts.SearchRequest): Answer {
    const answer: Answer = {
      entries: [],
      bytes: 0,
      result: undefined,
      trouble: this.#trouble,
      wake: () => undefined,
    };
    this.#answer = answer;
    if (answer.trouble === undefined) this.#socket.write(request.write());
    return answer;
  }

  /** The entries that have come; waits for some, and gives undefined at the end of the answer. */
  async #take(answer: Answer): Promise<readonly Ldapts.SearchEntry[] | undefined> {
    for (;;) {
      if (answer.trouble !== undefined) throw answer.trouble;
      if (answer.entries.length > 0 && (isFull(answer) || answer.result !== undefined)) {
        const { entries } = answer;
        answer.entries = [];
        answer.bytes = 0;
        return entries;
      }
      if (answer.result !== undefined) {
        if (this.#answer === answer) this.#answer = undefined;
        return undefined;
      }
      await this.#wait(answer);
    }
  }

  async #wait(answer: Answer): Promise<void> {
    this.#socket.resume();
    const timer = setTimeout(
      () => this.#fail(noAnswer(this.#address, `it said nothing for ${ANSWER_TIMEOUT_MS / 1000} seconds`)),
      ANSWER_TIMEOUT_MS,
    );
    try {
      await new Promise<void>((resolve) => {
        answer.wake = resolve;
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #takeBytes(bytes: Buffer): void {
    // Something else answers, whose words would be taken for the length of a message and waited for.
    if (!this.#hasSpoken && bytes[0] !== FIRST_BYTE) this.#fail(damagedAnswer(this.#address, undefined));
    this.#hasSpoken = true;
    this.#bytes += bytes.length;
    if (this.#answer !== undefined) this.#answer.bytes += bytes.length;
    this.#parser.read(bytes, new Map());
    if (this.#bytes > MAX_ENTRY_BYTES) this.#fail(damagedAnswer(this.#address, undefined));
    const answer = this.#answer;
    if (answer === undefined) return;
    if (isFull(answer)) this.#socket.pause();
    answer.wake();
  }

  #takeMessage(message: Ldapts.MessageResponse): void {
    this.#bytes = 0;
    const answer = this.#answer;
    if (message.messageId === 0 || answer === undefined) return;
    if (message instanceof this.#driver.SearchEntry) answer.entries.push(message);
    else if (!(message instanceof this.#driver.SearchReference)) answer.result = message;
  }

  /** Ends whatever is going on, and all that is asked later. */
  #fail(error: Error): void {
    this.#trouble ??= error;
    this.#socket.destroy();
    const answer = this.#answer;
    if (answer === undefined) return;
    answer.trouble ??= this.#trouble;
    answer.wake();
  }
}

/** Whether so much waits for its reader that nothing more is read from the network. */
function isFull({ entries, bytes }: Answer): boolean {
  return entries.length >= BATCH_ROWS || (entries.length > 0 && bytes >= BATCH_BYTES);
}

function tlsOptions({ host, authorities }: LdapAddress): ConnectionOptions {
  return {
    // The name that the certificate must have; an IP address is compared by `host`.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(authorities === undefined ? {} : { ca: authorities }),
    minVersion: "TLSv1.2",
  };
}

async function connected(
  begin: () => Socket,
  event: "connect" | "secureConnect",
  { address, signal }: { readonly address: LdapAddress; readonly signal: AbortSignal | undefined },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = begin();
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      socket.removeListener("error", fail).removeListener("close", close);
    };
    const refuse = (error: Error): void => {
      settle();
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const fail = (error: Error): void => refuse(unreachable(address, error));
    const abort = (): void => refuse(interrupted());
    const close = (): void => fail(withCode("ECONNRESET"));
    const timer = setTimeout(() => fail(withCode("ETIMEDOUT")), CONNECT_TIMEOUT_MS);
    socket.once("error", fail).once("close", close);
    socket.once(event, () => {
      settle();
      resolve(socket);
    });
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
  });
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
