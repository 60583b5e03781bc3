import SQLite from "better-sqlite3";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import PQueue from "p-queue";
import { AppendBeside } from "./append-beside.ts";
import type { Database, Insert, SqlValue, Statements } from "./database.ts";
import { SqliteAppender } from "./sqlite-appender.ts";
import { DIALECT, flat, SqliteStatements } from "./sqlite-statements.ts";

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

/** So many rows are appended by the thread that has them: a thread beside it is worth its start and its memory for more. */
const ROWS_APPENDED_HERE = 20_000;

/**
 * A file of SQLite. A connection has one transaction at a time, so whoever is not of it waits for its end: otherwise the
 * statements of one task would fall into the transaction of another.
 */
export class SqliteDatabase implements Database {
  readonly dialect = DIALECT;
  readonly #connection: SQLite.Database;
  readonly #statements: SqliteStatements;
  readonly #turns = new PQueue({ concurrency: 1 });
  /** What appends while what is appended waits for more of it. */
  #appender: SqliteAppender | undefined;
  /** What has taken over from it, as there is much. */
  #beside: AppendBeside | undefined;

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

  /** Begins a time in which what is appended becomes durable by thousands of rows, and much of it in a thread beside this one. */
  beginBulk(): void {
    this.#appender = new SqliteAppender(this.#connection, this.#statements);
  }

  /** Ends that time, where it has begun. */
  async endBulk(): Promise<void> {
    await this.#turns.add(async () => {
      if (this.#appender === undefined) return;
      await this.#endAppending();
      this.#appender = undefined;
      this.#connection.pragma("journal_mode = WAL");
    });
  }

  append(inserts: readonly Insert[]): Promise<void> {
    const appender = this.#appender;
    if (appender === undefined) {
      return this.transaction(async (statements) => {
        for (const { sql, rows } of inserts) await statements.runMany(sql, rows);
      });
    }
    return this.#turns.add(async () => {
      if (this.#beside === undefined && appender.appended >= ROWS_APPENDED_HERE) {
        appender.commit();
        this.#beside = new AppendBeside(this.#connection.name);
      }
      await (this.#beside ?? appender).append(inserts.map(flat).filter(({ values }) => values.length > 0));
    });
  }

  /** Has everything that was appended in the file. */
  async #endAppending(): Promise<void> {
    this.#appender?.commit();
    if (this.#beside === undefined) return;
    const beside = this.#beside;
    this.#beside = undefined;
    await beside.end();
    // Counts anew: who asks now and then begins no thread each time.
    this.#appender = new SqliteAppender(this.#connection, this.#statements);
  }

  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    return this.#turns.add(async () => {
      await this.#endAppending();
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
    const isFree = this.#turns.size + this.#turns.pending === 0 && this.#beside === undefined;
    if (isFree) {
      this.#appender?.commit();
      return work();
    }
    return this.#turns.add(async () => {
      await this.#endAppending();
      return work();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.onIdle();
    try {
      await this.#endAppending();
    } finally {
      this.#connection.close();
    }
  }
}
