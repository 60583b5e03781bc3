import type { SourceRecord } from "../core/row.ts";
import { isSecretField } from "../core/secret-field.ts";

/** Makes the function that turns a record into the JSON kept in the ledger: secrets are left out. */
export function createRowStorer(columns: readonly string[] | undefined): (record: SourceRecord) => string {
  if (columns === undefined) return (record) => JSON.stringify(record, withoutSecrets);
  const secrets = columns
    .map((column, index) => (isSecretField(column) ? index : -1))
    .filter((index) => index !== -1);
  if (secrets.length === 0) return (record) => JSON.stringify(record);
  return (record) => {
    const cells = (record as readonly string[]).slice();
    for (const index of secrets) cells[index] = "";
    return JSON.stringify(cells);
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
