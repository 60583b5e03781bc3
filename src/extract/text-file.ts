import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import { FerryError } from "../core/ferry-error.ts";
import { kindOfBinary, startsWith } from "./binary-kind.ts";
import { COMPRESSIONS, decompress, isZstdWhole, type Bytes, type Compression } from "./decompress.ts";
import { truncated } from "./truncated.ts";

/** Bytes of text that are looked at before a format is decided. */
const HEAD_BYTES = 256 * 1024;
/** What a block becomes, its rows, should die in the young generation, which may be 1 MB. */
const READ_BYTES = 64 * 1024;

/** A text file that was opened: its first text, and all of it in blocks cut at character boundaries. */
export interface TextFile {
  readonly path: string;
  /** The first {@link HEAD_BYTES} of text, or all of a smaller file. */
  readonly head: string;
  /** Whether `head` is the whole file. */
  readonly isWhole: boolean;
  /** How the file was stored, for the operator: "UTF-16, gzip", or empty for plain UTF-8. */
  readonly encoding: string;
  /** The whole text as UTF-8 without byte-order mark. May be read once. */
  blocks(): AsyncIterable<Buffer>;
  /** Closes the file, also when it was never read; does nothing to a closed one. */
  close(): Promise<void>;
}

/** Mends what a format does to UTF-8, before that is checked. */
export type MendText = (bytes: AsyncIterable<Buffer>) => Bytes;

