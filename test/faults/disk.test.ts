import { spawnSync } from "node:child_process";
import { readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget } from "../support/target.ts";
import { FaultyRun } from "./faulty-run.ts";
import { Tally } from "./figures.ts";
import { MIXED } from "./plays.ts";

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn("skipped: full and read-only disks need root, to mount small ones");

/** A disk that can be made larger, and read-only. */
interface Disk {
  readonly path: string;
  remount(options: string): void;
}

function aDisk(kilobytes: number): Disk | undefined {
  const path = aFolder();
  const size = `size=${kilobytes}k`;
  if (spawnSync("mount", ["-t", "tmpfs", "-o", size, "tmpfs", path]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync("umount", [path]));
  const remount = (options: string): void => {
    expect(spawnSync("mount", ["-o", `remount,${options}`, path])).toMatchObject({ status: 0 });
  };
  return { path, remount };
}

/** What the files of a disk take of it. */
function usedKilobytes(path: string): number {
  const { blocks, bfree, bsize } = statfsSync(path);
  return Math.ceil(((blocks - bfree) * bsize) / 1024);
}

const UNUSABLE = { code: "DISK_UNUSABLE" };

test.runIf(isRoot)(
  "a disk that is full in mid-run stops it, and with room it is finished",
  { timeout: 240_000 },
  async ({ skip }) => {
    const run = await FaultyRun.of(MIXED);
    const tally = new Tally("full disk");
    let stopped = 0;
    for (const spareKilobytes of [40, 100, 160, 240]) {
      const disk = aDisk(4_096) ?? skip("no small disk can be mounted here");
      const runDir = await run.begin({ name: "full disk", faults: [], runDir: join(disk.path, "run") });
      disk.remount(`size=${usedKilobytes(disk.path) + spareKilobytes}k`);
      const first = await run.apply(runDir);
      if (first.exitCode !== 3) {
        stopped += 1;
        expect(jsonOf(first).error, first.stderr).toMatchObject(UNUSABLE);
      }
      disk.remount("size=4096k");
      tally.add(`${spareKilobytes} KB left`, await run.finish(runDir, first));
    }
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(stopped).toBeGreaterThan(1);
  },
);

test.runIf(isRoot)(
  "a disk that is full in a large plan stops it, and with room it is made",
  { timeout: 60_000 },
  async ({ skip }) => {
    const disk = aDisk(12_288) ?? skip("no small disk can be mounted here");
    const { flags } = await aTarget();
    const source = aUserCsv(60_000);
    const plan = () =>
      runCli(["plan", "--from", `csv:${source}`, ...flags, "--run-dir", join(disk.path, "run"), "--json"]);
    const first = await plan();
    expect(jsonOf(first).error, first.stderr).toMatchObject({
      code: "DISK_UNUSABLE",
      message: expect.stringContaining("full") as string,
    });
    expect(first.exitCode).toBe(2);
    expect(readdirSync(disk.path)).toEqual([]);
    disk.remount("size=200m");
    expect(jsonOf(await plan())).toMatchObject({ source: { rows: 60_000 } });
  },
);

test.runIf(isRoot)(
  "a run folder that cannot be written any more stops a run",
  { timeout: 60_000 },
  async ({ skip }) => {
    const disk = aDisk(4_096) ?? skip("no small disk can be mounted here");
    const run = await FaultyRun.of(MIXED);
    const runDir = await run.begin({ name: "read-only", faults: [], runDir: join(disk.path, "run") });
    disk.remount("ro");
    const first = await run.apply(runDir);
    expect(jsonOf(first).error).toMatchObject(UNUSABLE);
    disk.remount("rw");
    const { findings } = await run.finish(runDir, first);
    expect(Object.values(findings).flat()).toEqual([]);
  },
);

test.runIf(isRoot)("no plan is made on a disk that cannot be written", async ({ skip }) => {
  const disk = aDisk(64) ?? skip("no small disk can be mounted here");
  disk.remount("ro");
  const target = await aTarget();
  const args = ["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--run-dir", join(disk.path, "run")];
  const result = await runCli([...args, "--json"]);
  expect(jsonOf(result)).toMatchObject({ exitCode: 2, error: UNUSABLE });
  expect(result.stderr).not.toMatch(/\n\s+at /);
});

test.runIf(process.platform === "linux")("no plan is made where no folder can be made", async () => {
  const target = await aTarget();
  const args = ["plan", "--from", `csv:${aUserCsv(2)}`, ...target.flags, "--json"];
  for (const runDir of ["/proc/poolferry", "/proc/poolferry/night"]) {
    const result = await runCli([...args, "--run-dir", runDir]);
    expect(jsonOf(result), runDir).toMatchObject({ exitCode: 2, error: UNUSABLE });
  }
});
