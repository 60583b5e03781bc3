/** One HTTP message as it stood on the wire. */
export interface Message {
  readonly startLine: string;
  /** By lower-case name; the last of several wins. */
  readonly headers: ReadonlyMap<string, string>;
  /** What the body's own framing says: a length, chunks, or the end of the connection. */
  readonly framing: "length" | "chunked" | "close";
  readonly body: Buffer;
}

/** What becomes of the messages that are read. */
export interface MessageListener {
  /** The head of a message is there, its body is not yet. */
  readonly onHead?: (head: Omit<Message, "body">) => void;
  readonly onMessage: (message: Message) => void;
  /** Whether a body is wanted; if not it is read and forgotten. */
  readonly keepsBody?: (head: Omit<Message, "body">) => boolean;
  /** The bytes are no HTTP/1.1; nothing more will be read of them. */
  readonly onNonsense: (what: string) => void;
}

const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");
const LONGEST_HEAD = 256 * 1024;

/** Reads one direction of an HTTP/1.1 connection from its bytes, beside those who really use them. */
export class MessageReader {
  readonly #side: "request" | "response";
  readonly #listener: MessageListener;
  #unread: Buffer = Buffer.alloc(0);
  #head: Omit<Message, "body"> | undefined;
  #body: Buffer[] = [];
  /** Bytes of the body, or of its present chunk, still to come; nothing where the next chunk's size comes first. */
  #missing: number | undefined;
  #keepsBody = true;
  #chunks = 0;
  #isOver = false;

  constructor(side: "request" | "response", listener: MessageListener) {
    this.#side = side;
    this.#listener = listener;
  }

  /** Takes further bytes. */
  feed(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#unread = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes]);
    try {
      while (this.#head === undefined ? this.#readHead() : this.#readBody(this.#head));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#isOver = true;
      this.#listener.onNonsense(error.message);
    }
  }

  /** Whether the connection ended in the middle of a message. */
  end(): "between messages" | "in a message" {
    if (this.#head?.framing === "close") this.#finish(this.#head);
    return this.#isOver || (this.#head === undefined && this.#unread.length === 0)
      ? "between messages"
      : "in a message";
  }

  #readHead(): boolean {
    const end = this.#unread.indexOf(HEAD_END);
    if (end === -1) {
      if (!looksLikeHttp(this.#unread) || this.#unread.length > LONGEST_HEAD)
        throw new SyntaxError("no HTTP");
      return false;
    }
    const [startLine = "", ...lines] = this.#unread.toString("latin1", 0, end).split("\r\n");
    this.#unread = this.#unread.subarray(end + HEAD_END.length);
    const head = this.#headOf(startLine, new Map(lines.map(parseHeader)));
    this.#listener.onHead?.(head);
    this.#keepsBody = this.#listener.keepsBody?.(head) ?? true;
    this.#chunks = 0;
    this.#head = head;
    return true;
  }

  #headOf(startLine: string, headers: ReadonlyMap<string, string>): Omit<Message, "body"> {
    const isChunked = headers.get("transfer-encoding") === "chunked";
    const length = headers.get("content-length");
    if (isChunked && length !== undefined) throw new SyntaxError("a length and chunks at once");
    if (length !== undefined && !/^\d+$/.test(length)) throw new SyntaxError(`content-length: ${length}`);
    const isBare = this.#side === "request" || / (?:1\d\d|204|304)\b/.test(startLine);
    this.#missing = isChunked ? undefined : Number(length ?? (isBare ? 0 : Infinity));
    if (isChunked) return { startLine, headers, framing: "chunked" };
    return { startLine, headers, framing: this.#missing === Infinity ? "close" : "length" };
  }

  #readBody(head: Omit<Message, "body">): boolean {
    if (this.#missing === undefined) return this.#readChunkSize(head);
    const taken = this.#unread.subarray(0, Math.min(this.#missing, this.#unread.length));
    this.#unread = this.#unread.subarray(taken.length);
    this.#missing -= taken.length;
    if (taken.length > 0 && this.#keepsBody) this.#body.push(Buffer.from(taken));
    if (this.#missing > 0) return false;
    if (head.framing === "length") this.#finish(head);
    else this.#missing = undefined;
    return true;
  }

  #readChunkSize(head: Omit<Message, "body">): boolean {
    // The line end of the chunk before stands first.
    const start = this.#chunks > 0 ? LINE_END.length : 0;
    const end = this.#unread.indexOf(LINE_END, start);
    if (end === -1) return false;
    const size = Number.parseInt(this.#unread.toString("latin1", start, end), 16);
    if (Number.isNaN(size)) throw new SyntaxError("a chunk without a size");
    if (size === 0) {
      const last = this.#unread.indexOf(HEAD_END, Math.max(0, end));
      if (last === -1) return false;
      this.#unread = this.#unread.subarray(last + HEAD_END.length);
      this.#finish(head);
      return true;
    }
    this.#unread = this.#unread.subarray(end + LINE_END.length);
    this.#missing = size;
    this.#chunks += 1;
    return true;
  }

  #finish(head: Omit<Message, "body">): void {
    const body = Buffer.concat(this.#body);
    this.#head = undefined;
    this.#body = [];
    this.#listener.onMessage({ ...head, body });
  }
}

function looksLikeHttp(bytes: Buffer): boolean {
  return bytes.length === 0 || /^[A-Z]/.test(bytes.toString("latin1", 0, 1));
}

function parseHeader(line: string): [string, string] {
  const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/s.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new SyntaxError(`the header ${line}`);
  return [name.toLowerCase(), value];
}
