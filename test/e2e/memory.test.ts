import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { measure } from "../../bench/measure.ts";
import { writeUsers } from "../../bench/users.ts";
import { BIN, jsonOf, LOCAL_ENV } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const USERS = 60_000;

/** The bound that docs/performance.md states; a plan of any size stays under it by about a sixth. */
const MEGABYTES = 250;

/** Only Linux tells the peak of one process. */
describe.runIf(process.platform === "linux")("the memory of a plan", () => {
  test.each(["csv", "ndjson"] as const)(
    `of ${USERS} users from %s, a tenth of them rejected, stays under ${MEGABYTES} MB`,
    async (format) => {
      const target = await aTarget();
      const path = aFile("", `users.${format}`);
      writeUsers(path, format, { users: USERS, seed: 1, rejectedShare: 0.1 });
      const runDir = join(aFolder(), "run");
      const args = ["plan", "--from", `${format}:${path}`, ...target.flags, "--run-dir", runDir, "--json"];
      const { peakMegabytes, ...result } = await measure(process.execPath, [BIN, ...args], LOCAL_ENV);
      const { source, outcomes } = jsonOf({ ...result, signal: null });
      expect(source.rows).toBe(USERS);
      expect(outcomes["rejected"]).toBeGreaterThan(USERS / 20);
      expect(peakMegabytes).toBeGreaterThan(50);
      expect(peakMegabytes).toBeLessThan(MEGABYTES);
    },
    60_000,
  );
});
