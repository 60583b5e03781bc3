import { spawnSync } from "node:child_process";

/** Whether a program of the machine is there. Where it is not, tests that need it are skipped and say why. */
export function isInstalled(program: string, neededFor: string): boolean {
  const isThere = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  if (!isThere) console.warn(`skipped: ${neededFor} needs ${program}, which is not on this machine`);
  return isThere;
}
