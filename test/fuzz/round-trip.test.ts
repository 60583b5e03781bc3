import fc from "fast-check";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { csv } from "../../src/extract/csv.ts";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { ndjson } from "../../src/extract/ndjson.ts";
import { json } from "../../src/extract/json.ts";
import { aFile } from "../support/files.ts";
import { runs, within } from "./support/runs.ts";
import { tryRead } from "./support/try-read.ts";

const letters = fc.constantFrom("a", "B", "0", " ", "é", "🦀", "陈", "'", "=", "\\", "#", "\u0301");
const odd = fc.constantFrom('"', ",", ";", "\t", "|", "\n", "\r\n", "\r", "\uFEFF", "\u2028", "{", "]");
const cell = fc.string({ unit: fc.oneof({ weight: 3, arbitrary: letters }, odd), maxLength: 12 });
const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 30 });

/**
 * A first user so long that the others lie at the end of a block of the file, which has 64 KB, or of its head; with its
 * line within the head, as NDJSON is recognised by it.
 */
const filler = fc.oneof(
  { weight: 3, arbitrary: fc.constant(1) },
  fc.integer({ min: 65_300, max: 65_536 }),
  fc.integer({ min: 261_900, max: 262_120 }),
);

type Store = (text: string) => Uint8Array;

const store: fc.Arbitrary<Store> = fc
  .tuple(
    fc.constantFrom("utf8", "utf8 with mark", "utf16le", "utf16be"),
    fc.constantFrom("plain", "gzip", "zstd"),
    fc.array(fc.nat(70_000), { maxLength: 3 }),
  )
  .map(([encoding, compression, cuts]): Store => (text) => {
    const bytes = encode(text, encoding);
    if (compression === "plain" || (compression === "zstd" && !isZstdWhole())) return bytes;
    const compress = compression === "gzip" ? gzipSync : zstdCompressSync;
    const ends = [...cuts.map((cut) => cut % bytes.length).sort((one, other) => one - other), bytes.length];
    return Buffer.concat(ends.map((end, index) => compress(bytes.subarray(ends[index - 1] ?? 0, end))));
  });

function encode(text: string, encoding: string): Buffer {
  if (encoding === "utf8") return Buffer.from(text);
  if (encoding === "utf8 with mark") return Buffer.from(`\uFEFF${text}`);
  const wide = Buffer.from(`\uFEFF${text}`, "utf16le");
  return encoding === "utf16le" ? wide : wide.swap16();
}

test(
  "a table gives the cells that were written, however it is written, stored and cut into blocks",
  async () => {
    const path = aFile("");
    const form = fc.record({
      separator: fc.constantFrom(",", ";", "\t", "|"),
      lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
      quotesAll: fc.boolean(),
      endsLine: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        table,
        filler,
        form,
        store,
        async (rows, length, { separator, lineEnd, ...how }, toBytes) => {
          const all = [["x".repeat(length), "y", "z"], ...rows];
          const writeCell = (text: string): string =>
            how.quotesAll || text === "" || /["\r\n,;\t|]/.test(text)
              ? `"${text.replaceAll('"', '""')}"`
              : text;
          const lines = [["one", "two", "three"], ...all].map((cells) =>
            cells.map(writeCell).join(separator),
          );
          const attempt = await tryRead(
            path,
            toBytes(lines.join(lineEnd) + (how.endsLine ? lineEnd : "")),
            csv,
          );
          expect(attempt.kind === "read" ? attempt.rows.map(({ record }) => record) : attempt).toEqual(all);
        },
      ),
      runs(150),
    );
  },
  within(60_000),
);

test(
  "documents come out as JSON.parse has them, however they are stored and cut into blocks",
  async () => {
    const path = aFile("");
    const key = fc.oneof(cell, fc.constantFrom("__proto__", "constructor", "prototype", "toString", ""));
    const value = fc.oneof(
      cell,
      fc.boolean(),
      fc.constant(null),
      fc.integer(),
      fc.array(cell, { maxLength: 3 }),
    );
    const documents = fc.array(fc.array(fc.tuple(key, value), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(
        documents,
        filler,
        store,
        fc.constantFrom(ndjson, json),
        async (entries, length, toBytes, type) => {
          const texts = [[["id", "x".repeat(length)] as const], ...entries].map(
            (pairs) =>
              `{${pairs.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(",")}}`,
          );
          const attempt = await tryRead(
            path,
            toBytes(type === json ? `[${texts.join(",")}]` : texts.join("\n")),
            type,
          );
          expect(attempt.kind === "read" ? attempt.rows.map(({ record }) => record) : attempt).toEqual(
            texts.map((text) => JSON.parse(text) as unknown),
          );
        },
      ),
      runs(150),
    );
    // Nothing of any document has become a property of all objects.
    expect(Object.keys(Object.prototype)).toEqual([]);
  },
  within(60_000),
);
