import type pg from "pg";
import type { Cells } from "./change-cursor.ts";
import { loadPostgres, PostgresConnection, type PostgresCursor } from "./postgres-connection.ts";
import { ELEMENT_TYPES_SQL, postgresConverter, TEXT_SETTINGS, type ElementTypes } from "./postgres-values.ts";
import { POSTGRES_QUERIES } from "./queries/postgres.ts";
import { BATCH_BYTES, BATCH_ROWS, type Source, type SourceType } from "./source.ts";
import { fillIn, requireOne, sqlQuestionOf, type SqlQuestion } from "./sql-question.ts";
import { sqlSource, type SqlReader } from "./sql-source.ts";
import { badAddress } from "../drivers/bad-address.ts";

/**
 * The rows of a query in PostgreSQL, each a document with the names of the columns as keys. One transaction, which only
 * reads and sees one state of the database, and a cursor of the server, so that neither side holds the whole result.
 */
export const postgres: SourceType = {
  type: "postgres",
  place: "environment",
  options: ["query", "preset", "cursorColumn", "realm", "connectionUrl"],
  async open(place, options, { signal, after } = {}) {
    const question = sqlQuestionOf(POSTGRES_QUERIES, options, after);
    const { connectionUrl: url } = options;
    if (url === undefined) throw badAddress(place, "postgres://…");
    const driver = await loadPostgres();
    const connection = await PostgresConnection.open(driver, { place, url, signal });
    try {
      const version = await beginReading(connection);
      const elementTypes = await readElementTypes(connection);
      const asked = await specify(connection, question, options.realm);
      return await openCursor(connection, asked, { version, elementTypes, driver: driver.pg });
    } catch (error) {
      await connection.close();
      throw error;
    }
  },
};

/** Begins the transaction, and answers with the server's version. */
async function beginReading(connection: PostgresConnection): Promise<string> {
  await connection.rows("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  // Behind a pooler it is another one in each transaction.
  await connection.identify();
  // For this transaction alone: behind a pooler the connection goes to somebody else afterwards.
  const settings = Object.entries(TEXT_SETTINGS).flat();
  const calls = settings.flatMap((_, at) =>
    at % 2 === 0 ? [`set_config($${at + 1}, $${at + 2}, true)`] : [],
  );
  await connection.rows(`SELECT ${calls.join(", ")}`, settings);
  // A plan may take its time between two rows; which of these there are depends on the version.
  await connection.rows(
    "SELECT set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')",
  );
  const [row] = await connection.rows<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  );
  return row?.version.split(" ")[0] ?? "";
}

async function readElementTypes(connection: PostgresConnection): Promise<ElementTypes> {
  const types = await connection.rows<{ list: string; element: string }>(ELEMENT_TYPES_SQL);
  return new Map(types.map(({ list, element }) => [Number(list), Number(element)]));
}

/** The question with what had to be looked up in the database. */
async function specify(
  connection: PostgresConnection,
  question: SqlQuestion,
  wanted: string | undefined,
): Promise<SqlQuestion> {
  const { find, sql } = question;
  if (find === undefined) return question;
  const found = await connection.rows<Record<string, string>>(find.sql);
  return { ...question, sql: fillIn(sql, requireOne(found, find, wanted)) };
}

interface Opened {
  readonly version: string;
  readonly elementTypes: ElementTypes;
  readonly driver: typeof pg;
}

async function openCursor(
  connection: PostgresConnection,
  question: SqlQuestion,
  { version, elementTypes, driver }: Opened,
): Promise<Source> {
  const { after } = question;
  const cursor = connection.cursor(inOrder(question), after === undefined ? [] : [after.value]);
  const first = await cursor.read(BATCH_ROWS);
  const columns = first.fields.map(({ name }) => name);
  const reader: SqlReader = {
    columns,
    converters: first.fields.map(({ dataTypeID }) => postgresConverter(dataTypeID, elementTypes, driver)),
    read: readAhead(connection, cursor, first.rows),
    close: () => connection.close(),
  };
  return sqlSource(reader, `PostgreSQL ${version}`, question);
}

/** The SQL, with the order and the beginning that it is to have. */
function inOrder({ sql, cursorColumn, after }: SqlQuestion): string {
  if (cursorColumn === undefined) return sql;
  const column = `source.${quoteName(cursorColumn)}`;
  // Not behind the value: some of its rows may be new. Rows without one come first, and are refused there.
  const begin = after === undefined ? "" : ` WHERE ${column} >= $1 OR ${column} IS NULL`;
  // On a line of its own, as the last one may end in a comment.
  return `SELECT source.* FROM (\n${sql}\n) AS source${begin} ORDER BY ${column} NULLS FIRST`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Rows that are asked for at once, at the most: enough to make the way to the server and back seldom. */
const MAX_FETCH_ROWS = 5 * BATCH_ROWS;

/** Reads the next rows while those before are worked on. */
function readAhead(
  connection: PostgresConnection,
  cursor: PostgresCursor,
  first: readonly Cells[],
): () => Promise<readonly Cells[]> {
  let bytes = connection.bytesRead;
  let count = fetchRows(first.length, bytes);
  const fetch = async (): Promise<readonly Cells[]> => {
    const { rows } = await cursor.read(count);
    count = fetchRows(rows.length, connection.bytesRead - bytes);
    bytes = connection.bytesRead;
    return rows;
  };
  const ahead = (): Promise<readonly Cells[]> => {
    const rows = fetch();
    // Whoever waits for it hears of its failure; nobody may.
    rows.catch(() => undefined);
    return rows;
  };
  let next: Promise<readonly Cells[]> | undefined;
  let isFirst = true;
  return async () => {
    if (isFirst) {
      isFirst = false;
      if (first.length > 0) next = ahead();
      return first;
    }
    const rows = (await next) ?? [];
    next = rows.length === 0 ? undefined : ahead();
    return rows;
  };
}

/** How many rows are asked for after so many had so many bytes: of large ones few, whole batches of small ones. */
function fetchRows(rows: number, bytes: number): number {
  const fitting = Math.floor((BATCH_BYTES * rows) / Math.max(bytes, 1));
  if (fitting < BATCH_ROWS) return Math.max(fitting, 1);
  return Math.min(fitting - (fitting % BATCH_ROWS), MAX_FETCH_ROWS);
}
