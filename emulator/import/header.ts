import type { Rules } from "../rules.ts";
import type { Pool } from "../state/pool.ts";
import type { SchemaAttribute } from "../state/schema.ts";
import type { HashAlgorithm } from "../state/user.ts";
import { splitLine } from "./csv.ts";

// The columns that are not attributes.
const MFA_COLUMN = "cognito:mfa_enabled";
const USERNAME_COLUMN = "cognito:username";
const HASH_COLUMN = "password_hash";

/**
 * The header of a pool's import CSV: the schema's order without sub, custom attributes after the standard ones,
 * the two cognito: columns last (AWS sample).
 */
export function csvHeader(pool: Pool, rules: Rules): readonly string[] {
  const attributes = [...pool.settings.schema.values()].filter(({ Name, DeveloperOnlyAttribute }) => {
    return Name !== "sub" && (rules.headerListsDeveloperAttributes || !DeveloperOnlyAttribute);
  });
  return [
    ...attributes.map(({ Name }) => Name),
    ...(rules.headerListsPasswordHash ? [HASH_COLUMN] : []),
    MFA_COLUMN,
    USERNAME_COLUMN,
  ];
}

/** Where a file keeps what. */
export interface Columns {
  readonly count: number;
  readonly username: number;
  readonly mfa: number;
  /** Nothing in a file without password hashes. */
  readonly hash: number | undefined;
  readonly attributes: readonly AttributeColumn[];
}

/** A column that holds an attribute. */
interface AttributeColumn {
  readonly place: number;
  readonly attribute: SchemaAttribute;
}

/** A file's columns, or what is wrong with its first line. */
export type HeaderReading =
  | { readonly kind: "columns"; readonly columns: Columns }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Reads a file's first line. Every column of the pool must be there, in any order (documented), and no other
 * (reported as an error class). A byte-order mark makes the first name another one. A job that names an algorithm
 * needs password_hash beside them (documented).
 */
export function readHeader(line: string, { pool, rules, hashAlgorithm }: HeaderContext): HeaderReading {
  const { texts } = rules;
  // A byte-order mark counts as white space to trim(), which must not hide it.
  if (line.startsWith("\u{FEFF}") || (line.endsWith("\r") && !rules.takesCarriageReturns)) {
    return { kind: "refused", why: texts.unexpectedHeader };
  }
  const names = splitLine(line);
  const hash = names.includes(HASH_COLUMN) ? names.indexOf(HASH_COLUMN) : undefined;
  if (hashAlgorithm !== undefined && hash === undefined) {
    return { kind: "refused", why: texts.hashColumnMissing };
  }
  const expected = new Set(csvHeader(pool, rules));
  const takesHash = hashAlgorithm !== undefined || rules.hashWithoutAlgorithm !== "fails-the-job";
  if (takesHash && hash !== undefined) expected.add(HASH_COLUMN);
  if (names.length !== expected.size || !names.every((name) => expected.delete(name))) {
    return { kind: "refused", why: texts.unexpectedHeader };
  }
  const attributes = names.flatMap((name, place) => {
    const attribute = pool.settings.schema.get(name);
    return attribute === undefined ? [] : [{ place, attribute }];
  });
  const columns = {
    count: names.length,
    username: names.indexOf(USERNAME_COLUMN),
    mfa: names.indexOf(MFA_COLUMN),
    hash,
    attributes,
  };
  return { kind: "columns", columns };
}

/** What a header is read for. */
export interface HeaderContext {
  readonly pool: Pool;
  readonly rules: Rules;
  readonly hashAlgorithm: HashAlgorithm | undefined;
}
