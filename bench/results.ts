import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { dirname } from "node:path";
import type { Size } from "./row.ts";
import type { RowResult } from "./run-row.ts";

/** What a run of the command has measured so far. */
export interface Results {
  readonly size: Size;
  readonly users: number;
  readonly rounds: number;
  readonly rows: readonly RowResult[];
}

/** Writes the results with what they were measured on; what the file held is gone. */
export function saveResults(path: string, results: Results): void {
  mkdirSync(dirname(path), { recursive: true });
  const machine = {
    platform: platform(),
    release: release(),
    arch: arch(),
    cpus: cpus().map(({ model }) => model),
    memoryBytes: totalmem(),
  };
  const measured = {
    at: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    machine,
    ...results,
  };
  writeFileSync(path, `${JSON.stringify(measured, undefined, 2)}\n`);
}

/** What the figures are measured on, in words. */
export function machine(): string {
  const gigabytes = Math.round(totalmem() / 1e9);
  return `Node ${process.version.slice(1)}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${gigabytes} GB, ${platform()} ${release()}, commit ${commit()}`;
}

/** How many processes wanted a core in the last minute. */
export function loadNow(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

/** With a "+" where files differ from it; "unknown" outside of a clone. */
function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty=+", "--exclude=*"], {
      encoding: "utf8",
    }).trim();
  } catch {
    return "unknown";
  }
}
