import { afterAll, afterEach, expect } from "vitest";
import { takeViolations } from "./proxy/violations.ts";

const MEANING = "what passed between the test and the emulator is not what AWS's API model says";

// Whatever the proxy before every emulator finds fails the test in which it was said.
afterEach(() => {
  expect(takeViolations(), MEANING).toEqual([]);
});

// Or, after the last test's end, the file.
afterAll(() => {
  expect(takeViolations(), MEANING).toEqual([]);
});
