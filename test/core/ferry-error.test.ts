import { describe, expect, test } from "vitest";
import { ERROR_CODES, EXIT_CODES, FerryError, throwIfInterrupted } from "../../src/core/ferry-error.ts";

describe("a FerryError", () => {
  test("carries code, message, hint and cause, and prints under its own name", () => {
    const cause = new Error("EACCES");
    const error = new FerryError("SOURCE_NOT_FOUND", "There is no file x", { hint: "Check the path", cause });
    expect(error).toMatchObject({ code: "SOURCE_NOT_FOUND", hint: "Check the path", cause });
    expect(String(error)).toBe("FerryError: There is no file x");
  });

  test("has no cause when nothing caused it", () => {
    expect(Object.hasOwn(new FerryError("USAGE", "x", { hint: "y" }), "cause")).toBe(false);
  });

  test.each([
    ["SOURCE_TRUNCATED", 2],
    ["TOO_MANY_BAD_ROWS", 5],
    ["SERVICE_REFUSED", 4],
    ["INTERRUPTED", 130],
  ] as const)("of code %s ends the process with %i", (code, exitCode) => {
    expect(new FerryError(code, "x", { hint: "y" }).exitCode).toBe(exitCode);
  });

  test("takes another exit code where the phase decides", () => {
    expect(new FerryError("USAGE", "x", { hint: "y", exitCode: EXIT_CODES.stopped }).exitCode).toBe(4);
  });

  test("never ends the process as if all were well, or as our bug", () => {
    for (const code of ERROR_CODES) {
      expect([2, 4, 5, 130]).toContain(new FerryError(code, "x", { hint: "y" }).exitCode);
    }
  });
});

test("an interruption is thrown only once its signal is aborted", () => {
  const controller = new AbortController();
  expect(() => throwIfInterrupted(controller.signal)).not.toThrow();
  controller.abort();
  expect(() => throwIfInterrupted(controller.signal)).toThrow(FerryError);
});
