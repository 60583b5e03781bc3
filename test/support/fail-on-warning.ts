import { afterAll, expect } from "vitest";

// Any process warning (deprecation, listener leak, unhandled file handle) fails the file that caused it.
const warnings: Error[] = [];
process.on("warning", (warning) => warnings.push(warning));

afterAll(() => {
  expect(warnings).toEqual([]);
});
