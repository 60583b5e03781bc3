import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";
import { FerryError } from "../core/ferry-error.ts";
import type { Cells } from "./change-cursor.ts";
import { parseJsonValue } from "./json-row.ts";
import { SQLITE_QUERIES } from "./queries/sqlite.ts";
import { fillIn, requireColumn, requireOne, sqlQuestionOf, type SqlQuestion } from "./sql-question.ts";
import { sqlSource, type Converter, type SqlReader } from "./sql-source.ts";
import { BATCH_ROWS, type SourceType } from "./source.ts";

/** How long to wait for an application that is just writing. */
const BUSY_MS = 10_000;

/**
 * The rows of a query on an SQLite database, as documents. The file is opened for reading alone, and one statement sees
 * one state of the database, whatever the application writes meanwhile. Values come as SQLite stores them: numbers and
 * texts as they are (whole numbers beyond 2^53 as texts of their digits), bytes as hexadecimal text, and no dates, as
 * SQLite has none.
 */
export const sqlite: SourceType = {
  type: "sqlite",
  options: ["query", "preset", "cursorColumn"],
  async open(path, options, context) {
    const asked = sqlQuestionOf(SQLITE_QUERIES, options, context?.after);
    const database = openDatabase(path);
    try {
      const question = specify(database, path, asked);
      const statement = prepare(database, path, question);
      const columns = statement.columns().map(({ name }) => name);
      const reader = new StatementReader(path, database, {
        statement,
        columns,
        begin: question.after === undefined ? [] : [{ after: question.after.value }],
        lists: question.lists,
      });
      return sqlSource(reader, describe(options), question);
    } catch (error) {
      database.close();
      throw error;
    }
  },
};

function describe({ preset }: { readonly preset?: string | undefined }): string {
  return preset === undefined ? "SQLite, a query of its own" : `SQLite, the users of ${preset}`;
}

function openDatabase(path: string): Database.Database {
  try {
    const database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_MS });
    // Opening reads nothing yet.
    database.pragma("schema_version");
    return database;
  } catch (error) {
    throw explain(error, path);
  }
}

/** The question with what had to be looked up in the database. */
function specify(database: Database.Database, path: string, question: SqlQuestion): SqlQuestion {
  const { find, sql } = question;
  if (find === undefined) return question;
  try {
    const found = database.prepare<[], Record<string, string>>(find.sql).all();
    return { ...question, sql: fillIn(sql, requireOne(found, find, undefined)) };
  } catch (error) {
    throw explain(error, path);
  }
}

function prepare(
  database: Database.Database,
  path: string,
  { sql, cursorColumn, after }: SqlQuestion,
): Statement {
  try {
    const statement = database.prepare<Place[], unknown[]>(
      cursorColumn === undefined
        ? sql
        : inOrder(database, sql, { column: cursorColumn, begins: after !== undefined }),
    );
    if (!statement.reader) throw notReading();
    return statement.raw(true).safeIntegers(true);
  } catch (error) {
    if (error instanceof FerryError) throw error;
    // The text was not run yet, so SQLite's words are about it and not about a user.
    if (error instanceof Database.SqliteError && error.code === "SQLITE_ERROR") {
      throw new FerryError("SOURCE_REFUSED", `${path} does not take the query: ${error.message}`, {
        hint: "Check source.query, or whether the database is that of the application that source.preset names",
        cause: error,
      });
    }
    // better-sqlite3's own words for several statements in one text.
    if (error instanceof RangeError) throw notReading();
    throw explain(error, path);
  }
}

/** The query's rows in the order of one column. Its text stands on lines of its own, as it may end in a comment. */
function inOrder(
  database: Database.Database,
  sql: string,
  { column, begins }: { readonly column: string; readonly begins: boolean },
): string {
  // A name in double quotes that is no column would be taken for a text.
  const columns = database
    .prepare(sql)
    .columns()
    .map(({ name }) => name);
  requireColumn(columns, column);
  const name = `"${column.replaceAll('"', '""')}"`;
  // The place is a text; a number is compared as one.
  const from = `WHERE ${name} >= CASE typeof(${name}) WHEN 'text' THEN @after ELSE CAST(@after AS NUMERIC) END OR ${name} IS NULL`;
  return `SELECT * FROM (\n${sql}\n) ${begins ? from : ""}\nORDER BY ${name}`;
}

/** Where a reading begins; no parameter at all where it begins at the beginning. */
interface Place {
  readonly after: string;
}

type Statement = Database.Statement<Place[], unknown[]>;

