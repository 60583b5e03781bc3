import type { JsonObject, JsonValue, SourceRecord, SourceShape } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";
import { writeJson } from "./write-json.ts";

/**
 * Makes the function that turns a record into the JSON kept in the ledger. Secrets are left out: fields whose names say
 * that they are, at any depth, and those columns or top-level keys that the mapping reads as one. It returns undefined
 * for a document that is nested too deeply to be written out.
 */
export function createRowStorer(
  shape: SourceShape,
  secretFields: ReadonlySet<string>,
): (record: SourceRecord) => string | undefined {
  return shape.kind === "table"
    ? createTableStorer(shape.columns, secretFields)
    : createDocumentStorer(secretFields);
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
): (record: SourceRecord) => string | undefined {
  const isSecretKey = (key: string): boolean => secretFields.has(key);
  return (record) => {
    const document = record as JsonObject;
    const isKept =
      !(secretFields.size > 0 && Object.keys(document).some(isSecretKey)) && !holdsSecret(document);
    return writeJson(isKept ? document : withoutSecrets(document, secretFields));
  };
}

type Nested = JsonObject | readonly JsonValue[];

function isNested(value: JsonValue): value is Nested {
  return typeof value === "object" && value !== null;
}

// By lists of what is still to do, as a user's own data can be nested too deeply for a recursion.
function holdsSecret(document: JsonObject): boolean {
  const open: Nested[] = [document];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!Array.isArray(next) && Object.keys(next).some(isSecretName)) return true;
    for (const value of Object.values(next) as JsonValue[]) if (isNested(value)) open.push(value);
  }
  return false;
}

function withoutSecrets(document: JsonObject, secretFields: ReadonlySet<string>): JsonObject {
  const whole = {};
  const open: { readonly from: Nested; readonly to: object }[] = [{ from: document, to: whole }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to } = next;
    for (const [key, value] of Object.entries(from)) {
      if (!Array.isArray(from) && (isSecretName(key) || (to === whole && secretFields.has(key)))) continue;
      const copy = isNested(value) ? (Array.isArray(value) ? [] : {}) : value;
      if (isNested(value)) open.push({ from: value, to: copy as object });
      // Defined, so that a key named __proto__ is a key.
      Object.defineProperty(to, key, { value: copy, enumerable: true, configurable: true, writable: true });
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
