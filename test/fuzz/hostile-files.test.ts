import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { measure } from "../../bench/measure.ts";
import { BIN, jsonOf, LOCAL_ENV } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";
import { HOSTILE_FILES } from "./support/hostile-files.ts";

/** Where one user can have 16 MB of text, each of its fields an object, this is what a plan may take. */
const MEGABYTES = 700;
/** Of the processor, as other tests run at the same time. */
const CPU_SECONDS = 30;

/** What a plan asks of a pool; every other operation could have an effect. */
const READS = new Set([
  "DescribeUserPool",
  "GetCSVHeader",
  "GetProvisionedLimit",
  "ListGroups",
  "CreateUserPool",
]);

beforeAll(() => {
  expect(new Set(HOSTILE_FILES.map(({ title }) => title)).size).toBe(HOSTILE_FILES.length);
});

describe("a plan of", () => {
  test.each(HOSTILE_FILES)(
    "$title ends soon, in little memory, with a clear error or an outcome, and sends nothing",
    async ({ type, code, write }) => {
      const target = await aTarget();
      const path = aFile("", "users");
      await write(path);
      const runDir = join(aFolder(), "run");
      const args = ["plan", "--from", `${type}:${path}`, ...target.flags, "--run-dir", runDir, "--json"];
      const {
        seconds,
        cpuSeconds = seconds,
        peakMegabytes,
        ...ended
      } = await measure(process.execPath, [BIN, ...args], LOCAL_ENV);
      onTestFinished(({ task }) => {
        if (task.result?.state === "fail")
          console.error(cpuSeconds, peakMegabytes, ended.stderr.slice(-2_000));
      });
      const result = jsonOf({ ...ended, signal: null });
      expect(ended.stderr).not.toMatch(/bug of poolferry|\(node:\d+\)|FATAL/);
      expect(ended.stderr.length + ended.stdout.length).toBeLessThan(10_000);
      expect(cpuSeconds).toBeLessThan(CPU_SECONDS);
      if (peakMegabytes !== undefined) expect(peakMegabytes).toBeLessThan(MEGABYTES);
      if (code === undefined) {
        expect([0, 3]).toContain(ended.exitCode);
        expect(result.outcomes["rejected"]).toBe(ended.exitCode === 3 ? 1 : 0);
      } else {
        expect(result.error).toMatchObject({ code });
        expect(ended.exitCode).toBe(2);
        expect(existsSync(runDir)).toBe(false);
      }
      const asked = Object.keys(target.emulator.control.stats().operations).filter(
        (operation) => !READS.has(operation),
      );
      expect(asked).toEqual([]);
    },
    180_000,
  );
});
