import type { JsonObject, JsonValue, Row, RowBatch } from "../core/row.ts";
import { ChangeCursor, type Cells } from "./change-cursor.ts";
import { requireColumn, requireColumns, type SqlQuestion } from "./sql-question.ts";
import { BATCH_ROWS, MAX_USER_BYTES, type Source } from "./source.ts";

/** Brings the cell of a column into JSON; never called with null. Throws SyntaxError for what is too deep to be read. */
export type Converter = (cell: never) => JsonValue;

/** A query that a database works on. */
export interface SqlReader {
  /** Names of the result's columns, each once. */
  readonly columns: readonly string[];
  /** One for each column; undefined where the driver's value is right as it is. */
  readonly converters: readonly (Converter | undefined)[];
  /** The next rows, some hundreds; none at the end. Throws when the query cannot go on to its end. */
  read(): Promise<readonly Cells[]>;
  /** Closes the connection, and ends a query that is not at its end. Does nothing to a closed one. */
  close(): Promise<void>;
}

/**
 * The rows of a query as documents, with the names of the columns as keys, in the order that the question wants. Throws
 * SOURCE_FORMAT and USAGE for columns that cannot be read so.
 */
export function sqlSource(
  reader: SqlReader,
  database: string,
  { cursorColumn, after }: Pick<SqlQuestion, "cursorColumn" | "after">,
): Source {
  requireColumns(reader.columns);
  const cursor =
    cursorColumn === undefined
      ? undefined
      : new ChangeCursor(requireColumn(reader.columns, cursorColumn), cursorColumn, after);
  return {
    shape: { kind: "documents" },
    description: cursorColumn === undefined ? database : `${database}, in the order of ${cursorColumn}`,
    heedsAfter: cursor !== undefined,
    get cursor() {
      return cursor?.text;
    },
    batches: () => readRows(reader, cursor),
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

async function* readRows(reader: SqlReader, cursor: ChangeCursor | undefined): AsyncGenerator<RowBatch> {
  const toRow = rowMaker(reader);
  let seq = 0;
  try {
    for (;;) {
      const found = await reader.read();
      if (found.length === 0) return;
      // What is left of one reading goes alone: its rows may be so large that few were read at a time.
      let rows: Row[] = [];
      for (const cells of found) {
        if (cursor?.take(cells) === false) continue;
        seq += 1;
        rows.push(toRow(cells, seq));
        if (rows.length < BATCH_ROWS) continue;
        yield rows;
        rows = [];
      }
      if (rows.length > 0) yield rows;
    }
  } finally {
    await reader.close();
  }
}

function rowMaker({ columns, converters }: SqlReader): (cells: Cells, seq: number) => Row {
  // A copy has room for all fields at once; an object that grows field by field leaves most of itself as garbage.
  const empty: Record<string, JsonValue> = Object.fromEntries(columns.map((column) => [column, null]));
  const key = columns.findIndex((column) => IS_KEY.test(column));
  const reject = (cells: Cells, seq: number, why: string): Row => ({
    seq,
    line: undefined,
    record: undefined,
    issue: {
      code: "row-unreadable",
      attribute: undefined,
      message: `row ${seq}${keyOf(columns[key], cells[key])}: ${why}`,
    },
  });
  return (cells, seq) => {
    const record = { ...empty };
    let length = 0;
    for (let at = 0; at < columns.length; at += 1) {
      const column = columns[at] as string;
      const cell = cells[at];
      const convert = converters[at];
      if (typeof cell === "string" || cell instanceof Uint8Array) length += cell.length;
      if (cell === null || cell === undefined) continue;
      if (convert === undefined) record[column] = cell as JsonValue;
      else {
        try {
          record[column] = convert(cell as never);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          return reject(cells, seq, `${column} is no JSON, no UTF-8, or nested too deeply`);
        }
      }
    }
    if (length > MAX_USER_BYTES) return reject(cells, seq, "it has more than 16 MB");
    return { seq, line: undefined, record: record satisfies JsonObject };
  };
}

/** Names of primary keys: id, ID, userId, user_id. */
const IS_KEY = /^(user_?)?id$/i;

/** The key for the operator, who knows no row by its number; nothing that can be anything else than a key. */
function keyOf(name: string | undefined, value: unknown): string {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  return name !== undefined && /^[\w-]{1,64}$/.test(text) ? ` (${name} ${text})` : "";
}
