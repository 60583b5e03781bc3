import { FerryError } from "../core/ferry-error.ts";
import { loadMysql, MysqlConnection } from "./mysql-connection.ts";
import { canOrder, isNumber, mysqlConverter, type MysqlField } from "./mysql-values.ts";
import { MYSQL_QUERIES } from "./queries/mysql.ts";
import { BATCH_BYTES, BATCH_ROWS, type Source, type SourceType } from "./source.ts";
import { fillIn, requireColumn, requireOne, sqlQuestionOf, type SqlQuestion } from "./sql-question.ts";
import { sqlSource, type SqlReader } from "./sql-source.ts";
import { badAddress } from "../drivers/bad-address.ts";

/**
 * The rows of a query in MySQL or MariaDB, each a document with the names of the columns as keys. One transaction, which
 * only reads and sees one state of the database; the server sends rows as they are wanted.
 */
export const mysql: SourceType = {
  type: "mysql",
  place: "environment",
  options: ["query", "preset", "cursorColumn", "realm", "connectionUrl"],
  async open(place, options, { signal, after } = {}) {
    const question = sqlQuestionOf(MYSQL_QUERIES, options, after);
    const { connectionUrl: url } = options;
    if (url === undefined) throw badAddress(place, "mysql://…");
    const connection = await MysqlConnection.open(await loadMysql(), { place, url, signal });
    try {
      const server = await beginReading(connection);
      return await openRows(connection, await specify(connection, question, options.realm), server);
    } catch (error) {
      await connection.close();
      throw error;
    }
  },
};

/** Begins the transaction, and answers with what the server is. */
async function beginReading(connection: MysqlConnection): Promise<string> {
  const [[version] = []] = await connection.rows("SELECT VERSION()");
  const isMariaDb = String(version).includes("MariaDB");
  await connection.rows(`SET SESSION ${isMariaDb ? "max_statement_time" : "max_execution_time"} = 0`);
  // A plan may take its time between two rows. Lists that are longer than by default are not to be cut.
  await connection.rows(
    "SET SESSION time_zone = '+00:00', net_write_timeout = 86400, group_concat_max_len = 67108864",
  );
  await connection.rows("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await connection.rows("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  return `${isMariaDb ? "MariaDB" : "MySQL"} ${/^[\d.]*/.exec(String(version))?.[0] ?? ""}`;
}

/** The question with what had to be looked up in the database. */
async function specify(
  connection: MysqlConnection,
  question: SqlQuestion,
  wanted: string | undefined,
): Promise<SqlQuestion> {
  const { find, sql } = question;
  if (find === undefined) return question;
  const found = await connection.records(find.sql);
  return { ...question, sql: fillIn(sql, requireOne(found, find, wanted)) };
}

async function openRows(connection: MysqlConnection, question: SqlQuestion, server: string): Promise<Source> {
  const { sql, lists, cursorColumn } = question;
  const ordered = cursorColumn === undefined ? sql : await inOrder(connection, question, cursorColumn);
  const rows = await connection.stream(ordered, READ_AHEAD);
  const columns = rows.fields.map(({ name }) => name);
  const reader: SqlReader = {
    columns,
    converters: rows.fields.map((field) => mysqlConverter(field, lists)),
    read: () => rows.read(),
    close: () => connection.close(),
  };
  return sqlSource(reader, server, question);
}

/** Whole batches, so that few of them are smaller. */
const READ_AHEAD = { rows: BATCH_ROWS, bytes: BATCH_BYTES };

/** The SQL, with the order and the beginning that it is to have. */
async function inOrder(
  connection: MysqlConnection,
  { sql, after }: SqlQuestion,
  cursorColumn: string,
): Promise<string> {
  // On a line of its own, as the last one may end in a comment.
  const inner = `SELECT source.* FROM (\n${sql}\n) AS source`;
  const fields = await connection.fields(`${inner} LIMIT 0`);
  const names = fields.map(({ name }) => name);
  const field = fields[requireColumn(names, cursorColumn)] as MysqlField;
  if (!canOrder(field)) throw unordered(cursorColumn);
  const column = `source.\`${cursorColumn.replaceAll("`", "``")}\``;
  // Not behind the value: some of its rows may be new. Rows without one come first, and are refused there.
  const begin =
    after === undefined ? "" : ` WHERE ${column} >= ${literal(after.value, field)} OR ${column} IS NULL`;
  return `${inner}${begin} ORDER BY ${column}`;
}

/** The value as SQL: compared as a text, a large number would be rounded. */
function literal(value: string, field: MysqlField): string {
  if (isNumber(field) && /^-?\d+(?:\.\d+)?$/.test(value)) return value;
  if (!isNumber(field) && /^\d+-\d+-\d+(?: \d+:\d+:\d+(?:\.\d+)?)?$/.test(value)) return `'${value}'`;
  throw new FerryError("USAGE", `source.after is no value of the column ${field.name}`, {
    hint: "Write it as the plan before said it (source.cursor in its report.json), in quotes",
  });
}

function unordered(column: string): FerryError {
  return new FerryError(
    "USAGE",
    `Rows cannot be read in the order of ${column}: it is no whole number and no time`,
    {
      hint: "Name a column such as updated_at, or a version that is counted, in source.cursorColumn",
    },
  );
}
