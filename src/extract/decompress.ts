import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { FerryError } from "../core/ferry-error.ts";
import { truncated } from "./truncated.ts";

/** Bytes in blocks; stopping early closes what they come from. */
export type Bytes = AsyncGenerator<Buffer, void, undefined>;

/** A way in which a file can be compressed. */
export interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  readonly create: () => Transform & { readonly bytesWritten: number };
}

/** Recognised by content, not by name: people rename downloads. */
export const COMPRESSIONS: readonly Compression[] = [
  { name: "gzip", magic: [0x1f, 0x8b], create: () => createGunzip() },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], create: () => createZstdDecompress() },
];

/**
 * How many times its stored size a text may be, once it is larger than {@link FREE_BYTES}. Our own made-up users with
 * names of their own compress to a fifth or a tenth, those with consecutive numbers and nothing else of their own to a
 * 48th by gzip and a 169th by zstd at its level 15 (measured): every user takes some bytes. What is beyond was made to
 * fill a disk, as the ledger keeps every row; gzip reaches 1,032, zstd tens of thousands.
 */
const MAX_EXPANSION = 500;
/** Below it, nothing is worth a refusal. */
const FREE_BYTES = 100_000_000;

/**
 * The bytes that were compressed. Every byte of the file has its part in them: whatever stands behind the compressed
 * data, but for padding with NUL bytes, is refused, since the libraries pass over it without a word. Throws
 * SOURCE_TRUNCATED for a stream that ends early, SOURCE_FORMAT for a damaged one, for one with other data behind it, and
 * for one that is larger than an export can be ({@link MAX_EXPANSION}).
 */
export async function* decompress(path: string, bytes: Bytes, { name, create }: Compression): Bytes {
  const engine = create();
  const feed = new Feed(bytes);
  // A failure surfaces in the loop below, so the callback has nothing to add.
  const plain = pipeline(
    Readable.from(feed.blocks(), { objectMode: false }),
    engine,
    () => undefined,
  ) as AsyncIterable<Buffer>;
  let length = 0;
  try {
    for await (const block of plain) {
      length += block.length;
      if (length > FREE_BYTES && length > MAX_EXPANSION * engine.bytesWritten) throw inflated(path, name);
      feed.forget(engine.bytesWritten);
      yield block;
    }
    if (await feed.hasMoreThanPadding(engine.bytesWritten)) throw moreBehind(path, name, engine.bytesWritten);
  } catch (error) {
    throw explain(path, name, error);
  } finally {
    await bytes.return();
  }
}

function explain(path: string, name: string, error: unknown): unknown {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (!/^(Z_|ZSTD_|ERR__ZLIB|ERR_ZLIB)/.test(code)) return error;
  const isCutShort = code === "Z_BUF_ERROR" || /unexpected end|truncated/i.test(message);
  if (isCutShort) return truncated(path, `its ${name} stream ends too early`, error);
  return new FerryError("SOURCE_FORMAT", `${path} is a damaged ${name} file`, {
    hint: "Download or copy the file again",
    cause: error,
  });
}

function moreBehind(path: string, name: string, at: number): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} holds something else behind its ${name} data, from byte ${at + 1} on`,
    { hint: "It may hold more users: unpack its parts and put them together as plain text" },
  );
}

function inflated(path: string, name: string): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} is a ${name} file whose text is more than ${MAX_EXPANSION} times as large as the file`,
    {
      hint: "No export of users is known to be so; if it is yours, unpack it and name the unpacked file",
    },
  );
}

/** What a decompressor was fed, as far as it may not have taken it yet. */
class Feed {
  readonly #bytes: Bytes;
  #held: Buffer[] = [];
  /** Where in the file the first held block begins. */
  #start = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** All blocks. Stopping early leaves the others to {@link hasMoreThanPadding}. */
  async *blocks(): Bytes {
    for (;;) {
      const next = await this.#bytes.next();
      if (next.done === true) return;
      this.#held.push(next.value);
      yield next.value;
    }
  }

  /** Lets go of the blocks that end at or before this place in the file. */
  forget(taken: number): void {
    for (let [first] = this.#held; first !== undefined; [first] = this.#held) {
      if (this.#start + first.length > taken) return;
      this.#start += first.length;
      this.#held.shift();
    }
  }

  /** Whether anything but NUL bytes stands behind this place in the file; reads the rest of it. */
  async hasMoreThanPadding(taken: number): Promise<boolean> {
    const [first, ...others] = this.#held;
    if (first !== undefined && !isPadding([first.subarray(taken - this.#start), ...others])) return true;
    for await (const block of this.#bytes) if (!isPadding([block])) return true;
    return false;
  }
}

function isPadding(blocks: readonly Buffer[]): boolean {
  return blocks.every((block) => block.equals(Buffer.alloc(block.length)));
}

/**
 * Whether this Node reads zstd whole: Node 22 and 24 stop after the first frame, and 22 takes a file that is cut short
 * for a whole one (measured), which would lose users without a word.
 */
export function isZstdWhole(): boolean {
  return (
    zstdDecompressSync(Buffer.concat([zstdCompressSync("a"), zstdCompressSync("b")])).toString() === "ab"
  );
}
