import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FerryError } from "../core/ferry-error.ts";
import type { Hook } from "../core/hook.ts";

/**
 * Loads a hook file: its default export. Node itself loads TypeScript (.ts, .mts, .cts) by leaving its types out, so they
 * are not checked, and syntax that is more than types (enums) is refused. Throws HOOK_NOT_FOUND, or HOOK_FAILED when the
 * file cannot be loaded or exports no function.
 */
export async function loadHook(path: string): Promise<Hook> {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new FerryError("HOOK_NOT_FOUND", `There is no hook file ${path}`, {
      hint: "Check hook in the config; it is relative to the config file",
    });
  }
  const loaded = await load(absolute);
  const hook = loaded.default;
  if (typeof hook === "function") return hook as Hook;
  throw new FerryError("HOOK_FAILED", `The hook file ${path} exports no function by default`, {
    hint: "Write: export default (user, row) => …, or module.exports = … in a .cjs file",
  });
}

async function load(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    // It ran for no user yet, so its words hold none.
    const [what] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new FerryError("HOOK_FAILED", `The hook file ${path} cannot be loaded: ${what ?? ""}`, {
      hint: hintFor(path),
      cause: error,
    });
  }
}

function hintFor(path: string): string {
  const rules =
    "Node must be able to import it: TypeScript only with syntax that can be left out, imports with their file endings";
  const [, ending] = /\.(ts|js)$/.exec(path) ?? [];
  return ending === undefined
    ? rules
    : `Call it hook.m${ending}: a .${ending} file beside a package.json with "type": "commonjs" cannot export. ${rules}`;
}
