import { spawn } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { finish, LOCAL_ENV, type CommandResult } from "./cli.ts";
import { aFolder } from "./files.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** A folder in which `npx poolferry` is this checkout's, and in which packages of the checkout are found by name. */
export function aProject(...packages: readonly string[]): string {
  const folder = aFolder();
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  symlinkSync(ROOT, join(folder, "node_modules", "poolferry"));
  symlinkSync("../poolferry/bin/poolferry.cjs", join(folder, "node_modules", ".bin", "poolferry"));
  for (const name of packages)
    symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
  return folder;
}

/** Runs a block of shell commands as a reader would, until one fails; tools of the checkout can be called. */
export async function runInShell(
  block: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const path = `${join(ROOT, "node_modules", ".bin")}:${LOCAL_ENV["PATH"]}`;
  const child = spawn("bash", ["-euo", "pipefail", "-c", block], {
    cwd,
    env: { ...LOCAL_ENV, ...env, PATH: path },
    // Bash takes a socket for a remote shell, and reads the start-up files of one.
    stdio: ["ignore", "pipe", "pipe"],
  });
  return finish(child, 60_000);
}
