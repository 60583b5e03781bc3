import { FerryError } from "../core/ferry-error.ts";
import { MAX_USER_BYTES } from "./source.ts";

/** Takes a line without its folds and its end, and the line of the file at which it begins. */
export type TakeLine = (content: string, line: number) => void;

const FOLD = " ";

/**
 * Puts the lines of LDIF together (RFC 2849): one that begins with a space goes on with the line before it, be that a
 * comment. Memory holds one line. Throws SOURCE_FORMAT for one that no user can have.
 */
export class LdifLines {
  readonly #path: string;
  readonly #take: TakeLine;
  /** The pieces of the line of the file that has no end yet. */
  #open: string[] = [];
  #openLength = 0;
  /** The pieces of the line that may still go on; undefined before the first. */
  #pieces: string[] | undefined;
  #length = 0;
  #firstLine = 0;
  #line = 0;

  constructor(path: string, take: TakeLine) {
    this.#path = path;
    this.#take = take;
  }

  /** Reads on in the text. */
  read(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      this.#open.push(text.slice(start, end));
      this.#endLine();
      start = end + 1;
    }
    if (start === text.length) return;
    this.#open.push(text.slice(start));
    this.#openLength += text.length - start;
    this.#requireShort(this.#openLength);
  }

  /** Takes the text for ended. Whether its last line had an end. */
  finish(): boolean {
    const isEnded = this.#open.length === 0;
    if (!isEnded) this.#endLine();
    this.#giveLine();
    return isEnded;
  }

  #endLine(): void {
    const line = this.#open.length === 1 ? (this.#open[0] ?? "") : this.#open.join("");
    const content = line.endsWith("\r") ? line.slice(0, -1) : line;
    this.#open = [];
    this.#openLength = 0;
    this.#line += 1;
    if (this.#pieces !== undefined && content.startsWith(FOLD)) {
      this.#pieces.push(content.slice(1));
      this.#length += content.length;
      this.#requireShort(this.#length);
      return;
    }
    this.#giveLine();
    this.#pieces = [content];
    this.#length = content.length;
    this.#firstLine = this.#line;
  }

  #giveLine(): void {
    const pieces = this.#pieces;
    if (pieces === undefined) return;
    this.#pieces = undefined;
    this.#take(pieces.length === 1 ? (pieces[0] ?? "") : pieces.join(""), this.#firstLine);
  }

  #requireShort(length: number): void {
    if (length > MAX_USER_BYTES) throw tooLong(this.#path, this.#pieces === undefined ? 1 : this.#firstLine);
  }
}

/** The error of an entry, or a line of it, that is longer than any user. */
export function tooLong(path: string, line: number): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} has an entry of more than 16 MB at line ${line}`, {
    hint: "No user is that long: check that it is LDIF, and leave out large attributes of the export",
  });
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Mends characters of UTF-8 through whose bytes a line was folded, as some programs count bytes: the fold comes to stand
 * behind the character. No valid UTF-8 has what is looked for, the second half of a character behind a space.
 */
export async function* mendFolds(blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const block of blocks) {
    const bytes = held.length === 0 ? block : Buffer.concat([held, block]);
    const mended = mend(bytes);
    const end = heldFrom(mended);
    held = Buffer.from(mended.subarray(end));
    if (end > 0) yield mended.subarray(0, end);
  }
  if (held.length > 0) yield held;
}

/** As much as a fold through a character can need of what comes next. */
const HELD_BYTES = 8;

/** Where to stop when more bytes come: in front of a fold that stands at the very end. */
function heldFrom(bytes: Buffer): number {
  const fold = bytes.lastIndexOf(LINE_FEED);
  const isNear = fold >= bytes.length - HELD_BYTES && fold !== -1;
  if (!isNear) return bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  const before = bytes[fold - 1] === CARRIAGE_RETURN ? fold - 1 : fold;
  return Math.max(0, before);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function mend(bytes: Buffer): Buffer {
  let mended = bytes;
  for (let at = bytes.indexOf("\n "); at !== -1; at = bytes.indexOf("\n ", at + 1)) {
    let end = at + 2;
    while (end - at - 2 < 3 && isContinuation(bytes[end])) end += 1;
    if (end === at + 2) continue;
    if (mended === bytes) mended = Buffer.from(bytes);
    const start = bytes[at - 1] === CARRIAGE_RETURN ? at - 1 : at;
    const rest = bytes.subarray(at + 2, end);
    rest.copy(mended, start);
    bytes.copy(mended, start + rest.length, start, at + 2);
  }
  return mended;
}
