import type SQLite from "better-sqlite3";
import type { FlatRows, SqliteStatements } from "./sqlite-statements.ts";

/** Rows of appended batches that become durable together: more at once leave the page cache before they are committed. */
const ROWS_TOGETHER = 5_000;

/**
 * Appends rows to a file of SQLite that is of no use before it is whole, in transactions of thousands of them. Until its
 * owner says otherwise the connection has a rollback journal, as added pages stand in no journal and in a write-ahead log
 * everything is written twice; and it waits for the disk now and then only.
 */
export class SqliteAppender {
  readonly #connection: SQLite.Database;
  readonly #statements: SqliteStatements;
  /** Rows of the transaction that is open. */
  #waiting = 0;
  #appended = 0;

  constructor(connection: SQLite.Database, statements: SqliteStatements) {
    connection.pragma("journal_mode = TRUNCATE");
    connection.pragma("synchronous = NORMAL");
    this.#connection = connection;
    this.#statements = statements;
  }

  /** How many rows were appended. */
  get appended(): number {
    return this.#appended;
  }

  /** Carries out INSERTs; where one of them fails, nothing of the transaction stays. */
  append(inserts: readonly FlatRows[]): void {
    if (!this.#connection.inTransaction) this.#connection.exec("BEGIN IMMEDIATE");
    try {
      for (const insert of inserts) this.#waiting += this.#statements.runFlat(insert);
      if (this.#waiting >= ROWS_TOGETHER) this.commit();
    } catch (error) {
      this.#waiting = 0;
      if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  /** Ends the transaction that is open, if any. */
  commit(): void {
    if (!this.#connection.inTransaction) return;
    this.#appended += this.#waiting;
    this.#waiting = 0;
    this.#connection.exec("COMMIT");
  }
}
