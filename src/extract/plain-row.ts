import type { JsonObject, JsonValue } from "../core/row.ts";
import { MAX_DEPTH } from "./json-row.ts";

/**
 * A copy of a value of somebody's code as a JSON object, or why it is none: a clause that names the field by its first key
 * and never holds a value. Throws what a getter of it throws.
 */
export function plainRow(value: unknown): JsonObject | string {
  if (!isPlainObject(value)) return `it is ${kindOf(value)}, not an object with the user's fields`;
  const record: [string, JsonValue][] = [];
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    const copied = copy(field, 1);
    if (copied instanceof Unfit) return `${shownKey(key)} ${copied.why}`;
    record.push([key, copied]);
  }
  // From entries, so that a key named __proto__ is a key.
  return Object.fromEntries(record);
}

/** Why a value cannot be read. */
class Unfit {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

const TOO_DEEP = new Unfit(`is nested more than ${MAX_DEPTH} levels deep, or holds itself`);
const NO_DATE = new Unfit("is a Date that is no date");

function copy(value: unknown, depth: number): JsonValue | Unfit {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : new Unfit(`is ${String(value)}`);
  if (depth >= MAX_DEPTH) return TOO_DEEP;
  if (Array.isArray(value)) return copyList(value as readonly unknown[], depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? NO_DATE : value.toISOString();
  if (isPlainObject(value)) return copyObject(value, depth);
  return new Unfit(`is ${kindOf(value)}, not plain data`);
}

function copyList(list: readonly unknown[], depth: number): JsonValue | Unfit {
  const copied: JsonValue[] = [];
  for (const element of list) {
    const each = copy(element ?? null, depth + 1);
    if (each instanceof Unfit) return each;
    copied.push(each);
  }
  return copied;
}

function copyObject(object: object, depth: number): JsonValue | Unfit {
  const copied: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const each = copy(value, depth + 1);
    if (each instanceof Unfit) return each;
    copied.push([key, each]);
  }
  return Object.fromEntries(copied);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // One of another realm, such as a test's or a vm's, has another Object.prototype, which has no prototype either.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a person calls such a value. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = value.constructor as { readonly name?: unknown };
  return typeof name === "string" && /^\w{1,60}$/.test(name) ? `a ${name}` : "an object of a class";
}

/** A key as long as a field's name is; a longer one is somebody's data. */
function shownKey(key: string): string {
  return /^[\w.-]{1,60}$/.test(key) ? key : "a field";
}
