import { FerryError } from "../core/ferry-error.ts";
import { parseJson } from "../core/parse-json.ts";
import type { JsonObject, ReadableRow, Row } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { isJsonObject } from "./json-row.ts";
import { joinSideFile } from "./side-file.ts";
import type { SideTable } from "./side-table.ts";
import type { Source } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** The numbers of scrypt that hold for the whole file. */
interface ScryptNumbers {
  readonly cost: number;
  readonly block_size: number;
  readonly parallelism: number;
}

/** Reported: those of Stytch's own hashes. A file that states others is taken at its word. */
const STYTCH_SCRYPT: ScryptNumbers = { cost: 32_768, block_size: 8, parallelism: 1 };

/** A file of password hashes, open. */
interface HashFile {
  readonly path: string;
  readonly rows: Source;
  readonly numbers: ScryptNumbers;
  /** Where its columns are. */
  readonly id: number;
  readonly hash: number;
  readonly salt: number;
  readonly method: number;
}

/**
 * The same users, each with the hash of its password in `password`: `hash`, `salt`, `hash_method`, and the numbers of
 * scrypt. The file is the CSV that Stytch's support gives out (reported): lines that name the numbers of scrypt, then a
 * header with `id`, `hash`, `salt` and `hash_method`, then a line for each user. It may be larger than memory. Throws
 * SOURCE_FORMAT for a file without such a header or with a line that is not whole, as somebody's password would be lost
 * unseen. A user with several hashes gets all of them, of which none can be used.
 */
export function joinStytchHashes(
  users: Source,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Source> {
  return joinSideFile(
    users,
    async () => {
      const file = await openHashFile(path);
      return {
        entries: () => readHashes(file),
        joinOne: (row, hashes) => withHash(row, hashes, file.numbers),
        describe: (hashes) =>
          hashes === undefined || hashes.unused === 0
            ? "with password hashes"
            : `with password hashes, ${hashes.unused} password hashes of users who are not in it`,
        close: () => file.rows[Symbol.asyncDispose](),
      };
    },
    signal,
  );
}

function openHashFile(path: string): Promise<HashFile> {
  return openFromTextFile(path, async (file) => {
    const lines = file.head.split(/\r\n|\n|\r/);
    const skipLines = lines.findIndex((line) => columnsOf(line).has("hash"));
    const columns = columnsOf(lines[skipLines] ?? "");
    const [id, method] = [columns.get("id") ?? columns.get("user_id"), columns.get("hash_method")];
    const [hash, salt] = [columns.get("hash"), columns.get("salt")];
    if (id === undefined || hash === undefined || salt === undefined || method === undefined) {
      throw new FerryError("SOURCE_FORMAT", `${path} is no file of Stytch's password hashes`, {
        hint: "It must have a line with the columns id, hash, salt and hash_method, as Stytch sends it; leave the lines above that line in it, too",
      });
    }
    const rows = await openCsv(file, { separator: ",", skipLines });
    return { path, rows, numbers: numbersIn(lines.slice(0, skipLines)), id, hash, salt, method };
  });
}

/** Where each column of a header is, by its name in small letters. */
function columnsOf(line: string): ReadonlyMap<string, number> {
  const names = line.split(",").map((cell) => cell.trim().replaceAll(/^"|"$/g, "").toLowerCase());
  return new Map(names.map((name, at) => [name, at]));
}

// The names that were seen are scryptCostParameter, scryptRParameter and scryptPParameter; others are the usual ones.
const COST = /(?:cost\w*|\bN)\W+(\d{1,10}(?:\s*(?:<<|\^|\*\*)\s*\d{1,2})?)/i;
const BLOCK_SIZE = /(?:scryptR\w*|block\s?size|\br)\W+(\d{1,10})/i;
const PARALLELISM = /(?:scryptP\w*|parallel\w*|\bp)\W+(\d{1,10})/i;

/** Characters of a line in which a number is looked for; the patterns take the square of it. */
const LOOKED_AT = 300;

/** The numbers of scrypt that the lines above the header state. */
function numbersIn(lines: readonly string[]): ScryptNumbers {
  const find = (pattern: RegExp): string | undefined =>
    lines.map((line) => pattern.exec(line.slice(0, LOOKED_AT))?.[1]).find((number) => number !== undefined);
  return {
    cost: numberOf(find(COST)) ?? STYTCH_SCRYPT.cost,
    block_size: numberOf(find(BLOCK_SIZE)) ?? STYTCH_SCRYPT.block_size,
    parallelism: numberOf(find(PARALLELISM)) ?? STYTCH_SCRYPT.parallelism,
  };
}

/** A number, which can be written as a power: `1 << 15`, `2^15`, `2**15`. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [base = "", exponent] = text.split(/<<|\^|\*\*/);
  if (exponent === undefined) return Number(base);
  return text.includes("<<") ? Number(base) * 2 ** Number(exponent) : Number(base) ** Number(exponent);
}

async function* readHashes(file: HashFile): AsyncGenerator<readonly (readonly [string, string])[]> {
  for await (const batch of file.rows.batches()) yield batch.map((row) => entryOf(row, file));
}

function entryOf(row: Row, { path, id, hash, salt, method }: HashFile): readonly [string, string] {
  if (row.record === undefined) {
    throw new FerryError("SOURCE_FORMAT", `${path}: ${row.issue.message}`, {
      hint: "Nothing of it was used, as a password would be lost unseen; mend the line, or ask for the file again",
    });
  }
  const cells = row.record as readonly string[];
  const value = { hash: cells[hash] ?? "", salt: cells[salt] ?? "", hash_method: cells[method] ?? "" };
  return [(cells[id] ?? "").trim(), JSON.stringify(value)];
}

function withHash(row: ReadableRow, hashes: SideTable, numbers: ScryptNumbers): Row {
  const user = row.record as JsonObject;
  const { user_id: id, password } = user;
  const found =
    typeof id === "string" && id !== ""
      ? hashes.valuesOf(id).map((value) => parseJson(value) as JsonObject)
      : [];
  const [first, ...others] = found;
  if (first === undefined) return row;
  const hash = others.length === 0 ? first : { ...first, hash: found.map((each) => each["hash"] ?? "") };
  const known = isJsonObject(password) ? password : {};
  return { ...row, record: { ...user, password: { ...known, ...hash, ...numbers } } };
}
