import { createHash } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { describe, expect, test } from "vitest";
import type { SourceRecord } from "../../src/core/row.ts";
import { BATCH_ROWS, type SourceOptions, type SourceType } from "../../src/extract/source.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

const READS_ZSTD = isZstdWhole();
if (!READS_ZSTD) console.warn("skipped: reading zstd needs Node 26");

type Case<Encoded> = [name: string, encode: (text: string) => Encoded];

/** The cases that this Node can read; zstd files are refused by older ones, which has a test of its own. */
function readable<Encoded>(cases: readonly Case<Encoded>[]): readonly Case<Encoded>[] {
  return cases.filter(([name]) => READS_ZSTD || !/zstd|csv\.gz$/.test(name));
}

/** A user of the contract's files; any format can hold one. */
export interface KnownUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** One format of a source, as the contract writes and expects it. */
export interface SourceFormat {
  readonly type: SourceType;
  readonly options?: SourceOptions;
  /** What stands before the first user. */
  readonly start: string;
  /** One user as this format writes it, the e-mail address last. */
  writeUser(user: KnownUser): string;
  readonly between: string;
  readonly end: string;
  /** The record that the source makes of this user. */
  expectedRecord(user: KnownUser): SourceRecord;
  /** The line at which the first user starts, one user a line; undefined where the source knows no lines. */
  readonly firstLine: number | undefined;
  /** Texts of other formats, and what the hint of their refusal must name. */
  readonly wrongFormats: readonly { readonly title: string; readonly text: string; readonly hint: string }[];
}

const BLOCK_BYTES = 256 * 1024;

/**
 * What every source over a file promises, whatever its format: every user once, in order and with its place; bounded
 * memory; a closed file; and an error, never a shorter list, for a file that is not whole.
 */
