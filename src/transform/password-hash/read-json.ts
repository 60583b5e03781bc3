import type { JsonObject, JsonValue } from "../../core/row.ts";

/** Whether a value is a JSON object. */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is not empty; undefined for anything else. */
export function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What a JSON text holds; undefined when it is no JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An object, or the one that a JSON text holds. */
export function parseObject(value: JsonValue | undefined): JsonObject | undefined {
  const parsed = typeof value === "string" ? parseJson(value) : value;
  return isObject(parsed) ? parsed : undefined;
}
