import type { JsonValue } from "../core/row.ts";

const TRUE_WORDS = new Set(["true", "t", "yes", "y", "1"]);
const FALSE_WORDS = new Set(["false", "f", "no", "n", "0", ""]);

/** A flag of a source as a boolean; undefined when it is neither true nor false in any usual spelling. */
export function parseFlag(value: JsonValue | undefined): boolean | undefined {
  if (value === undefined || value === null) return false;
  if (typeof value === "object") return undefined;
  const word = String(value).trim().toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  return FALSE_WORDS.has(word) ? false : undefined;
}
