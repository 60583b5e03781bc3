import type SQLite from "better-sqlite3";
import type { Dialect, Insert, SqlValue, Statements } from "./database.ts";
import { insertOfRows } from "./many-rows.ts";

/** What SQLite spells its own way. */
export const DIALECT: Dialect = {
  name: "sqlite",
  numberedKey: "INTEGER PRIMARY KEY",
  integer: "INTEGER",
  real: "REAL",
  text: "TEXT",
  table: "STRICT",
  keyedTable: "STRICT, WITHOUT ROWID",
  createScratch: "CREATE TEMP TABLE",
  textIndex: (column) => `(${column})`,
  // Every statement has been seen to be planned well without.
  analyse: () => "",
};

/** A statement with the values of all its rows, one after the other: what a thread is given quickest. */
export interface FlatRows {
  readonly sql: string;
  /** Values of a row. */
  readonly columns: number;
  readonly values: readonly SqlValue[];
}

/** Puts the values of all rows one after the other. */
export function flat({ sql, rows }: Insert): FlatRows {
  const values: SqlValue[] = [];
  let columns = 0;
  for (const row of rows) {
    columns = row.length;
    for (const value of row) values.push(value);
  }
  return { sql, columns, values };
}

/** Rows that one INSERT adds: with twenty, most of what a call costs beside its values is gone. */
const ROWS_TOGETHER = 20;

/** What carries out one statement for many rows of values. */
interface ManyRows {
  /** Rows that one call takes at the most. */
  readonly together: number;
  readonly statementFor: (rows: number) => SQLite.Statement;
}

/** The statements of a connection to SQLite, each prepared once. */
export class SqliteStatements implements Statements {
  readonly dialect = DIALECT;
  readonly #connection: SQLite.Database;
  readonly #prepared = new Map<string, SQLite.Statement>();
  readonly #many = new Map<string, ManyRows>();

  constructor(connection: SQLite.Database) {
    this.#connection = connection;
  }

  async all<Row>(sql: string, parameters: readonly SqlValue[] = []): Promise<readonly Row[]> {
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  async get<Row>(sql: string, parameters: readonly SqlValue[] = []): Promise<Row | undefined> {
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    return this.#prepare(sql).run(...parameters).changes;
  }

  async runMany(sql: string, rows: Iterable<readonly SqlValue[]>): Promise<number> {
    return this.runFlat(flat({ sql, rows }));
  }

  /** The same with the values of all rows one after the other. */
  runFlat({ sql, columns, values }: FlatRows): number {
    const { together, statementFor } = this.#prepareMany(sql);
    let changed = 0;
    for (let first = 0; first < values.length; first += together * columns) {
      const some = values.slice(first, first + together * columns);
      changed += statementFor(some.length / columns).run(some).changes;
    }
    return changed;
  }

  async script(sql: string): Promise<void> {
    this.#connection.exec(sql);
  }

  #prepareMany(sql: string): ManyRows {
    const known = this.#many.get(sql);
    if (known !== undefined) return known;
    const insertOf = insertOfRows(sql);
    const byCount: SQLite.Statement[] = [];
    const many: ManyRows = {
      together: insertOf === undefined ? 1 : ROWS_TOGETHER,
      statementFor: (rows) => (byCount[rows] ??= this.#prepare(insertOf?.(rows) ?? sql)),
    };
    this.#many.set(sql, many);
    return many;
  }

  #prepare(sql: string): SQLite.Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}
