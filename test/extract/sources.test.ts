import { expect, test } from "vitest";
import { SOURCE_TYPES, sourceTypeNamed } from "../../src/extract/sources.ts";

test("every source is found by its type, which is unique", () => {
  expect(new Set(SOURCE_TYPES.map(({ type }) => type)).size).toBe(SOURCE_TYPES.length);
  for (const source of SOURCE_TYPES) expect(sourceTypeNamed(source.type)).toBe(source);
});

test("a type that there is not is refused with the list of those there are", () => {
  expect(() => sourceTypeNamed("xlsx")).toThrow(
    expect.objectContaining({
      code: "USAGE",
      hint: expect.stringMatching(/^Use one of: csv, ndjson, json, auth0, .*, module, auto$/) as string,
    }) as Error,
  );
});
