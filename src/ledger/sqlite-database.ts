import SQLite from "better-sqlite3";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import PQueue from "p-queue";
import type { Database, Dialect, SqlValue, Statements } from "./database.ts";

const DIALECT: Dialect = {
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

/** Opens a file of SQLite, or makes an empty one (0600), as {@link configure} has it. */
export function openSqliteDatabase(path: string): SqliteDatabase {
  // Opened by us first: SQLite would make it readable to others, if only for a moment.
  closeSync(openSync(path, "a", 0o600));
  const connection = new SQLite(path);
  configure(connection, dirname(path));
  return new SqliteDatabase(connection);
}

/** Has a connection keep what it is told, and nothing that it was told to erase; `folder` is that of its file. */
export function configure(connection: SQLite.Database, folder: string): void {
  connection.pragma("journal_mode = WAL");
  // A settled outcome that a power cut forgets would be sent twice; ten thousand such commits a second are enough.
  connection.pragma("synchronous = FULL");
  // Users are appended, and sorted by temporary files: a larger cache, and the sorter takes as much again, is only memory.
  connection.pragma("cache_size = -2048");
  // What is erased is overwritten, so that no password hash stays in a free corner of the file.
  connection.pragma("secure_delete = ON");
  connection.pragma("busy_timeout = 5000");
  // What is too large to be sorted in memory goes to disk: to the run's own folder, as it is personal data, and as a full
  // disk is then the run's. SQLite makes such files 0600 and takes their names away at once, so that no crash leaves
  // one. The setting is the process's; with two runs in one process the files may lie in the other one's folder.
  connection.pragma("temp_store = FILE");
  connection.pragma(`temp_store_directory = '${folder.replaceAll("'", "''")}'`);
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

  async runMany(sql: string, rows: Iterable<readonly SqlValue[]>): Promise<number> {
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

  all<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.#inTurn(() => this.#statements.all<Row>(sql, parameters));
  }

  get<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row | undefined> {
    return this.#inTurn(() => this.#statements.get<Row>(sql, parameters));
  }

  run(sql: string, parameters?: readonly SqlValue[]): Promise<number> {
    return this.#inTurn(() => this.#statements.run(sql, parameters));
  }

  runMany(sql: string, rows: Iterable<readonly SqlValue[]>): Promise<number> {
    return this.transaction((statements) => statements.runMany(sql, rows));
  }

  script(sql: string): Promise<void> {
    return this.#inTurn(() => this.#statements.script(sql));
  }

  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
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
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const isFree = this.#turns.size + this.#turns.pending === 0;
    return isFree ? work() : this.#turns.add(work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.onIdle();
    this.#connection.close();
  }
}
