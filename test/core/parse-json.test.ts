import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "../../src/core/parse-json.ts";

test("an integer that a double cannot hold stays its digits, wherever it stands, and all else is what JSON says", () => {
  const long = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
  const justTooLong = fc.bigInt({ min: 2n ** 53n, max: 10n ** 16n });
  const integer = fc.oneof(long, justTooLong).map(String);
  const short = fc.oneof(fc.integer().map(String), fc.constantFrom("1.5e300", "-12e20", "0.25", "1E3"));
  const text = fc
    .string({ unit: fc.constantFrom("1", "0", "-", ",", ":", " ", "é") })
    .map((each) => JSON.stringify(each));
  const space = fc.constantFrom("", " ", "\n", "\t  ");
  const member = fc.tuple(space, fc.oneof(integer, short, text), space);
  fc.assert(
    fc.property(fc.array(member, { maxLength: 20 }), (members) => {
      const values = members.map(([, value]) => value);
      const expected = values.map((value) => {
        const parsed: unknown = JSON.parse(value);
        const isLong = /^-?\d+$/.test(value) && !Number.isSafeInteger(parsed);
        return isLong ? value : parsed;
      });
      const list = members.map((parts) => parts.join("")).join(",");
      expect(parseJson(`[${list}]`)).toEqual(expected);
      expect(parseJson(`{"a":{"b":[${list}]}}`)).toEqual({ a: { b: expected } });
      for (const [index, value] of values.entries()) expect(parseJson(value)).toEqual(expected[index]);
    }),
    { numRuns: 500 },
  );
});

test.each(["", "{", "[1,2", "1234567890123456789x", `${"9".repeat(100)},`])("%j is no JSON", (text) => {
  expect(() => parseJson(text)).toThrow(SyntaxError);
});
