import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { aFile } from "../support/files.ts";
import { runs, within } from "./support/runs.ts";
import { FUZZED_SOURCES, fuzzedUsers, usersIn } from "./support/sources.ts";
import { tryRead, type Attempt } from "./support/try-read.ts";

const users = fuzzedUsers(40);

type Mutation = (bytes: Buffer) => Buffer;

/** Where in a file something happens, as a share of its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const at = (bytes: Buffer, share: number): number => Math.floor(share * (bytes.length - 1));

/** What one accident does to a file: no single one can turn a value into another user's. */
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([share, bit]): Mutation => (bytes) => {
    const flipped = Buffer.from(bytes);
    flipped[at(bytes, share)] = (bytes[at(bytes, share)] ?? 0) ^ (1 << bit);
    return flipped;
  }),
  fc.tuple(place, fc.nat(255)).map(([share, byte]): Mutation => (bytes) => {
    const changed = Buffer.from(bytes);
    changed[at(bytes, share)] = byte;
    return changed;
  }),
  fc
    .tuple(
      place,
      fc.constantFrom("\0", "\uFEFF", '"', "\n", "\r", "\\", ",", "}", "]", "{", "[", " ", "\u2028"),
    )
    .map(([share, text]): Mutation => (bytes) => {
      const where = at(bytes, share);
      return Buffer.concat([bytes.subarray(0, where), Buffer.from(text), bytes.subarray(where)]);
    }),
  // Half a surrogate pair, as some programs write it into what they call UTF-8.
  place.map((share): Mutation => (bytes) => {
    const where = at(bytes, share);
    return Buffer.concat([bytes.subarray(0, where), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(where)]);
  }),
  place.map(
    (share): Mutation =>
      (bytes) =>
        Buffer.concat([bytes.subarray(0, at(bytes, share)), bytes.subarray(at(bytes, share) + 1)]),
  ),
);

/** No user of what was read is made of two, and nobody is missing unless a row says that it cannot be read. */
function requireHonest(attempt: Attempt): void {
  if (attempt.kind === "refused") return;
  const { rows } = attempt;
  const unreadable = rows.filter(({ record }) => record === undefined).length;
  for (const { record } of rows) {
    if (record !== undefined) expect(usersIn(JSON.stringify(record), users).length).toBeLessThanOrEqual(1);
  }
  if (unreadable === 0) expect(rows).toHaveLength(users.length);
}

describe.each(FUZZED_SOURCES)("a file of $title", ({ type, write }) => {
  const whole = Buffer.from(write(users));

  test(
    "with one accident is refused, or every user is a row, and no row is made of two users",
    async () => {
      const path = aFile("");
      await fc.assert(
        fc.asyncProperty(mutation, fc.constantFrom("plain", "utf-16le", "gzip"), async (mutate, how) => {
          if (how === "plain") requireHonest(await tryRead(path, mutate(whole), type));
          if (how === "gzip") requireHonest(await tryRead(path, mutate(gzipSync(whole)), type));
          // A byte of UTF-16 is half a character, and where one is missing, all that follow are others.
          if (how === "utf-16le")
            requireHonest(
              await tryRead(path, Buffer.from(`\uFEFF${mutate(whole).toString("utf8")}`, "utf16le"), type),
            );
        }),
        runs(400),
      );
    },
    within(30_000),
  );

  test("cut at any byte is refused, or ends with a whole user", async () => {
    const path = aFile("");
    const few = users.slice(0, 3);
    for (const bytes of [Buffer.from(write(few)), gzipSync(write(few))]) {
      for (let length = 0; length < bytes.length; length += 1) {
        const attempt = await tryRead(path, bytes.subarray(0, length), type);
        if (attempt.kind === "refused") continue;
        // What cannot be told from a shorter file: the cut fell behind a user's last character or inside its last cell.
        const found = attempt.rows.map(({ record }) => usersIn(JSON.stringify(record), few));
        expect(found.map(([user]) => user)).toEqual(few.slice(0, attempt.rows.length));
      }
    }
  });
});
