import type { SourceRecord, SourceShape } from "../core/row.ts";
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
  if (secretFields.size === 0) return (record) => writeJson(record, withoutSecrets);
  return (record) => {
    const kept = Object.entries(record).filter(([key]) => !secretFields.has(key));
    // From entries, so that a key named __proto__ is a key.
    return writeJson(Object.fromEntries(kept), withoutSecrets);
  };
}

const secretByName = new Map<string, boolean>();
/** Keys of documents repeat; the cache is bounded in case they do not. */
const MAX_CACHED_NAMES = 10_000;

function withoutSecrets(key: string, value: unknown): unknown {
  let isSecret = secretByName.get(key);
  if (isSecret === undefined) {
    isSecret = isSecretField(key);
    if (secretByName.size < MAX_CACHED_NAMES) secretByName.set(key, isSecret);
  }
  return isSecret ? undefined : value;
}
