import { areSameTexts } from "../core/same-texts.ts";
import type { JsonObject, JsonValue, SourceRecord, SourceShape } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";
import { EVERY, type Segment } from "./path.ts";
import { writeJson } from "./write-json.ts";

/**
 * Makes the function that turns a record into the JSON kept in the ledger. Secrets are left out: fields whose names say
 * that they are, at any depth, and those columns or top-level keys that the mapping reads as one; but what the mapping
 * reads in such a field without being a secret stays. It returns undefined for a document that is nested too deeply to be
 * written out.
 */
export function createRowStorer(
  shape: SourceShape,
  secretFields: ReadonlySet<string>,
  keptPaths: readonly (readonly Segment[])[] = [],
): (record: SourceRecord) => string | undefined {
  return shape.kind === "table"
    ? createTableStorer(shape.columns, secretFields)
    : createDocumentStorer(secretFields, keptPaths);
}

function createTableStorer(
  columns: readonly string[],
  secretFields: ReadonlySet<string>,
): (record: SourceRecord) => string {
  const secrets = columns.flatMap((column, index) =>
    isSecretField(column) || secretFields.has(column) ? [index] : [],
  );
  if (secrets.length === 0) return (record) => JSON.stringify(record);
  return (record) => {
    const cells = (record as readonly string[]).slice();
    for (const index of secrets) cells[index] = "";
    return JSON.stringify(cells);
  };
}

function createDocumentStorer(
  secretFields: ReadonlySet<string>,
  keptPaths: readonly (readonly Segment[])[],
): (record: SourceRecord) => string | undefined {
  const areHarmless = createKeyCheck(secretFields);
  return (record) => {
    const document = record as JsonObject;
    const isKept = areHarmless(Object.keys(document)) && !holdsSecretWithin(document);
    if (isKept) return writeJson(document);
    const whole = withoutSecrets(document, secretFields);
    for (const path of keptPaths) keep(path, document, whole);
    return writeJson(whole as JsonObject);
  };
}

/** Makes the check that no key of a document names a secret. Most documents have the same keys as the one before. */
function createKeyCheck(secretFields: ReadonlySet<string>): (keys: readonly string[]) => boolean {
  let harmless: readonly string[] = [];
  return (keys) => {
    if (areSameTexts(keys, harmless)) return true;
    if (keys.some((key) => secretFields.has(key) || isSecretName(key))) return false;
    harmless = keys;
    return true;
  };
}

type Nested = JsonObject | readonly JsonValue[];

function isNested(value: JsonValue): value is Nested {
  return typeof value === "object" && value !== null;
}

// By lists of what is still to do, as a user's own data can be nested too deeply for a recursion.
function holdsSecretWithin(document: JsonObject): boolean {
  const open: Nested[] = [];
  for (const value of Object.values(document)) if (isNested(value)) open.push(value);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!Array.isArray(next) && Object.keys(next).some(isSecretName)) return true;
    for (const value of Object.values(next) as JsonValue[]) if (isNested(value)) open.push(value);
  }
  return false;
}

/** Copies what stands at a path, its secrets left out, and of what is around it only what it takes to stand there. */
function keep(path: readonly Segment[], from: JsonValue, to: object): void {
  const [segment, ...rest] = path;
  if (segment === undefined || !isNested(from)) return;
  const keys = segment === EVERY ? Object.keys(from) : [String(segment)];
  for (const key of keys) {
    if (!Object.hasOwn(from, key)) continue;
    const value = (from as Readonly<Record<string, JsonValue>>)[key] ?? null;
    const known = Object.hasOwn(to, key) ? (to as Readonly<Record<string, unknown>>)[key] : undefined;
    if (rest.length === 0) {
      if (known === undefined) define(to, key, isNested(value) ? withoutSecrets(value, NO_FIELDS) : value);
      continue;
    }
    if (!isNested(value)) continue;
    const inner = typeof known === "object" && known !== null ? known : Array.isArray(value) ? [] : {};
    if (inner !== known) define(to, key, inner);
    keep(rest, value, inner);
  }
}

const NO_FIELDS: ReadonlySet<string> = new Set();

// Defined, so that a key named __proto__ is a key.
function define(to: object, key: string, value: unknown): void {
  Object.defineProperty(to, key, { value, enumerable: true, configurable: true, writable: true });
}

function withoutSecrets(document: Nested, secretFields: ReadonlySet<string>): object {
  const whole: object = Array.isArray(document) ? [] : {};
  const open: { readonly from: Nested; readonly to: object }[] = [{ from: document, to: whole }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to } = next;
    for (const [key, value] of Object.entries(from)) {
      if (!Array.isArray(from) && (isSecretName(key) || (to === whole && secretFields.has(key)))) continue;
      const copy = isNested(value) ? (Array.isArray(value) ? [] : {}) : value;
      if (isNested(value)) open.push({ from: value, to: copy as object });
      define(to, key, copy);
    }
  }
  return whole;
}

const secretByName = new Map<string, boolean>();
/** Keys of documents repeat; the cache is bounded in case they do not. */
const MAX_CACHED_NAMES = 10_000;

function isSecretName(key: string): boolean {
  const known = secretByName.get(key);
  if (known !== undefined) return known;
  const isSecret = isSecretField(key);
  if (secretByName.size < MAX_CACHED_NAMES) secretByName.set(key, isSecret);
  return isSecret;
}
