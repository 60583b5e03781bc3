import fc from "fast-check";
import { expect, test } from "vitest";
import { toNfc } from "../../src/core/nfc.ts";

test("every text comes out as Unicode's own normalising has it", () => {
  const marks = fc.constantFrom(
    "e\u0301",
    "\u0301",
    "\u0340",
    "\u212a",
    "\u2126",
    "J\u030c",
    "ẛ\u0323",
    "가",
  );
  const texts = fc.array(fc.oneof(fc.string({ unit: "binary", maxLength: 3 }), marks), { maxLength: 5 });
  fc.assert(
    fc.property(texts, (parts) => {
      const text = parts.join("");
      expect(toNfc(text)).toBe(text.normalize("NFC"));
    }),
    { numRuns: 2_000 },
  );
});

test("no character below U+0300 is changed by it, alone or beside another", () => {
  for (let point = 0; point < 0x300; point += 1) {
    const text = String.fromCodePoint(point);
    for (const pair of [text, `a${text}`, `${text}${text}`]) expect(pair.normalize("NFC")).toBe(pair);
  }
});
