import { toNfc } from "../core/nfc.ts";
import type { JsonObject, JsonValue, SourceRecord, SourceShape } from "../core/row.ts";

/** Reads one value out of a record; undefined where there is none. */
type PathReader = (record: SourceRecord) => JsonValue | undefined;

/** One step of a path into a document: a key, an element, or {@link EVERY}. */
export type Segment = string | number | typeof EVERY;

/** The step of a path that stands for all elements of a list. */
export const EVERY = Symbol("every element");

/**
 * Compiles a path. In a table it is the name of a column, taken literally; in documents its parts are keys joined
 * by dots, `[0]` for an element, `[*]` for all elements (the value is then a list) and `["a.b"]` for an odd key.
 * Returns undefined for a column that the table does not have, or a path that cannot be read.
 */
export function compilePath(path: string, shape: SourceShape): PathReader | undefined {
  if (shape.kind === "table") {
    const index = indexOfColumn(shape.columns, path);
    return index === -1 ? undefined : (record) => (record as readonly string[])[index];
  }
  const segments = parsePath(path);
  if (segments === undefined) return undefined;
  const [first] = segments;
  if (segments.length === 1 && typeof first === "string") return keyReader(first);
  return (record) => follow(record, segments, 0);
}

function keyReader(key: string): PathReader {
  if (key in Object.prototype) return (record) => ownValue(record, key);
  // Nothing but the document itself can have it, which need not be asked then.
  return (record) => (record as JsonObject)[key];
}

/**
 * Where the column of that name is, or -1. Letters with accents can be written in two ways that look alike, so a name
 * is also found in the other one, if only one column has it.
 */
function indexOfColumn(columns: readonly string[], name: string): number {
  const index = columns.indexOf(name);
  if (index !== -1) return index;
  const alike = columns.flatMap((column, at) => (toNfc(column) === toNfc(name) ? [at] : []));
  return alike.length === 1 ? (alike[0] ?? -1) : -1;
}

/** The column or top-level key that a path reads from; undefined when it reads from none. */
export function fieldOf(path: string, shape: SourceShape): string | undefined {
  return headOf(path, shape)?.field;
}

/**
 * The column or top-level key that a path reads from, and the key of the object there that it goes on with; the key is
 * undefined for a path that ends there or goes on into a list. Undefined when it reads from no field.
 */
export function headOf(
  path: string,
  shape: SourceShape,
): { readonly field: string; readonly key: string | undefined } | undefined {
  if (shape.kind === "table") {
    const field = shape.columns[indexOfColumn(shape.columns, path)];
    return field === undefined ? undefined : { field, key: undefined };
  }
  const [field, key] = parsePath(path) ?? [];
  return typeof field === "string" ? { field, key: typeof key === "string" ? key : undefined } : undefined;
}

/** Compiles a path into any JSON value; undefined when it cannot be read. */
export function compileSubpath(path: string): ((value: JsonValue) => JsonValue | undefined) | undefined {
  const segments = parsePath(path);
  return segments === undefined ? undefined : (value) => follow(value, segments, 0);
}

/** The path of a document's key, or of a key in the object there. */
export function pathOf(field: string, key?: string): string {
  const start = PLAIN_KEY.test(field) ? field : quoted(field);
  return key === undefined ? start : `${start}${PLAIN_KEY.test(key) ? `.${key}` : quoted(key)}`;
}

const PLAIN_KEY = /^[^.[\]]+$/;

function quoted(key: string): string {
  return `["${key.replaceAll(/["\\]/g, String.raw`\$&`)}"]`;
}

/** One spelling for all paths that name the same: keys can be written after a dot and in brackets. */
export function canonicalPath(path: string, shape: SourceShape): string {
  if (shape.kind === "table") return fieldOf(path, shape) ?? path;
  return JSON.stringify(parsePath(path)?.map((segment) => (segment === EVERY ? ["*"] : segment)) ?? path);
}

/** Whether what the path `part` names is, or holds, what the path `whole` names; elements of one list count as one. */
export function holdsPath(part: string, whole: string, shape: SourceShape): boolean {
  if (shape.kind === "table") return canonicalPath(part, shape) === canonicalPath(whole, shape);
  const outer = parsePath(part);
  const inner = parsePath(whole);
  return (
    outer !== undefined &&
    inner !== undefined &&
    outer.every((segment, index) => keyOf(segment) === keyOf(inner[index]))
  );
}

function keyOf(segment: Segment | undefined): Segment | undefined {
  return typeof segment === "number" ? EVERY : segment;
}

const SEGMENT = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\["\\])*)"\]/gy;
const ESCAPED = /\\(["\\])/g;

/** The steps of a path into a document; undefined when it cannot be read. */
export function parsePath(path: string): readonly Segment[] | undefined {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of path.matchAll(SEGMENT)) {
    const [, key, index, star, quoted] = match;
    if (key !== undefined) segments.push(key);
    else if (index !== undefined) segments.push(Number(index));
    else if (star !== undefined) segments.push(EVERY);
    else segments.push((quoted ?? "").replaceAll(ESCAPED, "$1"));
    end = match.index + match[0].length;
  }
  return end === path.length && segments.length > 0 ? segments : undefined;
}

function follow(
  value: JsonValue | undefined,
  segments: readonly Segment[],
  at: number,
): JsonValue | undefined {
  const segment = segments[at];
  if (segment === undefined || value === undefined) return value;
  if (segment === EVERY) {
    if (!Array.isArray(value)) return undefined;
    return value
      .map((element: JsonValue) => follow(element, segments, at + 1))
      .filter((found) => found !== undefined);
  }
  if (typeof segment === "number")
    return Array.isArray(value) ? follow(value[segment], segments, at + 1) : undefined;
  return follow(ownValue(value, segment), segments, at + 1);
}

// Own keys only: a key named "constructor" or "__proto__" in a mapping finds data or nothing.
function ownValue(value: JsonValue, key: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as Readonly<Record<string, JsonValue>>)[key];
}
