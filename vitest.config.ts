import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Each file has a process of its own, which else compiles the AWS SDK anew.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "poolferry-test-compile-cache");

/** Files that take a minute and more: begun last, as small files are, they would be waited for alone. */
const SLOW = [
  "test/faults/",
  "test/fuzz/",
  "test/e2e/undo",
  "test/e2e/shared-",
  "test/e2e/sync",
  "test/e2e/odd-service",
  "test/e2e/broken-off",
  "test/e2e/sign-up",
  "test/secrets/",
  "test/docs/workers",
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.some((part) => moduleId.includes(part));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

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
    sequence: { sequencer: SlowFirst },
  },
});
