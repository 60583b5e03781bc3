import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FerryError, type ErrorCode } from "./ferry-error.ts";

/** How errors about a file of the operator's own code are told. */
export interface ModuleWords {
  /** What it is: "hook file". */
  readonly name: string;
  /** A file name without its ending, for the hint: "hook". */
  readonly example: string;
  /** The error of a file that is not there, and what to do. */
  readonly missing: { readonly code: ErrorCode; readonly hint: string };
  /** The error of a file that cannot be loaded. */
  readonly failed: ErrorCode;
}

/**
 * Loads a file of the operator's own code, and gives what it exports. Node itself loads TypeScript (.ts, .mts, .cts) by
 * leaving its types out, so they are not checked, and syntax that is more than types (enums) is refused.
 */
export async function loadModule(
  path: string,
  { name, example, missing, failed }: ModuleWords,
): Promise<Readonly<Record<string, unknown>>> {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    throw new FerryError(missing.code, `There is no ${name} ${path}`, { hint: missing.hint });
  }
  try {
    return (await import(pathToFileURL(absolute).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    // It ran for no user yet, so its words hold none.
    const [what] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new FerryError(failed, `The ${name} ${path} cannot be loaded: ${what ?? ""}`, {
      hint: hintFor(absolute, example),
      cause: error,
    });
  }
}

function hintFor(path: string, example: string): string {
  const rules =
    "Node must be able to import it: TypeScript only with syntax that can be left out, imports with their file endings";
  const [, ending] = /\.(ts|js)$/.exec(path) ?? [];
  return ending === undefined
    ? rules
    : `Call it ${example}.m${ending}: a .${ending} file beside a package.json with "type": "commonjs" cannot export. ${rules}`;
}
