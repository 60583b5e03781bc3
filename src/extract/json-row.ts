import { parseJson } from "../core/parse-json.ts";
import type { JsonObject, JsonValue } from "../core/row.ts";

/** Levels of lists and objects that a user may have; writing it down again runs out of stack after some thousands. */
export const MAX_DEPTH = 1_000;

/** Characters of a text whose depth is not worth a look: each level takes one at least. */
const SHORT = 100_000;

/** The JSON object that the text is; undefined when it is anything else, or long and nested beyond {@link MAX_DEPTH}. */
export function parseJsonObject(text: string): JsonObject | undefined {
  if (text.length > SHORT && isTooDeep(text)) return undefined;
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The value that is written in a text, as a cell of a database holds it. Throws SyntaxError, also for {@link MAX_DEPTH}. */
export function parseJsonValue(text: string): JsonValue {
  if (text.length > 2 * MAX_DEPTH && isTooDeep(text)) throw new SyntaxError("nested too deeply");
  return parseJson(text);
}

/** Whether the value is a JSON object, which is what a user record must be. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Told from the brackets alone, as parsing such a text takes its length many times over in memory. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isQuoted) {
      if (code === BACKSLASH) at += 1;
      else isQuoted = code !== QUOTE;
    } else if (code === QUOTE) isQuoted = true;
    // [ and {, ] and }
    else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
