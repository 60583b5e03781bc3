import { CsvError, parse, type Options, type Parser } from "csv-parse";
import { Readable, pipeline } from "node:stream";
import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { sniffSeparator, SEPARATOR_NAMES } from "./separator.ts";
import { BATCH_ROWS, type Source, type SourceOptions, type SourceType } from "./source.ts";
import { openFromTextFile, truncated, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";

/** Bytes a record may have; a longer one is no user, and holding it would fill the memory. */
const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** An e-mail address or a password hash is no column's name. */
const LOOKS_LIKE_DATA = /^[^\s@]+@[^\s@]+\.[^\s@]+$|^\$?(2[abxy]|argon2|pbkdf2|scrypt)[^$]*\$/;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * RFC 4180 CSV with a header line. A row with another number of fields than the header is a rejected row; broken
 * quoting stops the read, since nothing after it can be trusted.
 */
export const csv: SourceType = {
  type: "csv",
  open(path, options) {
    return openFromTextFile(path, (file) => openCsv(file, options));
  },
};

async function openCsv(file: TextFile, options: SourceOptions): Promise<Source> {
  const format = recogniseTextFormat(file.head, file.isWhole);
  if (format !== "table") throw wrongFormat(file.path, format, "CSV");
  const separator = options.separator ?? sniffSeparator(file.head);
  const ending: Ending = { lastByte: undefined };
  const records = readRecords(file, separator, ending);
  const header = await records.next();
  const columns = header.done === true ? [] : header.value.record;
  requireColumns(file.path, columns);
  const first = await records.next();
  if (first.done !== true && columns.length === 1) requireHeader(file.path, first.value);
  const name = SEPARATOR_NAMES[separator] ?? JSON.stringify(separator);
  return {
    shape: { kind: "table", columns },
    description: [`CSV, separated by ${name}`, file.encoding].filter((part) => part !== "").join(", "),
    batches: () => readRows(file.path, columns.length, startingWith(first, records), ending),
    [Symbol.asyncDispose]: async () => {
      await records.return();
      await file.close();
    },
  };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly firstLine: number;
  readonly lastLine: number;
}

/** How the text ended; known once all of it was read. */
interface Ending {
  lastByte: number | undefined;
}

async function* readRecords(
  file: TextFile,
  separator: string,
  ending: Ending,
): AsyncGenerator<CsvRecord, void, undefined> {
  const lines = new RecordLines();
  const options: Options<CsvRecord, string[]> = {
    delimiter: separator,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_RECORD_BYTES,
    record_delimiter: ["\r\n", "\n", "\r"],
    on_record: (record, info) => lines.place(record, info.lines),
  };
  // The types of parse know no on_record that makes something else of a record.
  const parser: Parser = parse(options as unknown as Options);
  // A failure surfaces in the loop below, so the callback has nothing to add.
  pipeline(Readable.from(noteEnding(file, ending), { objectMode: false }), parser, () => undefined);
  try {
    yield* parser as AsyncIterable<CsvRecord>;
  } catch (error) {
    throw error instanceof CsvError ? brokenCsv(file.path, error, lines) : error;
  }
}

/** Finds the lines of each record; the parser counts a CRLF inside quotes as two. */
class RecordLines {
  /** The parser's count up to the last record. */
  #counted = 0;
  /** How many of those lines there are not. */
  #surplus = 0;

  place(record: readonly string[], counted: number): CsvRecord {
    // A record on one line holds no line break.
    const breaks =
      counted === this.#counted + 1 ? [] : record.flatMap((cell) => cell.match(LINE_BREAK) ?? []);
    this.#counted = counted;
    this.#surplus += breaks.filter((lineBreak) => lineBreak.length > 1).length;
    const lastLine = this.lineOf(counted);
    return { record, firstLine: lastLine - breaks.length, lastLine };
  }

  /** The line at which the parser is by its own count, after the records that were placed. */
  lineOf(counted: number): number {
    return counted - this.#surplus;
  }
}

const LINE_BREAK = /\r\n|\n|\r/g;

function brokenCsv(path: string, error: CsvError, lines: RecordLines): FerryError {
  const line = lines.lineOf(Number(error["lines"]));
  if (error.code === "CSV_QUOTE_NOT_CLOSED") {
    return truncated(path, `a quoted field that starts before line ${line} is never closed`);
  }
  if (error.code === "CSV_MAX_RECORD_SIZE") {
    return new FerryError("SOURCE_FORMAT", `${path} has a row of more than 16 MB before line ${line}`, {
      hint: "A quoted field of it is most likely never closed",
    });
  }
  return new FerryError("SOURCE_FORMAT", `${path} breaks the rules of CSV at line ${line} (${error.code})`, {
    hint: 'A field with a quote, comma or line break must stand in "double quotes", with inner quotes doubled',
  });
}

/** A line of one field above lines of several is a title or a comment; taking it for the header would lose everyone. */
function requireHeader(path: string, { record, firstLine }: CsvRecord): void {
  if (record.length === 1) return;
  // The line is not shown: such lines were seen to hold a password.
  throw new FerryError(
    "SOURCE_FORMAT",
    `${path} does not begin with a header: its first line has one field, line ${firstLine} has ${record.length}`,
    { hint: "Remove the lines before the header" },
  );
}

async function* startingWith(
  first: IteratorResult<CsvRecord, void>,
  rest: AsyncIterable<CsvRecord>,
): AsyncGenerator<CsvRecord> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function requireColumns(path: string, columns: readonly string[]): void {
  // Asked first, and not shown: names of columns stand in messages, a user's data may not.
  if (columns.some((column) => LOOKS_LIKE_DATA.test(column))) {
    throw new FerryError("SOURCE_FORMAT", `${path} has no header: its first line holds a user's data`, {
      hint: "Put a line with the names of the columns on top",
    });
  }
  const seen = new Set<string>();
  for (const [index, column] of columns.entries()) {
    if (column.trim() === "") {
      throw new FerryError("SOURCE_FORMAT", `${path}: column ${index + 1} of the header has no name`, {
        hint: "The first line must name every column once",
      });
    }
    if (seen.has(column)) {
      throw new FerryError("SOURCE_FORMAT", `${path}: the header names the column ${column} twice`, {
        hint: "The first line must name every column once",
      });
    }
    seen.add(column);
  }
}

async function* noteEnding(file: TextFile, ending: Ending): AsyncGenerator<Buffer> {
  for await (const block of file.blocks()) {
    ending.lastByte = block.at(-1);
    yield block;
  }
}

async function* readRows(
  path: string,
  width: number,
  records: AsyncIterable<CsvRecord>,
  ending: Ending,
): AsyncGenerator<RowBatch> {
  let rows: Row[] = [];
  let seq = 0;
  let lineOfLast = 1;
  let lastWidth = width;
  for await (const { record, firstLine, lastLine } of records) {
    seq += 1;
    lineOfLast = lastLine;
    lastWidth = record.length;
    rows.push(
      lastWidth === width ? { seq, line: firstLine, record } : ragged(seq, firstLine, lastWidth, width),
    );
    if (rows.length === BATCH_ROWS) {
      yield rows;
      rows = [];
    }
  }
  // Only the last row of a cut file is both too short and without a line end.
  if (lastWidth < width && ending.lastByte !== LINE_FEED && ending.lastByte !== CARRIAGE_RETURN) {
    throw truncated(path, `its last line, ${lineOfLast}, stops after ${lastWidth} of ${width} fields`);
  }
  if (rows.length > 0) yield rows;
}

function ragged(seq: number, line: number, found: number, expected: number): Row {
  return {
    seq,
    line,
    record: undefined,
    issue: {
      code: "row-ragged",
      attribute: undefined,
      message: `line ${line} has ${found} fields, the header ${expected}`,
    },
  };
}
