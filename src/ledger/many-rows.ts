import type { SqlValue } from "./database.ts";

/** One statement that does for many rows of values what another one does for one. */
export interface ManyRows {
  /** With `$1`, `$2` and so on, each a list. */
  readonly sql: string;
  readonly lists: readonly (readonly SqlValue[])[];
}

const INSERT = /^(INSERT INTO [^]*?)\bVALUES \(([^()]*)\)([^]*)$/;
const UPDATE = /^(UPDATE [^]*?)\b(WHERE [^]*)$/;

/**
 * Makes one statement of PostgreSQL from an INSERT of VALUES or an UPDATE, both with a `?` for each value of a row. The types of
 * the values are told by themselves; where all rows have none in a place, it is none of any type. Of two rows that update
 * the same row of the table, one counts.
 */
export function statementForMany(sql: string, rows: readonly (readonly SqlValue[])[]): ManyRows {
  const columns = (rows[0] ?? []).map((_, at) => rows.map((row) => row[at] ?? null));
  const given = columns.flatMap((list, at) => {
    const type = typeOf(list);
    return type === undefined ? [] : [{ list, name: `given_${at + 1}`, type }];
  });
  const names = columns.map((_, at) => {
    const name = `given_${at + 1}`;
    return given.some((column) => column.name === name) ? `given.${name}` : "NULL";
  });
  const lists = given.map(({ type }, at) => `$${at + 1}::${type}[]`).join(", ");
  const from = `FROM unnest(${lists}) WITH ORDINALITY AS given (${[...given.map(({ name }) => name), "place"].join(", ")})`;
  return { sql: rewrite(sql, names, from), lists: given.map(({ list }) => list) };
}

/**
 * Makes INSERTs of several rows from one of VALUES, for SQLite; undefined for a statement of another kind. What is made is
 * given the values of all rows, one after the other.
 */
export function insertOfRows(sql: string): ((rows: number) => string) | undefined {
  const insert = INSERT.exec(sql);
  if (insert === null) return undefined;
  const [, into = "", values = "", rest = ""] = insert;
  return (rows) => `${into}VALUES ${Array<string>(rows).fill(`(${values})`).join(", ")}${rest}`;
}

function rewrite(sql: string, names: readonly string[], from: string): string {
  const insert = INSERT.exec(sql);
  if (insert !== null) {
    const [, into = "", values = "", rest = ""] = insert;
    return `${into}SELECT ${withNames(values, names)} ${from} ORDER BY given.place${rest}`;
  }
  const update = UPDATE.exec(sql);
  if (update === null) throw new Error(`a statement for many rows is an INSERT or an UPDATE, not ${sql}`);
  const [, set = "", where = ""] = update;
  const inSet = set.split("?").length - 1;
  return `${withNames(set, names)}${from} ${withNames(where, names.slice(inSet))}`;
}

function withNames(sql: string, names: readonly string[]): string {
  let place = 0;
  return sql.replaceAll("?", () => names[place++] ?? "NULL");
}

function typeOf(list: readonly SqlValue[]): "text" | "bigint" | "double precision" | undefined {
  let type: "bigint" | undefined;
  for (const value of list) {
    if (value === null) continue;
    if (typeof value === "string") return "text";
    if (!Number.isSafeInteger(value)) return "double precision";
    type = "bigint";
  }
  return type;
}
