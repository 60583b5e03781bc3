/** What a statement is given in place of a `?`, and what a column holds: flags are 0 or 1. */
export type SqlValue = string | number | null;

/**
 * One SQL database, as ledgers use it: a file of SQLite, or a schema of PostgreSQL. Statements are written once, in what
 * both understand, with `?` for each value; what they do not share is named by {@link Dialect}.
 */
export interface Statements {
  readonly dialect: Dialect;
  /** All rows of a query; for what is known to be few, or read page by page. */
  all<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>;
  /** The first row of a query. */
  get<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row | undefined>;
  /** Carries out a statement; returns how many rows it changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>;
  /**
   * Carries out one INSERT or UPDATE for each row of values; returns how many rows they changed together. No two of them
   * may be about the same row of the table.
   */
  runMany(sql: string, rows: Iterable<readonly SqlValue[]>): Promise<number>;
  /** Carries out statements without values, one after the other. */
  script(sql: string): Promise<void>;
}

/** A database that is open. */
export interface Database extends Statements, AsyncDisposable {
  /**
   * Does work whose statements count together or not at all, and are on disk when it returns. The work must use the
   * statements that it is given, as others wait until it ends, and must wait for nothing else.
   */
  transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result>;
  /**
   * Carries out INSERTs for their rows, all of them or none. While a plan is written they may become durable together
   * with later ones: at the latest when anything else is asked.
   */
  append(inserts: readonly Insert[]): Promise<void>;
}

/** One INSERT for each row of values. */
export interface Insert {
  readonly sql: string;
  readonly rows: Iterable<readonly SqlValue[]>;
}

/** What SQLite and PostgreSQL spell differently. */
export interface Dialect {
  readonly name: "sqlite" | "postgres";
  /** The type of a primary key that numbers itself, with its constraint. */
  readonly numberedKey: string;
  /** The type of whole numbers of up to 53 bits, times in milliseconds among them. */
  readonly integer: string;
  /** The type of other numbers. */
  readonly real: string;
  /** The type of texts, which are told apart and sorted by their code points. */
  readonly text: string;
  /** What ends the definition of a table. */
  readonly table: string;
  /** What ends the definition of a table that is always asked by its primary key. */
  readonly keyedTable: string;
  /** What begins the definition of a table that is no part of the run and need not outlive a crash. */
  readonly createScratch: string;
  /** What an index that finds texts, however long, is of. */
  readonly textIndex: (column: string) => string;
  /** Has the database look at what a table holds after much was written to it. */
  readonly analyse: (table: string) => string;
}
