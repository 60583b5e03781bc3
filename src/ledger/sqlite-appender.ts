import type SQLite from "better-sqlite3";
import type { Insert, SqlValue } from "./database.ts";
import type { SqliteStatements } from "./sqlite-statements.ts";

/** An INSERT with the values of all its rows, one after the other: what a thread is given quickest. */
export interface FlatInsert {
  readonly sql: string;
  /** Values of a row. */
  readonly columns: number;
  readonly values: readonly SqlValue[];
}

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

  /** Carries out INSERTs for their rows; where one of them fails, nothing of the transaction stays. */
  append(inserts: Iterable<Insert>): Promise<void> {
    return this.#within(async () => {
      for (const { sql, rows } of inserts) this.#waiting += await this.#statements.runMany(sql, rows);
    });
  }

  /** The same for rows whose values follow one another. */
  appendFlat(inserts: readonly FlatInsert[]): Promise<void> {
    return this.#within(async () => {
      for (const { sql, columns, values } of inserts)
        this.#waiting += this.#statements.runFlat(sql, columns, values);
    });
  }

  async #within(work: () => Promise<void>): Promise<void> {
    if (!this.#connection.inTransaction) this.#connection.exec("BEGIN IMMEDIATE");
    try {
      await work();
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
