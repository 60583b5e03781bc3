import { FerryError } from "../core/ferry-error.ts";
import type { Hook } from "../core/hook.ts";
import { loadModule, type ModuleWords } from "../core/load-module.ts";

const WORDS: ModuleWords = {
  name: "hook file",
  example: "hook",
  missing: { code: "HOOK_NOT_FOUND", hint: "Check hook in the config; it is relative to the config file" },
  failed: "HOOK_FAILED",
};

/**
 * Loads a hook file: its default export. Throws HOOK_NOT_FOUND, or HOOK_FAILED when the file cannot be loaded or exports no
 * function.
 */
export async function loadHook(path: string): Promise<Hook> {
  const { default: hook } = await loadModule(path, WORDS);
  if (typeof hook === "function") return hook as Hook;
  throw new FerryError("HOOK_FAILED", `The hook file ${path} exports no function by default`, {
    hint: "Write: export default (user, row) => …, or module.exports = … in a .cjs file",
  });
}
