import type { JsonValue } from "../core/row.ts";

/**
 * The JSON text of a value; undefined for one that is nested too deeply to be written. JSON.parse reads any depth,
 * and JSON.stringify runs out of stack after some thousands, which no record of a user needs.
 */
export function writeJson(value: JsonValue): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
