import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Each worker, and whatever it starts, else compiles the AWS SDK anew.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "poolferry-test-compile-cache");

/** Files that take half a minute and more, the longest first: begun last, as small files are, they would be waited for alone. */
const SLOW = [
  "test/faults/kill-",
  "test/faults/fault-matrix",
  "test/e2e/undo",
  "test/e2e/shared-",
  "test/e2e/sync",
  "test/e2e/sign-up",
  "test/e2e/init",
  "test/e2e/odd-service",
  "test/e2e/broken-off",
  "test/faults/",
  "test/secrets/",
  "test/fuzz/",
  "test/e2e/progress",
  "test/e2e/watch",
  "test/e2e/package",
  "test/e2e/memory",
  "test/e2e/admin-create",
  "test/e2e/failed-rows",
  "test/e2e/migrate",
  "test/e2e/follow-ups",
  "test/docs/",
  "test/e2e/",
  "test/report/large-report-page",
];

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = SLOW.findIndex((part) => moduleId.includes(part));
      return place === -1 ? SLOW.length : place;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // The second prints what the kill and fault matrices have shown.
    globalSetup: ["test/support/bundle-command.ts", "test/faults/figures.ts"],
    setupFiles: [
      "test/support/fail-on-warning.ts",
      "test/support/fail-on-violation.ts",
      "test/support/leave-as-found.ts",
    ],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    teardownTimeout: 5_000,
    pool: "forks",
    // A process takes one file after the other: half of a small file's time went into loading the SDK and the emulator anew.
    isolate: false,
    // In a process that lives so long Maglev's code listed a page of users and no more (docs/decisions/0013).
    execArgv: ["--no-maglev"],
    // Many tests wait for the pace of Cognito's quotas: two processes leave the two cores of CI half idle.
    maxWorkers: 4,
    sequence: { sequencer: SlowFirst },
  },
});