/** Opens a text file and the source over it; a file that the source refuses is closed again. See {@link openTextFile}. */
export async function openFromTextFile<T>(
  path: string,
  openSource: (file: TextFile) => T | Promise<T>,
  mend?: MendText,
): Promise<T> {
  const file = await openTextFile(path, mend);
  try {
    return await openSource(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens a text file that may be gzip or zstd compressed and in UTF-8 or, with a byte-order mark, UTF-16; both are
 * recognised by content. Throws SOURCE_NOT_FOUND, SOURCE_FORMAT (not text), and while reading SOURCE_TRUNCATED
 * (the compressed stream ends early) or SOURCE_ENCODING (not the encoding it seems to be).
 */
export async function openTextFile(
  path: string,
  mend: MendText = (bytes) => bytes as Bytes,
): Promise<TextFile> {
  const bytes = await readBytes(path);
  const stored = await bytes.next();
  const firstBytes = stored.done === true ? Buffer.alloc(0) : stored.value;
  const kind = kindOfBinary(firstBytes);
  if (kind !== undefined) {
    await bytes.return(undefined);
    throw notText(path, kind);
  }
  const compression = compressionOf(firstBytes);
  if (compression?.name === "zstd" && !isZstdWhole()) {
    await bytes.return(undefined);
    throw new FerryError(
      "SOURCE_FORMAT",
      `${path} is a zstd file, which Node ${process.versions.node} does not read to its end`,
      {
        hint: "Unpack it first (zstd -d FILE), or use Node 26",
      },
    );
  }
  const stream = prepend(firstBytes, bytes);
  const plain = compression === undefined ? stream : decompress(path, stream, compression);
  const { head, rest } = await takeHead(plain);
  const mark = byteOrderMark(head);
  const text = checkedText(path, mend(decode(path, prepend(head, rest), mark)));
  // Asked before the encoding is checked: UTF-16 without a mark is seldom valid UTF-8 as well.
  const refusal = refusalOf(path, head, { compression, mark });
  if (refusal !== undefined) {
    await rest.return(undefined);
    throw refusal;
  }
  const firstText = await takeHead(text);
  let isRead = false;
  return {
    path,
    head: firstText.head.toString("utf8"),
    isWhole: firstText.isWhole,
    encoding: [mark?.name, compression?.name].filter((name) => name !== undefined).join(", "),
    async *blocks() {
      if (isRead) throw new Error(`${path} is being read twice`);
      isRead = true;
      yield* prepend(firstText.head, firstText.rest);
    },
    close: async () => {
      await firstText.rest.return(undefined);
    },
  };
}

interface Storage {
  readonly compression: Compression | undefined;
  readonly mark: ByteOrderMark | undefined;
}

/** Why what a file holds, unpacked, is no text; undefined when its beginning does not tell. */
function refusalOf(path: string, head: Buffer, { compression, mark }: Storage): FerryError | undefined {
  const kind = kindOfBinary(head);
  if (kind !== undefined) return notText(path, kind);
  const inner = compression === undefined ? undefined : compressionOf(head);
  if (inner !== undefined) return notText(path, `a ${inner.name} file within ${compression?.name}`);
  return mark?.encoding === undefined && head.includes(0) ? holdsNul(path, undefined) : undefined;
}

function notText(path: string, kind: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is ${kind}, not a text file`, {
    hint: kind.includes("SQLite")
      ? "Read it with --from sqlite:PATH, and source.query or source.preset in the config"
      : "Unpack it, or export it as CSV or JSON in UTF-8; gzip and zstd are read as they are",
  });
}

function compressionOf(bytes: Buffer): Compression | undefined {
  return COMPRESSIONS.find(({ magic }) => startsWith(bytes, magic));
}

function holdsNul(path: string, line: number | undefined): FerryError {
  const where = line === undefined ? "" : ` (line ${line})`;
  return new FerryError("SOURCE_FORMAT", `${path} holds NUL bytes${where}, so it is not a text file`, {
    hint: "If it is UTF-16 without a byte-order mark, save it as UTF-8; if it is a database or a backup, export it as CSV or JSON",
  });
}

async function readBytes(path: string): Promise<Bytes> {
  const handle = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    throw notReadable(path, error);
  });
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw new FerryError("SOURCE_NOT_FOUND", `${path} is a folder, not a file`, {
      hint: `Name one file of it, or a pattern in quotes for several: '${path}/*.json'`,
    });
  }
  return (async function* () {
    // The stream closes the handle, also when the reader stops early.
    for await (const block of handle.createReadStream({ highWaterMark: READ_BYTES })) yield block as Buffer;
  })();
}

function notReadable(path: string, error: NodeJS.ErrnoException): FerryError {
  return error.code === "ENOENT"
    ? new FerryError("SOURCE_NOT_FOUND", `There is no file ${path}`, {
        hint: "Check the path",
        cause: error,
      })
    : new FerryError("SOURCE_NOT_FOUND", `${path} cannot be read (${error.code ?? error.message})`, {
        hint: "Check the file's permissions",
        cause: error,
      });
}

interface ByteOrderMark {
  readonly name: string;
  readonly length: number;
  readonly encoding: "utf-16le" | "utf-16be" | undefined;
}

function byteOrderMark(head: Buffer): ByteOrderMark | undefined {
  if (startsWith(head, [0xef, 0xbb, 0xbf]))
    return { name: "UTF-8 with byte-order mark", length: 3, encoding: undefined };
  if (startsWith(head, [0xff, 0xfe])) return { name: "UTF-16LE", length: 2, encoding: "utf-16le" };
  if (startsWith(head, [0xfe, 0xff])) return { name: "UTF-16BE", length: 2, encoding: "utf-16be" };
  return undefined;
}

async function* decode(path: string, bytes: Bytes, mark: ByteOrderMark | undefined): Bytes {
  const unmarked = withoutMark(bytes, mark?.length ?? 0);
  yield* mark?.encoding === undefined ? unmarked : decodeUtf16(path, unmarked, mark.encoding);
}

async function* withoutMark(bytes: Bytes, length: number): Bytes {
  let skip = length;
  for await (const block of bytes) {
    yield block.subarray(skip);
    skip = 0;
  }
}

/** Turns UTF-16 into UTF-8. A half character is refused, not replaced: what stood there would be lost unseen. */
async function* decodeUtf16(path: string, bytes: Bytes, encoding: "utf-16le" | "utf-16be"): Bytes {
  let held = Buffer.alloc(0);
  let lines = 0;
  for await (const block of bytes) {
    const stored = Buffer.concat([held, block]);
    if (encoding === "utf-16be") stored.subarray(0, stored.length & ~1).swap16();
    const end = lastUtf16End(stored);
    const text = stored.toString("utf16le", 0, end);
    held = Buffer.from(stored.subarray(end));
    // What is held comes round again, so it goes back to the order in which it is stored.
    if (encoding === "utf-16be") held.subarray(0, held.length & ~1).swap16();
    if (!text.isWellFormed()) throw notUtf16(path, text, lines);
    const utf8 = Buffer.from(text, "utf8");
    lines += countLines(utf8);
    yield utf8;
  }
  if (held.length > 0) throw truncated(path, "it ends in the middle of a character");
}

/** Where the last whole character of little-endian UTF-16 ends: before an odd byte and before half a surrogate pair. */
function lastUtf16End(stored: Buffer): number {
  const end = stored.length & ~1;
  if (end === 0) return 0;
  const isHighSurrogate = ((stored[end - 1] ?? 0) & 0xfc) === 0xd8;
  return isHighSurrogate ? end - 2 : end;
}

function notUtf16(path: string, text: string, linesBefore: number): FerryError {
  const good = text.slice(0, text.search(/\p{Surrogate}/u));
  const line = linesBefore + countLines(Buffer.from(good)) + 1;
  return new FerryError(
    "SOURCE_ENCODING",
    `${path} is not UTF-16 text: line ${line} holds half a character`,
    {
      hint: "Save it as UTF-8",
    },
  );
}

/**
 * Passes UTF-8 on in blocks that end at a character's end, and refuses anything else; and NUL, which no text has, but a
 * damaged or half-written file.
 */
async function* checkedText(path: string, bytes: Bytes): Bytes {
  let held = Buffer.alloc(0);
  let lines = 0;
  for await (const block of bytes) {
    const text = held.length === 0 ? block : Buffer.concat([held, block]);
    const end = lastCharacterEnd(text);
    const whole = text.subarray(0, end);
    if (!isUtf8(whole)) throw notUtf8(path, whole, lines);
    const nul = whole.indexOf(0);
    if (nul !== -1) throw holdsNul(path, lines + countLines(whole.subarray(0, nul)) + 1);
    lines += countLines(whole);
    held = Buffer.from(text.subarray(end));
    if (whole.length > 0) yield whole;
  }
  if (held.length > 0) throw truncated(path, `it ends in the middle of a character, in line ${lines + 1}`);
}

/** Where the last whole character ends: at most three bytes before the block's end. */
function lastCharacterEnd(text: Buffer): number {
  for (let back = 1; back <= Math.min(3, text.length); back += 1) {
    const byte = text[text.length - back] ?? 0;
    if (byte < 0x80) return text.length;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? text.length - back : text.length;
  }
  return text.length;
}

function notUtf8(path: string, block: Buffer, linesBefore: number): FerryError {
  let good = 0;
  let bad = block.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    const end = lastCharacterEnd(block.subarray(0, middle));
    if (isUtf8(block.subarray(0, end))) good = middle;
    else bad = middle;
  }
  const line = linesBefore + countLines(block.subarray(0, good)) + 1;
  return new FerryError("SOURCE_ENCODING", `${path} is not UTF-8 text: line ${line} holds other bytes`, {
    hint: "Save it as UTF-8 (for a Windows or Latin-1 file: iconv -f WINDOWS-1252 -t UTF-8 FILE)",
  });
}

function countLines(block: Buffer): number {
  let lines = 0;
  for (let at = block.indexOf(10); at !== -1; at = block.indexOf(10, at + 1)) lines += 1;
  return lines;
}

async function takeHead(bytes: Bytes): Promise<{ head: Buffer; rest: Bytes; isWhole: boolean }> {
  const blocks: Buffer[] = [];
  let length = 0;
  let isWhole = false;
  while (length < HEAD_BYTES) {
    const next = await bytes.next();
    if (next.done === true) {
      isWhole = true;
      break;
    }
    blocks.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(blocks), rest: bytes, isWhole };
}

async function* prepend(first: Buffer, rest: Bytes): Bytes {
  try {
    if (first.length > 0) yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
