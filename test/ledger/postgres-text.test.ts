import fc from "fast-check";
import { expect, test } from "vitest";
import { restored, storable } from "../../src/ledger/postgres-text.ts";

/** Any sequence of UTF-16, halves of characters and U+0000 among it, and often what stands for them. */
const ANY_TEXT = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(0, 0xd83d, 0xde00, 0xfdd0, 0x30, 0x64, 0x38, 0x33),
    ),
    { maxLength: 40 },
  )
  .map((codes) => String.fromCharCode(...codes));

test("any text can be stored and comes back, and different ones stay different", () => {
  fc.assert(
    fc.property(ANY_TEXT, ANY_TEXT, (text, other) => {
      const stored = storable(text);
      expect(stored.isWellFormed()).toBe(true);
      expect(stored).not.toContain("\0");
      expect(restored(stored)).toBe(text);
      expect(stored === storable(other)).toBe(text === other);
    }),
    { numRuns: 2_000 },
  );
});

test.each(["", "u1", "Zo\u00eb \u{1F600}", "a\\b'c\"d"])("%s is stored as it is", (text) => {
  expect(storable(text)).toBe(text);
});
