import { afterAll, expect } from "vitest";

// Any process warning (deprecation, listener leak, unhandled file handle) fails the file that caused it.
const warnings: Error[] = [];
const keep = (warning: Error): void => void warnings.push(warning);
process.on("warning", keep);

afterAll(() => {
  process.off("warning", keep);
  expect(warnings).toEqual([]);
});
