import { defineConfig } from "vitest/config";

/** Runs the one test file that must fail. */
export default defineConfig({
  test: { include: ["test/support/proxy/wrong-wire.ts"], setupFiles: ["test/support/fail-on-violation.ts"] },
});