interface Asked {
  readonly statement: Statement;
  readonly columns: readonly string[];
  readonly begin: readonly Place[];
  /** Columns that hold JSON. */
  readonly lists: readonly string[];
}

/** Reads the rows of one statement; SQLite works as far as it is asked, and keeps no rows. */
class StatementReader implements SqlReader {
  readonly columns: readonly string[];
  readonly converters: readonly Converter[];
  readonly #path: string;
  readonly #database: Database.Database;
  readonly #asked: Asked;
  #rows: IterableIterator<unknown[]> | undefined;

  constructor(path: string, database: Database.Database, asked: Asked) {
    this.#path = path;
    this.#database = database;
    this.#asked = asked;
    this.columns = asked.columns;
    this.converters = asked.columns.map((column) => (asked.lists.includes(column) ? parseJsonValue : toJson));
  }

  async read(): Promise<readonly Cells[]> {
    // Reading never waits, so an interruption would not be heard before its end.
    await setImmediate();
    const cells: Cells[] = [];
    try {
      this.#rows ??= this.#asked.statement.iterate(...this.#asked.begin);
      while (cells.length < BATCH_ROWS) {
        const next = this.#rows.next();
        if (next.done === true) break;
        cells.push(next.value.map(withoutBigint));
      }
    } catch (error) {
      throw explain(error, this.#path);
    }
    return cells;
  }

  close(): Promise<void> {
    // A statement that is still at work would keep the database from being closed.
    this.#rows?.return?.();
    this.#database.close();
    return Promise.resolve();
  }
}

/** A number where it is exact, else the text of its digits. */
function withoutBigint(cell: unknown): unknown {
  if (typeof cell !== "bigint") return cell;
  return isSafe(cell) ? Number(cell) : String(cell);
}

function toJson(cell: unknown): string | number {
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString("hex");
  // Infinity is the one number that no JSON has.
  if (typeof cell === "number" && !Number.isFinite(cell)) return String(cell);
  // What is no UTF-8 comes with this in its place, and a value that lost letters is another one.
  if (typeof cell === "string" && cell.includes("\uFFFD")) throw new SyntaxError("not UTF-8");
  return cell as string | number;
}

function isSafe(cell: bigint): boolean {
  return cell <= Number.MAX_SAFE_INTEGER && cell >= Number.MIN_SAFE_INTEGER;
}

function notReading(): FerryError {
  return new FerryError("SOURCE_REFUSED", "source.query is not one statement that reads", {
    hint: "It must be one SELECT; the database is opened for reading alone",
  });
}

/** What SQLite's trouble means; its words are left out, as those of a statement at work can hold a value. */
function explain(error: unknown, path: string): unknown {
  if (error instanceof TypeError && /directory does not exist/.test(error.message))
    return notFound(path, error);
  // better-sqlite3's own words for a value that it was not given.
  if (error instanceof RangeError) return hasParameters(error);
  if (!(error instanceof Database.SqliteError)) return error;
  const { code } = error;
  if (code.startsWith("SQLITE_CANTOPEN")) return notFound(path, error);
  if (code.startsWith("SQLITE_NOTADB")) {
    return new FerryError("SOURCE_FORMAT", `${path} is not an SQLite database`, {
      hint: "If it is encrypted, export it with its own program; a dump of SQL statements is read in with sqlite3 first",
      cause: error,
    });
  }
  if (code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_IOERR_SHORT_READ")) {
    return new FerryError(
      "SOURCE_TRUNCATED",
      `${path} is damaged, or was copied while it was written (${code})`,
      {
        hint: 'Copy it with sqlite3 FILE ".backup COPY", which waits for writers; nothing of it was used',
        cause: error,
      },
    );
  }
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new FerryError("SOURCE_REFUSED", `${path} is locked by a program that writes (${code})`, {
      hint: 'Copy it with sqlite3 FILE ".backup COPY", and read the copy',
      cause: error,
    });
  }
  return new FerryError("SOURCE_REFUSED", `${path} cannot be read to its end (${code})`, {
    hint: "Run the query with sqlite3 to see why: a function of it most likely fails on some row",
    cause: error,
  });
}

function hasParameters(cause: RangeError): FerryError {
  return new FerryError("SOURCE_REFUSED", "source.query has parameters, for which there are no values", {
    hint: "Write the values into the query; a question mark or colon of a text stands in quotes",
    cause,
  });
}

function notFound(path: string, cause: unknown): FerryError {
  return new FerryError("SOURCE_NOT_FOUND", `${path} cannot be opened as a database`, {
    hint: "Check the path that --from names, and its permissions; beside a database in WAL mode, files are made while it is read, so copy it to where you may write",
    cause,
  });
}
