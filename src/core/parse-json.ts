import type { JsonValue } from "./row.ts";

/** Digits from which on an integer may be one that a double cannot hold. */
const LONG_DIGITS = 16;
/** An integer of so many: ids of some providers are such numbers. */
const LONG_INTEGER = /(?:^|[:[,])\s*-?\d{16,}/;
/** Digits alone: 1e300 is an integer too, and no id. */
const WRITTEN_IN_DIGITS = /^-?\d+$/;

/**
 * Parses one JSON text. Integers beyond 2^53 stay the digits that were written, as a string, since a rounded id
 * is another user's id. Throws SyntaxError, also for what is nested too deeply to be looked through for such integers.
 */
export function parseJson(text: string): JsonValue {
  if (!hasLongDigits(text) || !LONG_INTEGER.test(text)) return JSON.parse(text) as JsonValue;
  try {
    return JSON.parse(text, keepLongIntegers) as JsonValue;
  } catch (error) {
    throw error instanceof RangeError ? new SyntaxError("nested too deeply", { cause: error }) : error;
  }
}

/**
 * Whether so many digits stand together anywhere. One of them must be at a multiple of their number, so few characters
 * are looked at: the pattern alone takes half as long as parsing.
 */
function hasLongDigits(text: string): boolean {
  for (let at = LONG_DIGITS - 1; at < text.length; at += LONG_DIGITS) {
    if (!isDigit(text, at)) continue;
    let first = at;
    while (isDigit(text, first - 1)) first -= 1;
    let end = at + 1;
    while (isDigit(text, end)) end += 1;
    if (end - first >= LONG_DIGITS) return true;
  }
  return false;
}

/** Also asked beyond the ends of the text, where none is. */
function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  const isLong = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isLong && source !== undefined && WRITTEN_IN_DIGITS.test(source) ? source : value;
}
