import type { TextFile } from "./text-file.ts";

const QUOTE = 0x22;
const STAR = 0x2a;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The same file with spaces in place of comments as JavaScript has them, `//` and `/*`; those in strings stay. */
export function withoutComments(file: TextFile): TextFile {
  return { ...file, head: withoutCommentsIn(file.head), blocks: () => blankAll(file.blocks()) };
}

/** The text with spaces in place of comments; it may stop anywhere. */
export function withoutCommentsIn(text: string): string {
  if (!text.includes("/")) return text;
  const blanker = new CommentBlanker();
  return Buffer.concat([blanker.blank(Buffer.from(text)), blanker.rest()]).toString("utf8");
}

async function* blankAll(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const blanker = new CommentBlanker();
  for await (const block of blocks) yield blanker.blank(block);
  const rest = blanker.rest();
  if (rest.length > 0) yield rest;
}

type State = "json" | "string" | "line" | "block";

/** Blanks comments in a text that comes in blocks. Lines stay where they are. */
class CommentBlanker {
  #state: State = "json";
  /** The byte before in the same state, as far as two of them mean something: a slash, a star, a backslash. */
  #before = 0;

  /** The block without its comments; a slash at its end is held, as the next block says whether it begins one. */
  blank(block: Buffer): Buffer {
    const text = this.#isSlashHeld ? Buffer.concat([SLASH_BYTES, block]) : Buffer.from(block);
    for (let at = this.#isSlashHeld ? 1 : 0; at < text.length; at += 1) this.#step(text, at);
    return this.#isSlashHeld ? text.subarray(0, -1) : text;
  }

  /** What was held when the text ended. */
  rest(): Buffer {
    return this.#isSlashHeld ? SLASH_BYTES : Buffer.alloc(0);
  }

  get #isSlashHeld(): boolean {
    return this.#state === "json" && this.#before === SLASH;
  }

  #step(text: Buffer, at: number): void {
    const byte = text[at] ?? 0;
    switch (this.#state) {
      case "json":
        this.#stepInJson(text, at, byte);
        return;
      case "string":
        if (byte === QUOTE && this.#before !== BACKSLASH) this.#enter("json");
        // A backslash that is escaped itself escapes nothing.
        else this.#before = byte === BACKSLASH && this.#before !== BACKSLASH ? BACKSLASH : 0;
        return;
      case "line":
        if (byte === LINE_FEED || byte === CARRIAGE_RETURN) this.#enter("json");
        else text[at] = SPACE;
        return;
      case "block":
        if (byte !== LINE_FEED && byte !== CARRIAGE_RETURN) text[at] = SPACE;
        if (byte === SLASH && this.#before === STAR) this.#enter("json");
        else this.#before = byte;
    }
  }

  #stepInJson(text: Buffer, at: number, byte: number): void {
    if (this.#before === SLASH && (byte === SLASH || byte === STAR)) {
      text[at - 1] = SPACE;
      text[at] = SPACE;
      this.#enter(byte === SLASH ? "line" : "block");
    } else if (byte === QUOTE) this.#enter("string");
    else this.#before = byte;
  }

  #enter(state: State): void {
    this.#state = state;
    this.#before = 0;
  }
}

const SLASH_BYTES = Buffer.from("/");
