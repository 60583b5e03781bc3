import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Prints what the kill and fault matrices have shown.
    globalSetup: ["test/faults/figures.ts"],
    setupFiles: ["test/support/fail-on-warning.ts", "test/support/fail-on-violation.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 5_000,
    pool: "forks",
    // Many tests wait for the pace of Cognito's quotas: two processes leave the two cores of CI half idle.
    maxWorkers: 4,
  },
});
