import { closeSync, openSync, readdirSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { describe, expect, test } from "vitest";
import type { SourceRecord } from "../../src/core/row.ts";
import { BATCH_ROWS, type SourceOptions, type SourceType } from "../../src/extract/source.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";
import { describeSourceContract, knownUsers, largeUsers, type KnownUser } from "./source-contract.ts";

const READS_ZSTD = isZstdWhole();
if (!READS_ZSTD) console.warn("skipped: reading zstd needs Node 26");

type Case<Encoded> = [name: string, encode: (text: string) => Encoded];

/** The cases that this Node can read; zstd files are refused by older ones, which has a test of its own. */
function readable<Encoded>(cases: readonly Case<Encoded>[]): readonly Case<Encoded>[] {
  return cases.filter(([name]) => READS_ZSTD || !/zstd|csv\.gz$/.test(name));
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
  /** The line at which the first user starts; undefined where the source knows no lines. */
  readonly firstLine: number | undefined;
  /** Over how many lines a user is written, with what stands between two; 1 when left out. */
  readonly linesPerUser?: number;
  /** A text in the place of a user that is none, and what the message about it must name when it is the second. */
  readonly broken: { readonly text: string; readonly place: string | RegExp };
  /** Whether the text is read by the source's own code, and not by that of CSV, NDJSON or JSON, which has had all of this. */
  readonly isOwnText?: boolean;
  /** Texts of other formats, and what the hint of their refusal must name. */
  readonly wrongFormats: readonly { readonly title: string; readonly text: string; readonly hint: string }[];
}

const BLOCK_BYTES = 256 * 1024;

/**
 * What every source over a file promises beside the contract of all sources: an error, never a shorter list, for a file
 * that is not whole or in another format. Those who read the text themselves are held to much more: encodings,
 * compression, blocks.
 */
export function describeFileSource(title: string, format: SourceFormat): void {
  const openSource = (path: string) => format.type.open(path, format.options ?? {});
  const read = async (content: string | Uint8Array, name?: string) =>
    rowsOf(await openSource(aFile(content, name)));
  const specOf = (path: string) => ({ type: format.type.type, path, ...format.options });
  const write = (users: readonly KnownUser[]): string =>
    format.start + users.map((user) => format.writeUser(user)).join(format.between) + format.end;
  const expectedRows = (users: readonly KnownUser[]) =>
    users.map((user, index) => ({
      seq: index + 1,
      line:
        format.firstLine === undefined ? undefined : format.firstLine + index * (format.linesPerUser ?? 1),
      record: format.expectedRecord(user),
    }));

  describeSourceContract(title, {
    put: (users) => specOf(writeFile(format, users)),
    expectedRows,
    putBroken: (users) =>
      specOf(
        aFile(
          format.start +
            users
              .map((user, at) => (at === 1 ? format.broken.text : format.writeUser(user)))
              .join(format.between) +
            format.end,
        ),
      ),
    brokenPlace: format.broken.place,
    openHandles: ({ path }) => openHandles(String(path)),
    manyUsers: format.isOwnText === true ? 70_000 : 20_000,
  });

  describe(`the contract of files, ${title}`, () => {
    const few = knownUsers(3);
    const many = knownUsers(2 * BATCH_ROWS + 1);

    test("refuses a file as cut short that stops inside its last user", async () => {
      for (const users of [few, many]) {
        const text = write(users);
        const cut = text.slice(0, text.lastIndexOf(users.at(-1)?.id ?? "?") + 1);
        await expect(read(cut)).rejects.toMatchObject({ name: "FerryError", code: "SOURCE_TRUNCATED" });
      }
    });

    test.each(format.wrongFormats)(
      "refuses $title when it is opened, closes it, and hints at $hint",
      async ({ text, hint }) => {
        const path = aFile(text + " ".repeat(1_000_000));
        await expect(openSource(path)).rejects.toMatchObject({
          code: "SOURCE_FORMAT",
          hint: expect.stringContaining(hint) as string,
        });
        await expect.poll(() => openHandles(path)).toBe(0);
      },
    );

    test("refuses an empty file, and one of white space, by name", async () => {
      for (const text of ["", "\n \n", "\uFEFF"]) {
        await expect(read(text)).rejects.toMatchObject({
          code: "SOURCE_FORMAT",
          message: expect.stringContaining("is empty") as string,
        });
      }
    });
  });

  if (format.isOwnText !== true) return;
  describe(`the contract of texts, ${title}`, () => {
    const few = knownUsers(3);
    const many = knownUsers(2 * BATCH_ROWS + 1);

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
      const stored = compress(write([...largeUsers(1_430)]));
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
      ["far behind the first block", [...largeUsers(1_100)]],
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
        const path = aFile(encode(write([...largeUsers(4_300)])));
        const source = await openSource(path);
        for await (const batch of source.batches()) {
          expect(batch[0]?.seq).toBe(1);
          expect(openHandles(path)).toBe(1);
          break;
        }
        await expect.poll(() => openHandles(path)).toBe(0);
      });

      test("is closed when reading ends in an error", async () => {
        const text = write([...largeUsers(4_300)]);
        const path = aFile(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0x0a])]));
        const reading = openSource(path).then(rowsOf);
        await expect(reading).rejects.toMatchObject({ code: "SOURCE_ENCODING" });
        await expect.poll(() => openHandles(path)).toBe(0);
      });
    });
  });
}

function writeFile(format: SourceFormat, users: Iterable<KnownUser>): string {
  const path = aFile("", "users");
  const file = openSync(path, "w");
  let text = format.start;
  let isFirst = true;
  for (const user of users) {
    text += isFirst ? format.writeUser(user) : format.between + format.writeUser(user);
    isFirst = false;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = "";
  }
  writeSync(file, text + format.end);
  closeSync(file);
  return path;
}

/** How many descriptors of this process lead to the file. */
export function openHandles(path: string): number {
  return readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === path;
    } catch {
      // The descriptor that lists the folder is gone by now.
      return false;
    }
  }).length;
}
