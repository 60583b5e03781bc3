import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUNDLED = join(ROOT, ".vitest/command");
const CHUNKS = join(BUNDLED, "dist/src/cli");

/** What stays as it is: native code, and what packages are asked for by the name of ours. */
const APART = /^(better-sqlite3$|poolferry\/|#)/;

/**
 * Puts the built command with its libraries into a few files. The tests start it thousands of times, and a third of what a
 * short run takes is finding and opening the 840 files that it is otherwise made of. As it is published it is run by the
 * tests of the package, of its memory and in terminals, by every npx of the docs, by the demos and by the bench.
 */
export async function setup(): Promise<void> {
  if (isFresh()) return;
  rmSync(BUNDLED, { recursive: true, force: true });
  const bundle = await rolldown({
    // A thread is begun by the path of its file.
    input: {
      main: join(ROOT, "dist/src/cli/main.js"),
      "append-thread": join(ROOT, "dist/src/ledger/append-thread.js"),
      "check-thread": join(ROOT, "dist/src/ledger/check-thread.js"),
    },
    platform: "node",
    external: APART,
    logLevel: "silent",
  });
  await bundle.write({ dir: CHUNKS, format: "esm" });
  // What is found beside the code lies as far from the chunks as from the files that they are made of.
  mkdirSync(join(BUNDLED, "bin"));
  cpSync(join(ROOT, "bin/poolferry.cjs"), join(BUNDLED, "bin/poolferry.cjs"));
  symlinkSync(join(ROOT, "fixtures"), join(BUNDLED, "fixtures"));
  symlinkSync(join(ROOT, "dist/emulator/api"), join(BUNDLED, "dist/src/api"));
}

/** Whether nothing was built since. */
function isFresh(): boolean {
  const bundled = join(CHUNKS, "main.js");
  if (!existsSync(bundled)) return false;
  const { mtimeMs } = statSync(bundled);
  const built = readdirSync(join(ROOT, "dist"), { recursive: true, encoding: "utf8" });
  return built.every((file) => statSync(join(ROOT, "dist", file)).mtimeMs < mtimeMs);
}
