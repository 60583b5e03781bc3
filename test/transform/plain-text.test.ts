import fc from "fast-check";
import { expect, test } from "vitest";
import { isSafeInImportCsv } from "../../src/transform/import-csv.ts";
import { joinLines } from "../../src/transform/normalise/line-breaks.ts";
import { createNormaliser, DEFAULT_NORMALISE_OPTIONS } from "../../src/transform/normalise-attribute.ts";
import { isPlainText } from "../../src/transform/plain-text.ts";
import { anAttribute } from "../support/builders.ts";

const LAST_UNIT = 0xffff;

test("no character of a plain text is one to which anything is done, at an end or within", () => {
  const { normalise } = createNormaliser(DEFAULT_NORMALISE_OPTIONS)(anAttribute("name"));
  const plain: number[] = [];
  for (let unit = 0; unit <= LAST_UNIT; unit += 1) {
    const character = String.fromCharCode(unit);
    for (const text of [character, `a${character}b`]) {
      if (!isPlainText(text)) continue;
      plain.push(unit);
      expect([text.trim(), text.normalize("NFC"), joinLines(text)]).toEqual([text, text, text]);
      expect([text.isWellFormed(), isSafeInImportCsv(text), normalise(text)]).toEqual([true, true, text]);
    }
  }
  // What ASCII prints, without the backslash and the double quote, and U+00A1 to U+02FF.
  expect(new Set(plain).size).toBe(93 + 0x25f);
});

test("a text is plain exactly when each of its characters is, and no space stands at its ends", () => {
  const units = fc.oneof(fc.nat(0x7f), fc.nat(0x350), fc.constantFrom(0x20, 0xa0, 0x2028, 0xd83e, 0xfeff));
  fc.assert(
    fc.property(fc.array(units, { minLength: 1, maxLength: 12 }), (codes) => {
      const text = String.fromCharCode(...codes);
      const isEach = codes.every((code) => isPlainText(`a${String.fromCharCode(code)}b`));
      expect(isPlainText(text)).toBe(isEach && text.trim() === text);
    }),
    { numRuns: 2_000 },
  );
});
