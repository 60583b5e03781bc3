import type { JsonValue } from "../core/row.ts";

/** Gives a record a key, also one named `__proto__`, of which an assignment would make the record's prototype. */
export function setKey(record: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key === "__proto__") Object.defineProperty(record, key, { ...OWN_KEY, value });
  else record[key] = value;
}

const OWN_KEY = { configurable: true, enumerable: true, writable: true } as const;
