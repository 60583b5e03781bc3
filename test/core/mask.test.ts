import fc from "fast-check";
import { expect, test } from "vitest";
import { mask } from "../../src/core/mask.ts";

test.each([
  ["ada", "a…"],
  ["ad", "…"],
  ["a", "…"],
  ["", "…"],
  ["ada@example.com", "a…@e….com"],
  ["ada@mail.example.co.uk", "a…@m….uk"],
  ["a@b.org", "…@….org"],
  ["@handle", "@…"],
  ["ada@localhost", "a…@l…"],
  ["+48601555010", "+…"],
  ["😀dele", "😀…"],
])("of %j is left %j", (name, left) => {
  expect(mask(name)).toBe(left);
});

test("of no name is more left than one character of each part, and a top-level domain", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.emailAddress(), (name, address) => {
      for (const each of [name, address]) {
        const [local = "", domain = ""] = mask(each).split(/@(?!.*@)/);
        expect(Array.from(local.replace(/…$/, "")).length).toBeLessThanOrEqual(1);
        expect(Array.from(domain.replace(/….*$/, "")).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});
