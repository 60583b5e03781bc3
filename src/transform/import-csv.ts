import type { HashAlgorithm } from "../core/password-hash.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { Pool } from "../core/pool.ts";

/**
 * Characters a row of an import CSV may have (documented quota, not adjustable). We count UTF-16 units and the line feed
 * too, as the stricter way to read it.
 */
export const MAX_ROW_CHARACTERS = 16_000;

/** Users one import CSV may hold, without its header (documented quota, not adjustable). */
export const MAX_PART_ROWS = 500_000;

/** Bytes one import CSV may have (documented as 100 MB; AWS's own import workflow takes it as 10^8). */
export const MAX_PART_BYTES = 100_000_000;

/**
 * Characters that an import CSV cannot carry. The format has no quoting; its only escape is a backslash before a
 * comma, and how a backslash or a double quote itself is read is not documented, nor which line separators end a row.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const UNSAFE = /[\\"\u0000-\u001f\u007f\u0085\u2028\u2029]/;

/** Whether a value arrives through an import CSV exactly as it is, if it has no space at its ends. */
export function isSafeInImportCsv(value: string): boolean {
  return !UNSAFE.test(value);
}

/** The column of password hashes; it stands in the file of every job that names an algorithm (documented). */
const HASH_COLUMN = "password_hash";

/** The columns of a part: those that GetCSVHeader gave, with that of the hashes where the part has an algorithm. */
function columnsOf({ csvHeader }: Pool, algorithm: HashAlgorithm | undefined): readonly string[] {
  return algorithm === undefined || csvHeader.includes(HASH_COLUMN) ? csvHeader : [...csvHeader, HASH_COLUMN];
}

/** The header line of a part with its line feed: exactly the columns that GetCSVHeader gave, and that of the hashes. */
export function encodeImportHeader(pool: Pool, algorithm: HashAlgorithm | undefined): string {
  return `${columnsOf(pool, algorithm).join(",")}\n`;
}

/** The part of a user that goes into a row. */
export interface ImportRow {
  readonly username: string;
  readonly attributes: Attributes;
  readonly smsMfa: boolean;
  /** The hash, of the part's algorithm; undefined for a user who will have to reset the password. */
  readonly passwordHash: string | undefined;
}

/**
 * Makes the encoder for the parts of one pool and algorithm: a row with every column of the header in its order, commas
 * as backslash-comma, no quoting, birthdate as mm/dd/yyyy, flags as TRUE or FALSE (both as in the documentation's
 * example), and a line feed at the end.
 */
export function createImportRowEncoder(
  pool: Pool,
  algorithm: HashAlgorithm | undefined,
): (row: ImportRow) => string {
  const header = columnsOf(pool, algorithm);
  const columns = new Map(header.map((name, index) => [name, index]));
  const usernameAt = columns.get("cognito:username") ?? -1;
  const mfaAt = columns.get("cognito:mfa_enabled");
  const hashAt = columns.get(HASH_COLUMN);
  const blank = header.map((name) => BLANKS[name] ?? "");
  if (mfaAt !== undefined) blank[mfaAt] = pool.mfa === "ON" ? "TRUE" : "FALSE";
  return ({ username, attributes, smsMfa, passwordHash }) => {
    const cells = blank.slice();
    cells[usernameAt] = escapeCommas(username);
    if (smsMfa && mfaAt !== undefined) cells[mfaAt] = "TRUE";
    if (passwordHash !== undefined && hashAt !== undefined) cells[hashAt] = escapeCommas(passwordHash);
    for (const [name, value] of attributes) {
      const at = columns.get(name);
      if (at !== undefined) cells[at] = encodeValue(name, value);
    }
    return `${cells.join(",")}\n`;
  };
}

const BLANKS: Readonly<Record<string, string>> = { email_verified: "FALSE", phone_number_verified: "FALSE" };

function encodeValue(name: string, value: string): string {
  switch (name) {
    case "email_verified":
    case "phone_number_verified":
      return value.toUpperCase();
    case "birthdate":
      return `${value.slice(5, 7)}/${value.slice(8, 10)}/${value.slice(0, 4)}`;
    default:
      return escapeCommas(value);
  }
}

function escapeCommas(value: string): string {
  return value.includes(",") ? value.replaceAll(",", "\\,") : value;
}
