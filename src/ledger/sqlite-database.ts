import SQLite from "better-sqlite3";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import PQueue from "p-queue";
import type { Database, Dialect, Insert, SqlValue, Statements } from "./database.ts";
import { insertOfRows } from "./many-rows.ts";

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

/** Rows that one INSERT adds: with twenty, most of what a call costs beside its values is gone. */
const ROWS_TOGETHER = 20;

/** What carries out one statement for many rows of values. */
interface ManyRows {
  /** Rows that one call takes at the most. */
  readonly together: number;
  readonly statementFor: (rows: number) => SQLite.Statement;
}

/** Rows of appended batches that become durable together: more at once leave the page cache before they are committed. */
const ROWS_APPENDED = 5_000;

/** The statements of a connection to SQLite, each prepared once. */
class SqliteStatements implements Statements {
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
    const { together, statementFor } = this.#prepareMany(sql);
    let changed = 0;
    let values: SqlValue[] = [];
    let count = 0;
    for (const row of rows) {
      for (const value of row) values.push(value);
      count += 1;
      if (count < together) continue;
      changed += statementFor(count).run(values).changes;
      values = [];
      count = 0;
    }
    if (count > 0) changed += statementFor(count).run(values).changes;
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

/**
 * A file of SQLite. A connection has one transaction at a time, so whoever is not of it waits for its end: otherwise the
 * statements of one task would fall into the transaction of another.
 */
export class SqliteDatabase implements Database {
  readonly dialect = DIALECT;
  readonly #connection: SQLite.Database;
  readonly #statements: SqliteStatements;
  readonly #turns = new PQueue({ concurrency: 1 });
  /** Whether what is appended waits for more of it. */
  #isBulk = false;
  /** Rows of an open transaction to which more are appended. */
  #appended = 0;

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

  /**
   * Begins a time in which what is appended becomes durable by thousands of rows. Until {@link endBulk} the file has a
   * rollback journal: added pages stand in no journal, and in a write-ahead log everything is written twice.
   */
  beginBulk(): void {
    this.#connection.pragma("journal_mode = TRUNCATE");
    this.#isBulk = true;
  }

  /** Ends that time, where it has begun. */
  endBulk(): void {
    if (!this.#isBulk) return;
    this.#commitAppended();
    this.#isBulk = false;
    this.#connection.pragma("journal_mode = WAL");
  }

  append(inserts: readonly Insert[]): Promise<void> {
    const add = async (statements: Statements): Promise<void> => {
      for (const { sql, rows } of inserts) this.#appended += await statements.runMany(sql, rows);
    };
    if (!this.#isBulk) return this.transaction(add);
    return this.#turns.add(async () => {
      if (!this.#connection.inTransaction) this.#connection.exec("BEGIN IMMEDIATE");
      try {
        await add(this.#statements);
        if (this.#appended >= ROWS_APPENDED) this.#commitAppended();
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  #commitAppended(): void {
    this.#appended = 0;
    if (this.#connection.inTransaction) this.#connection.exec("COMMIT");
  }

  #rollBack(): void {
    if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
  }

  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    return this.#turns.add(async () => {
      this.#commitAppended();
      this.#connection.exec("BEGIN IMMEDIATE");
      try {
        const result = await work(this.#statements);
        this.#connection.exec("COMMIT");
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  /** At once where nobody is at work, which is nearly always: a queue costs more than most statements. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const isFree = this.#turns.size + this.#turns.pending === 0;
    if (!isFree) return this.#turns.add(() => this.#afterAppended(work));
    return this.#afterAppended(work);
  }

  #afterAppended<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#appended > 0) this.#commitAppended();
    return work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.onIdle();
    try {
      this.#commitAppended();
    } finally {
      this.#connection.close();
    }
  }
}
