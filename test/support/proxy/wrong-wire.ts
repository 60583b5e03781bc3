import { test } from "vitest";
import { recordViolation } from "./violations.ts";

// Run by test/emulator/validating-proxy.test.ts only, as a suite of its own.
test("says something wrong", () => {
  recordViolation({ kind: "enum", detail: "HAPPY" });
});

test("says nothing wrong", () => {});
