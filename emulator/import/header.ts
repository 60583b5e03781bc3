import type { Rules } from "../rules.ts";
import type { Pool } from "../state/pool.ts";
import type { SchemaAttribute } from "../state/schema.ts";
import { splitLine } from "./csv.ts";

// The columns that are not attributes.
const MFA_COLUMN = "cognito:mfa_enabled";
const USERNAME_COLUMN = "cognito:username";

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
    ...(rules.headerListsPasswordHash ? ["password_hash"] : []),
    MFA_COLUMN,
    USERNAME_COLUMN,
  ];
}

/** Where a file keeps what. */
export interface Columns {
  readonly count: number;
  readonly username: number;
  readonly mfa: number;
  readonly attributes: readonly AttributeColumn[];
}

/** A column that holds an attribute. */
interface AttributeColumn {
  readonly place: number;
  readonly attribute: SchemaAttribute;
}

/**
 * Reads a file's first line. Every column of the pool must be there, in any order (documented), and no other
 * (reported as an error class). A byte-order mark makes the first name another one.
 */
export function readHeader(line: string, pool: Pool, rules: Rules): Columns | undefined {
  // A byte-order mark counts as white space to trim(), which must not hide it.
  if (line.startsWith("\u{FEFF}") || (line.endsWith("\r") && !rules.takesCarriageReturns)) return undefined;
  const names = splitLine(line);
  const expected = new Set(csvHeader(pool, rules));
  if (names.length !== expected.size || !names.every((name) => expected.delete(name))) return undefined;
  const attributes = names.flatMap((name, place) => {
    const attribute = pool.settings.schema.get(name);
    return attribute === undefined ? [] : [{ place, attribute }];
  });
  return {
    count: names.length,
    username: names.indexOf(USERNAME_COLUMN),
    mfa: names.indexOf(MFA_COLUMN),
    attributes,
  };
}
