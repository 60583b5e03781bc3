import SQLite from "better-sqlite3";
import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import PQueue from "p-queue";
import type { Database, Dialect, SqlValue, Statements } from "./database.ts";

const DIALECT: Dialect = {
  name: "sqlite",
  numberedKey: "INTEGER PRIMARY KEY",
  integer: "INTEGER",
  scratchTable: "CREATE TEMP TABLE",
};

/**
 * Opens a file of SQLite, or makes an empty one (0600). Whatever is settled in it survives a power cut, what is deleted is
 * overwritten, and what is too large for memory is sorted beside the file.
 */
export function openSqliteDatabase(path: string): SqliteDatabase {
  // Opened by us first: SQLite would make it readable to others, if only for a moment.
  if (!existsSync(path)) closeSync(openSync(path, "wx", 0o600));
  const connection = new SQLite(path);
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = FULL");
  connection.pragma("secure_delete = ON");
  connection.pragma("busy_timeout = 5000");
  connection.pragma("temp_store = FILE");
  connection.pragma(`temp_store_directory = '${dirname(path).replaceAll("'", "''")}'`);
  return new SqliteDatabase(connection);
}

/** The statements of a connection to SQLite, each prepared once. */
class SqliteStatements implements Statements {
  readonly dialect = DIALECT;
  readonly #connection: SQLite.Database;
  readonly #prepared = new Map<string, SQLite.Statement>();

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

  async runMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    const statement = this.#prepare(sql);
    let changed = 0;
    for (const row of rows) changed += statement.run(...row).changes;
    return changed;
  }

  async script(sql: string): Promise<void> {
    this.#connection.exec(sql);
  }

  #prepare(sql: string): SQLite.Statement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/**
 * A file of SQLite. A connection has one transaction at a time, so whoever is not of it waits for its end: otherwise the
 * statements of one task would fall into the transaction of another.
 */
export class SqliteDatabase implements Database {
  readonly dialect = DIALECT;
  readonly #connection: SQLite.Database;
  readonly #statements: SqliteStatements;
  readonly #turns = new PQueue({ concurrency: 1 });

  /** Takes over the connection: disposing of this closes it. */
  constructor(connection: SQLite.Database) {
    this.#connection = connection;
    this.#statements = new SqliteStatements(connection);
  }

  async all<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#inTurn(() => this.#statements.all<Row>(sql, parameters));
  }

  async get<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#inTurn(() => this.#statements.get<Row>(sql, parameters));
  }

  async run(sql: string, parameters?: readonly SqlValue[]): Promise<number> {
    return this.#inTurn(() => this.#statements.run(sql, parameters));
  }

  async runMany(sql: string, rows: readonly (readonly SqlValue[])[]): Promise<number> {
    return this.transaction((statements) => statements.runMany(sql, rows));
  }

  async script(sql: string): Promise<void> {
    return this.#inTurn(() => this.#statements.script(sql));
  }

  async transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    return this.#turns.add(async () => {
      this.#connection.exec("BEGIN IMMEDIATE");
      try {
        const result = await work(this.#statements);
        this.#connection.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
        throw error;
      }
    });
  }

  /** At once where nobody is at work, which is nearly always: a queue costs more than most statements. */
  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const isFree = this.#turns.size + this.#turns.pending === 0;
    return isFree ? work() : this.#turns.add(work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.onIdle();
    this.#connection.close();
  }
}
