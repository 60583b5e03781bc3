import { CsvError, parse, type Info, type Parser } from "csv-parse";
import { Readable, pipeline } from "node:stream";
import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { sniffSeparator, SEPARATOR_NAMES } from "./separator.ts";
import { BATCH_ROWS, type Source, type SourceOptions, type SourceType } from "./source.ts";
import { openTextFile, truncated, type TextFile } from "./text-file.ts";
import { FORMAT_NAMES, recogniseTextFormat } from "./text-format.ts";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * RFC 4180 CSV with a header line. A row with another number of fields than the header is a rejected row; broken
 * quoting stops the read, since nothing after it can be trusted.
 */
export const csv: SourceType = {
  type: "csv",
  summary: "CSV with a header line; the separator is recognised",
  async open(path, options) {
    return openCsv(await openTextFile(path), options);
  },
};

async function openCsv(file: TextFile, options: SourceOptions): Promise<Source> {
  const format = recogniseTextFormat(file.head, file.isWhole);
  if (format !== "table") {
    throw new FerryError("SOURCE_FORMAT", `${file.path} is ${FORMAT_NAMES[format]}, not CSV`, {
      hint:
        format === "ndjson"
          ? "Try --from ndjson:PATH"
          : format === "empty"
            ? "Check the export"
            : "Try --from json:PATH",
    });
  }
  const separator = options.separator ?? sniffSeparator(file.head);
  const ending: Ending = { lastByte: undefined };
  const records = readRecords(file, separator, ending);
  const header = await records.next();
  const columns = header.done === true ? [] : header.value.record;
  requireColumns(file.path, columns);
  const name = SEPARATOR_NAMES[separator] ?? JSON.stringify(separator);
  return {
    shape: { kind: "table", columns },
    description: [`CSV, separated by ${name}`, file.encoding].filter((part) => part !== "").join(", "),
    batches: () => readRows(file.path, columns.length, records, ending),
  };
}

interface CsvRecord {
  readonly record: readonly string[];
  /** The line the record ends at. */
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
  const parser: Parser = parse({
    delimiter: separator,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    record_delimiter: ["\r\n", "\n", "\r"],
  });
  // A failure surfaces in the loop below, so the callback has nothing to add.
  pipeline(Readable.from(noteEnding(file, ending), { objectMode: false }), parser, () => undefined);
  try {
    for await (const item of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      yield { record: item.record, lastLine: item.info.lines };
    }
  } catch (error) {
    throw error instanceof CsvError ? brokenCsv(file.path, error) : error;
  }
}

function brokenCsv(path: string, error: CsvError): FerryError {
  const line = typeof error["lines"] === "number" ? error["lines"] : undefined;
  if (error.code === "CSV_QUOTE_NOT_CLOSED") {
    return truncated(path, `a quoted field that starts before line ${line ?? "?"} is never closed`);
  }
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} breaks the rules of CSV at line ${line ?? "?"} (${error.code})`,
    {
      hint: 'A field with a quote, comma or line break must stand in "double quotes", with inner quotes doubled',
    },
  );
}

function requireColumns(path: string, columns: readonly string[]): void {
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
  let previousLine = 1;
  let lastWidth = width;
  for await (const { record, lastLine } of records) {
    seq += 1;
    const line = lastLine === previousLine + 1 ? lastLine : lastLine - countLineBreaks(record);
    previousLine = lastLine;
    lastWidth = record.length;
    rows.push(lastWidth === width ? { seq, line, record } : ragged(seq, line, lastWidth, width));
    if (rows.length === BATCH_ROWS) {
      yield rows;
      rows = [];
    }
  }
  // Only the last row of a cut file is both too short and without a line end.
  if (lastWidth < width && ending.lastByte !== LINE_FEED && ending.lastByte !== CARRIAGE_RETURN) {
    throw truncated(path, `its last line, ${previousLine}, stops after ${lastWidth} of ${width} fields`);
  }
  if (rows.length > 0) yield rows;
}

function countLineBreaks(record: readonly string[]): number {
  return record.reduce((total, cell) => total + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
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
