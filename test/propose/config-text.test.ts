import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configText, type ConfigEntry } from "../../src/propose/config-text.ts";

const anyText = fc
  .string({ unit: "binary", minLength: 1, maxLength: 20 })
  .filter((text) => text.isWellFormed());
const oddText = fc.oneof(
  anyText,
  fc.constantFrom(
    "null",
    "~",
    "yes",
    "# no",
    "a: b",
    "- a",
    "a\nb",
    "a\r\nb: c",
    "{x}",
    "*a",
    "&b",
    "!t",
    "%d",
    "1e3",
    "---",
    "...",
    "\u2028",
    "\u0085x",
  ),
);
const value = fc.oneof(
  oddText,
  fc.array(oddText, { minLength: 1, maxLength: 3 }),
  fc.record({ firstOf: fc.array(oddText, { minLength: 1 }) }),
);

test("whatever names and comments are, the active entries read back as they are, and nothing else does", () => {
  const entry = fc.record({
    value,
    isActive: fc.boolean(),
    comments: fc.array(oddText, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(oddText, { maxLength: 6 }),
      fc.array(entry, { maxLength: 6 }),
      fc.array(oddText),
      (keys, parts, header) => {
        const entries = parts.flatMap((part, index): ConfigEntry[] => {
          const key = keys[index];
          return key === undefined ? [] : [{ ...part, key }];
        });
        const nested: ConfigEntry = {
          key: "mapping",
          value: undefined,
          isActive: entries.some(({ isActive }) => isActive),
          comments: [],
          entries,
        };
        const text = configText(header, [
          { key: "source", value: { type: "csv" }, isActive: true, comments: [] },
          nested,
          { key: "", value: undefined, isActive: false, comments: ["the end"] },
        ]);
        const active = entries
          .filter(({ isActive }) => isActive)
          .map((each) => [each.key, each.value] as const);
        const expected = {
          source: { type: "csv" },
          ...(active.length === 0 ? {} : { mapping: Object.fromEntries(active) }),
        };
        expect(parse(text)).toEqual(expected);
      },
    ),
    { numRuns: 2_000, examples: [[[], [], ["\n\r\u0000"]]] },
  );
});
