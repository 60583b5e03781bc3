import { expect, test } from "vitest";
import { setKey } from "../../src/extract/set-key.ts";

test("any key is the record's own, and its prototype stays", () => {
  const record = {};
  const keys = ["b", "__proto__", "constructor", "toString", "2", "1", "a"];
  for (const key of keys) setKey(record, key, { of: key });
  setKey(record, "a", "later");
  const entries = keys.map((key) => [key, key === "a" ? "later" : { of: key }] as const);
  expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
  expect(JSON.stringify(record)).toBe(JSON.stringify(Object.fromEntries(entries)));
  expect(Object.hasOwn(record, "__proto__")).toBe(true);
});
