import type { JsonObject } from "../../../src/core/row.ts";
import {
  compilePasswordHash,
  type PasswordHashReader,
} from "../../../src/transform/password-hash/compile-password-hash.ts";
import type { PasswordHashRule } from "../../../src/transform/password-hash/password-hash-rule.ts";
import { Unusable } from "../../../src/transform/reading.ts";

/** A plain rule of these tests: the key of a document, or the same value for every user. */
export type TestRule = string | { readonly constant: string | number };

/** The reader of a rule, over documents. */
export function readerOf(rule: PasswordHashRule<TestRule>): PasswordHashReader {
  const reader = compilePasswordHash<TestRule>(rule, (inner) =>
    typeof inner === "string" ? (record) => (record as JsonObject)[inner] : () => inner.constant,
  );
  if (reader === undefined) throw new Error("The rule has no reader");
  return reader;
}

/** What becomes of one record. */
export function convert(rule: PasswordHashRule<TestRule>, record: JsonObject) {
  return readerOf(rule)(record);
}

/** What becomes of a value that is recognised by its shape. */
export function convertValue(value: JsonObject[string]) {
  return convert("hash", { hash: value });
}

/** The code and the message of a hash that cannot be used. */
export function troubleOf(converted: ReturnType<PasswordHashReader>) {
  if (!(converted instanceof Unusable)) throw new Error("The hash can be used");
  return { code: converted.code, message: converted.message };
}

/** The hash of one that can be used. */
export function hashOf(converted: ReturnType<PasswordHashReader>) {
  if (converted === undefined) throw new Error("The user has no password");
  if (converted instanceof Unusable) throw new Error(converted.message);
  return converted;
}