export function describeSourceContract(title: string, format: SourceFormat): void {
  const openSource = (path: string) => format.type.open(path, format.options ?? {});
  const read = async (content: string | Uint8Array, name?: string) =>
    rowsOf(await openSource(aFile(content, name)));
  const write = (users: readonly KnownUser[]): string =>
    format.start + users.map((user) => format.writeUser(user)).join(format.between) + format.end;
  const expectedRows = (users: readonly KnownUser[]) =>
    users.map((user, index) => ({
      seq: index + 1,
      line: format.firstLine === undefined ? undefined : format.firstLine + index,
      record: format.expectedRecord(user),
    }));

  describe(`the source contract, ${title}`, () => {
    const few = knownUsers(3);
    const many = knownUsers(2 * BATCH_ROWS + 1);

    test("gives every user exactly once, in order, with seq from 1 and its line", async () => {
      expect(await read(write(many))).toEqual(expectedRows(many));
    });

    test("gives batches that are full, but never larger than the limit", async () => {
      const source = await openSource(aFile(write(many)));
      const sizes: number[] = [];
      for await (const batch of source.batches()) sizes.push(batch.length);
      expect(sizes).toEqual([BATCH_ROWS, BATCH_ROWS, 1]);
    });

    test.each(
      readable<Uint8Array>([
        ["a UTF-8 byte-order mark", (text) => Buffer.from(`\uFEFF${text}`)],
        ["UTF-16LE with a byte-order mark", (text) => Buffer.from(`\uFEFF${text}`, "utf16le")],
        ["UTF-16BE with a byte-order mark", (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
        ["CRLF line ends", (text) => Buffer.from(text.replaceAll("\n", "\r\n"))],
        ["gzip", (text) => gzipSync(text)],
        [
          "gzip of two members",
          (text) => Buffer.concat([gzipSync(text.slice(0, 40)), gzipSync(text.slice(40))]),
        ],
        ["zstd", (text) => zstdCompressSync(text)],
        [
          "zstd of two frames",
          (text) => Buffer.concat([zstdCompressSync(text.slice(0, 40)), zstdCompressSync(text.slice(40))]),
        ],
        ["UTF-16LE in gzip", (text) => gzipSync(Buffer.from(`\uFEFF${text}`, "utf16le"))],
      ]),
    )("reads %s like plain UTF-8", async (_encoding, encode) => {
      expect(await read(encode(write(few)))).toEqual(expectedRows(few));
    });

    test.each(
      readable<Uint8Array>([
        ["users.zst", (text) => gzipSync(text)],
        ["users.csv.gz", (text) => zstdCompressSync(text)],
        ["users.zip", (text) => Buffer.from(text)],
      ]),
    )("goes by the content of a file misnamed %s", async (name, encode) => {
      expect(await read(encode(write(few)), name)).toEqual(expectedRows(few));
    });

    test.each([0, 1, 2, 3])(
      "keeps characters that are split over blocks, shifted by %i bytes",
      async (shift) => {
        const wide = knownUsers(3).map((user) => ({ ...user, name: "陈🦀".repeat(BLOCK_BYTES / 4) }));
        const users = [{ id: "0", name: "x".repeat(shift + 1), email: "x@example.com" }, ...wide];
        const text = write(users);
        expect(await read(text)).toEqual(expectedRows(users));
        expect(await read(Buffer.from(`\uFEFF${text}`, "utf16le"))).toEqual(expectedRows(users));
        expect(await read(Buffer.from(`\uFEFF${text}`, "utf16le").swap16())).toEqual(expectedRows(users));
      },
    );

    test.each(
      readable<Uint8Array>([
        ["the plain file", (text) => Buffer.from(text)],
        ["the text inside gzip", (text) => gzipSync(text)],
        ["the text inside zstd", (text) => zstdCompressSync(text)],
      ]),
    )("refuses a file as cut short when %s stops inside its last user", async (_what, encode) => {
      for (const users of [few, many]) {
        const text = write(users);
        const cut = text.slice(0, text.lastIndexOf(users.at(-1)?.id ?? "?") + 1);
        await expect(read(encode(cut))).rejects.toMatchObject({
          name: "FerryError",
          code: "SOURCE_TRUNCATED",
        });
      }
    });

    test.each(
      readable<Buffer>([
        ["gzip", (text) => gzipSync(text)],
        ["zstd", (text) => zstdCompressSync(text)],
      ]),
    )("refuses a %s file that lost its end as cut short", async (_name, compress) => {
      const stored = compress(write(large(1_000_000)));
      expect(stored.length).toBeGreaterThan(BLOCK_BYTES);
      for (const length of [20, BLOCK_BYTES, stored.length >>> 1, stored.length - 9, stored.length - 1]) {
        await expect(read(stored.subarray(0, length))).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
      }
    });

    test("refuses a file cut in the middle of a character as cut short", async () => {
      const text = write([{ id: "1", name: "Zoë", email: "zoe@example.com" }]);
      const bytes = Buffer.from(text.slice(0, text.indexOf("ë") + 1)).subarray(0, -1);
      await expect(read(bytes)).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
      const wide = Buffer.from(`\uFEFF${text}`, "utf16le").subarray(0, -1);
      await expect(read(wide)).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
    });

    test.each([
      ["in the first block", knownUsers(5)],
      ["far behind the first block", large(3 * BLOCK_BYTES)],
    ])("refuses bytes that are not UTF-8 %s, naming their line", async (_where, users) => {
      const bytes = Buffer.from(write(users));
      const at = bytes.indexOf(users.at(-2)?.email ?? "?");
      bytes[at] = 0xe9;
      const line = bytes.subarray(0, at).toString().split("\n").length;
      await expect(read(bytes)).rejects.toMatchObject({
        code: "SOURCE_ENCODING",
        message: expect.stringContaining(`line ${line} `) as string,
      });
    });

    test("refuses half a character of UTF-16, naming its line, instead of replacing it", async () => {
      const text = write(few).replace("Bjørn", "Jo\uD83EJo");
      const line = text.slice(0, text.indexOf("\uD83E")).split("\n").length;
      await expect(read(Buffer.from(`\uFEFF${text}`, "utf16le"))).rejects.toMatchObject({
        code: "SOURCE_ENCODING",
        message: expect.stringContaining(`line ${line} `) as string,
      });
    });

    test.each<[string, Uint8Array]>([
      ["NUL bytes", Buffer.from(write(few).replace("Ada", "A\0a"))],
      ["UTF-16 without a byte-order mark", Buffer.from(write(few), "utf16le")],
      ["a ZIP archive", Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.from(write(few))])],
    ])("refuses %s as no text", async (_what, bytes) => {
      await expect(read(bytes)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    });

    test("refuses an empty file, and one of white space, by name", async () => {
      for (const text of ["", "\n \n", "\uFEFF"]) {
        await expect(read(text)).rejects.toMatchObject({
          code: "SOURCE_FORMAT",
          message: expect.stringContaining("is empty") as string,
        });
      }
    });

    test.each(format.wrongFormats)(
      "refuses $title when it is opened, and hints at $hint",
      async ({ text, hint }) => {
        await expect(openSource(aFile(text))).rejects.toMatchObject({
          code: "SOURCE_FORMAT",
          hint: expect.stringContaining(hint) as string,
        });
      },
    );

    test("says which file is not there", async () => {
      const path = join(aFolder(), "absent");
      await expect(openSource(path)).rejects.toMatchObject({
        code: "SOURCE_NOT_FOUND",
        message: expect.stringContaining(path) as string,
      });
    });

    test("says that a folder is no file", async () => {
      await expect(openSource(aFolder())).rejects.toMatchObject({
        code: "SOURCE_NOT_FOUND",
        message: expect.stringContaining("is a folder") as string,
      });
    });

    describe.runIf(process.platform === "linux")("the open file", () => {
      test.each(
        readable<string | Uint8Array>([
          ["a plain file", (text) => text],
          ["a gzip file", (text) => gzipSync(text)],
          ["a zstd file", (text) => zstdCompressSync(text)],
        ]),
      )("is closed when the reader of %s stops early", async (_name, encode) => {
        const path = aFile(encode(write(large(3_000_000))));
        const source = await openSource(path);
        for await (const batch of source.batches()) {
          expect(batch[0]?.seq).toBe(1);
          expect(openHandles(path)).toBe(1);
          break;
        }
        await expect.poll(() => openHandles(path)).toBe(0);
      });

      test("is closed when a source is disposed that nobody read", async () => {
        const path = aFile(write(large(3_000_000)));
        {
          await using source = await openSource(path);
          expect(source.description).not.toBe("");
          expect(openHandles(path)).toBe(1);
        }
        await expect.poll(() => openHandles(path)).toBe(0);
      });

      test.each(format.wrongFormats)("is closed when $title is refused", async ({ text }) => {
        const path = aFile(text + " ".repeat(1_000_000));
        await expect(openSource(path)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
        await expect.poll(() => openHandles(path)).toBe(0);
      });

      test("is closed when reading ends in an error", async () => {
        const text = write(large(3_000_000));
        const path = aFile(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x0a])]));
        const reading = openSource(path).then(rowsOf);
        await expect(reading).rejects.toMatchObject({ code: "SOURCE_ENCODING" });
        await expect.poll(() => openHandles(path)).toBe(0);
      });
    });

    test("needs no more memory for 50 MB than for 5 MB", async () => {
      const small = await peakBytes(await writeLargeFile(format, 5_000_000), openSource);
      const big = await peakBytes(await writeLargeFile(format, 50_000_000), openSource);
      expect(big.rows).toBeGreaterThan(9 * small.rows);
      expect(big.bytes).toBeLessThan(small.bytes + 10_000_000);
    }, 60_000);
  });
}

