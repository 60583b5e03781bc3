import type { JsonObject, JsonValue } from "../core/row.ts";
import { isJsonObject } from "./json-row.ts";

/** The objects of a list; none of anything else. */
export function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return listOf(value).filter(isJsonObject);
}

/** The texts of a list that are not empty; none of anything else. */
export function textsOf(value: JsonValue | undefined): readonly string[] {
  return listOf(value).filter(isText);
}

/** Whether a value is a text that is not empty. */
export function isText(value: JsonValue | undefined): value is string {
  return typeof value === "string" && value !== "";
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
