import fc from "fast-check";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { aFile } from "../support/files.ts";
import { runs, within } from "./support/runs.ts";
import { FUZZED_SOURCES } from "./support/sources.ts";
import { tryRead } from "./support/try-read.ts";

/** What formats are made of, and what disturbs them. */
const PIECES = [
  '"', '""', ",", ";", "\t", "|", "\n", "\r", "\r\n", "{", "}", "[", "]", ":", "\\", "\\u0000", "\\ud800", "\uFEFF",
  "\0", "\u2028", "id", "id,email\n", '{"id":"1"}', '{"user_id":"1","identities":[]}', '"users":[', "null", "1e999",
  "-", "12345678901234567890", "sep=;\n", "__proto__", '{"__proto__":{"a":1}}', "é", "🦀", " ", "#", "=1+1",
  "dn: uid=a,dc=b\n", "dn:: ", "cn:: 4p==\n", "\n ", "\n\n", ":< file:///etc/passwd\n", "changetype: add\n", "version: 1\n",
  "objectClass: person\n", "# extended LDIF\n", "result: 0\n",
]; // prettier-ignore

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join(""))),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(...PIECES).map((piece) => Buffer.from(piece)),
        fc.uint8Array({ maxLength: 4 }),
      ),
      {
        maxLength: 30,
      },
    )
    .map((pieces) => Buffer.concat(pieces)),
);

const stored = fc
  .tuple(
    bytes,
    fc.constantFrom("plain", "plain", "utf-16le", "utf-16be", "gzip", "zstd", "gzip, cut", "magic"),
  )
  .map(([content, how]): Uint8Array => {
    const wide = Buffer.from(`\uFEFF${Buffer.from(content).toString("utf8")}`, "utf16le");
    if (how === "utf-16le") return wide;
    if (how === "utf-16be") return wide.swap16();
    if (how === "gzip") return gzipSync(content);
    if (how === "zstd" && isZstdWhole()) return zstdCompressSync(content);
    if (how === "gzip, cut") return gzipSync(content).subarray(0, -5);
    return how === "magic" ? Buffer.concat([Buffer.from([0x1f, 0x8b]), content]) : content;
  });

/** Sources that read a text file; a database's bytes and code have tests of their own. */
const TEXT_SOURCES = SOURCE_TYPES.filter(({ type, place = "file" }) => place === "file" && type !== "sqlite");

test("every source is fuzzed", () => {
  const types = new Set(FUZZED_SOURCES.map(({ type }) => type.type));
  expect([...types].sort()).toEqual(TEXT_SOURCES.map(({ type }) => type).sort());
});

describe("any bytes", () => {
  test.each(
    [...TEXT_SOURCES, "auto" as const].map((type) => [type === "auto" ? type : type.type, type] as const),
  )(
    "read as %s are rows, or refused with a code: nothing else is thrown",
    async (_name, type) => {
      const path = aFile("");
      await fc.assert(
        fc.asyncProperty(stored, async (content) => {
          await tryRead(path, content, type);
        }),
        runs(400),
      );
    },
    within(30_000),
  );
});