/** Users with the characters that formats get wrong: quotes, separators, other scripts, an emoji. */
function knownUsers(count: number): readonly KnownUser[] {
  const names = ["Ada, Nowak", 'Bjørn "Bo" Åås', "陈丽; 🦀", "O'Neill | \\ {x: [1]}"];
  return Array.from({ length: count }, (_, index) => ({
    id: `u-${index + 1}`,
    name: `${names[index % names.length]} ${index + 1}`,
    email: `user${index + 1}@example.com`,
  }));
}

/** Users enough for a file of about this size, which hardly compress. */
function large(bytes: number): readonly KnownUser[] {
  return Array.from({ length: Math.ceil(bytes / 700) }, (_, index) => largeUser(index));
}

function largeUser(index: number): KnownUser {
  const digests = [0, 1, 2, 3, 4].map((part) =>
    createHash("sha512").update(`${index}.${part}`).digest("hex"),
  );
  return { id: `u-${index + 1}`, name: digests.join(""), email: `user${index + 1}@example.com` };
}

async function writeLargeFile(format: SourceFormat, bytes: number): Promise<string> {
  const path = aFile("", "large");
  await using file = await open(path, "w");
  let text = format.start;
  for (let index = 0, written = 0; written < bytes; index += 1) {
    text += format.writeUser(largeUser(index)) + format.between;
    if (text.length > 1_000_000) {
      written += text.length;
      await file.write(text);
      text = "";
    }
  }
  await file.write(text + format.writeUser(largeUser(1)) + format.end);
  return path;
}

/** The most memory in use, garbage aside, while a source is read, above what was in use before. */
async function peakBytes(
  path: string,
  openSource: (path: string) => ReturnType<SourceType["open"]>,
): Promise<{ readonly bytes: number; readonly rows: number }> {
  const before = bytesInUse();
  const source = await openSource(path);
  let peak = 0;
  let batches = 0;
  let rows = 0;
  for await (const batch of source.batches()) {
    rows += batch.length;
    batches += 1;
    if (batches % 5 === 1) peak = Math.max(peak, bytesInUse() - before);
  }
  return { bytes: peak, rows };
}

function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function openHandles(path: string): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      // The descriptor that lists the folder is gone by now.
      return false;
    }
  }).length;
}
