import type { JsonValue } from "./row.ts";

/** An integer of more digits than a double can hold: ids of some providers are such numbers. */
const LONG_INTEGER = /(?:^|[:[,])\s*-?\d{16,}/;

/**
 * Parses one JSON text. Integers beyond 2^53 stay the digits that were written, as a string, since a rounded id
 * is another user's id. Throws SyntaxError, also for what is nested too deeply to be looked through for such integers.
 */
export function parseJson(text: string): JsonValue {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as JsonValue;
  try {
    return JSON.parse(text, keepLongIntegers) as JsonValue;
  } catch (error) {
    throw error instanceof RangeError ? new SyntaxError("nested too deeply", { cause: error }) : error;
  }
}

function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isLong = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLong && context?.source !== undefined ? context.source : value;
}
