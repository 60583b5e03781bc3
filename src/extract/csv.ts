import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { TITLE_HINT } from "./csv-parser.ts";
import { CsvRecords, type CsvReading, type CsvRecord } from "./csv-records.ts";
import { sniffSeparator, statedSeparator, SEPARATOR_NAMES } from "./separator.ts";
import { BATCH_BYTES, BATCH_ROWS, type Source, type SourceOptions, type SourceType } from "./source.ts";
import { skipLines } from "./skip-lines.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";
import { truncated } from "./truncated.ts";

/** Columns that a table may have: as many as an Excel sheet has, and ten times as many as one of PostgreSQL. */
const MAX_COLUMNS = 16_384;

/** An e-mail address or a password hash is no column's name. */
const LOOKS_LIKE_DATA = /^[^\s@]+@[^\s@]+\.[^\s@]+$|^\$?(2[abxy]|argon2|pbkdf2|scrypt)[^$]*\$/;
/** Where to look for it: an address is shorter, and the pattern takes the square of a text's length. */
const LOOKED_AT = 300;

/** Nothing else tells a file that was cut within its last value from a whole one. */
const OPEN_ENDED = "the last line has no end and may be cut short";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * RFC 4180 CSV with a header line. A row with another number of fields than the header is a rejected row; broken
 * quoting stops the read, since nothing after it can be trusted.
 */
export const csv: SourceType = {
  type: "csv",
  options: ["separator", "skipLines", "preset"],
  open(path, options) {
    return openFromTextFile(path, (file) => openCsv(file, options));
  },
};

/** The source over a file that was opened already; see {@link csv}. */
export async function openCsv(whole: TextFile, options: SourceOptions): Promise<Source> {
  const stated = statedSeparator(whole.head);
  // The line that states the separator stands before the header, whether or not the operator counts it.
  const skipped = options.skipLines ?? (stated === undefined ? 0 : 1);
  const file = skipLines(whole, skipped);
  const format = recogniseTextFormat(file.head, file.isWhole);
  if (format !== "table") throw wrongFormat(file.path, format, "CSV");
  const separator = options.separator ?? stated ?? sniffSeparator(file.head);
  const ending: Ending = { lastByte: undefined, isOpen: false };
  const blocks = readRecords(file, { path: file.path, separator, skipped }, ending);
  const begin = await takeRecords(blocks, 2);
  const [header, ...rows] = begin;
  const columns = header?.record ?? [];
  requireColumns(file.path, columns);
  if (columns.length === 1) requireHeader(file.path, rows.slice(0, ROWS_BELOW));
  const name = SEPARATOR_NAMES[separator] ?? JSON.stringify(separator);
  return {
    shape: { kind: "table", columns },
    // Whether the last line ends is known when it was read.
    get description() {
      const parts = [`CSV, separated by ${name}`, file.encoding, ending.isOpen ? OPEN_ENDED : ""];
      return parts.filter((part) => part !== "").join(", ");
    },
    batches: () => readRows(file.path, columns.length, startingWith(rows, blocks), ending),
    [Symbol.asyncDispose]: async () => {
      await blocks.return();
      await file.close();
    },
  };
}

/** How the text ended; known once all of it was read. */
interface Ending {
  lastByte: number | undefined;
  /** Whether all was read and the last line has no end. */
  isOpen: boolean;
}

/** Records in the order of the file, those that end in one block of it together. */
type RecordBlocks = AsyncGenerator<RecordBlock, void, undefined>;

interface RecordBlock {
  readonly records: readonly CsvRecord[];
  /** Of the block of the file, whatever part of it is of later records. */
  readonly bytes: number;
}

async function* readRecords(file: TextFile, reading: CsvReading, ending: Ending): RecordBlocks {
  const records = new CsvRecords(reading);
  for await (const block of file.blocks()) {
    ending.lastByte = block.at(-1);
    yield { records: await records.read(block), bytes: block.length };
  }
  yield { records: await records.finish(), bytes: 0 };
}

/** Rows that are looked at to tell a header of one column from a title. */
const ROWS_BELOW = 9;

/** A line of one field above lines of several is a title or a comment; taking it for the header would lose everyone. */
function requireHeader(path: string, rows: readonly CsvRecord[]): void {
  const wide = rows.filter(({ record }) => record.length > 1);
  const [first] = wide;
  if (first === undefined || 2 * wide.length < rows.length) return;
  const { record, firstLine } = first;
  // The line is not shown: such lines were seen to hold a password.
  throw new FerryError(
    "SOURCE_FORMAT",
    `${path} does not begin with a header: its first line has one field, line ${firstLine} has ${record.length}`,
    {
      hint: TITLE_HINT,
    },
  );
}

/** The records of the first blocks, at least so many where there are so many. */
async function takeRecords(blocks: RecordBlocks, count: number): Promise<readonly CsvRecord[]> {
  let taken: readonly CsvRecord[] = [];
  while (taken.length < count) {
    const next = await blocks.next();
    if (next.done === true) break;
    taken = taken.concat(next.value.records);
  }
  return taken;
}

async function* startingWith(first: readonly CsvRecord[], rest: RecordBlocks): RecordBlocks {
  try {
    yield { records: first, bytes: 0 };
    yield* rest;
  } finally {
    // Also for a reader that stops before the rest was begun.
    await rest.return();
  }
}

function requireColumns(path: string, columns: readonly string[]): void {
  // Asked first, and not shown: names of columns stand in messages, a user's data may not.
  if (columns.some((column) => LOOKS_LIKE_DATA.test(column.slice(0, LOOKED_AT)))) {
    throw new FerryError("SOURCE_FORMAT", `${path} has no header: its first line holds a user's data`, {
      hint: `A line with the names of the columns must stand on top. ${TITLE_HINT}`,
    });
  }
  if (columns.length > MAX_COLUMNS) {
    throw new FerryError(
      "SOURCE_FORMAT",
      `${path} has ${columns.length} columns, and a table of users at most ${MAX_COLUMNS}`,
      { hint: `Check what separates the fields, and the export. ${TITLE_HINT}` },
    );
  }
  const seen = new Set<string>();
  for (const [index, column] of columns.entries()) {
    if (column.trim() === "") {
      throw new FerryError("SOURCE_FORMAT", `${path}: column ${index + 1} of the header has no name`, {
        hint: `The header must name every column once. ${TITLE_HINT}`,
      });
    }
    if (seen.has(column)) {
      throw new FerryError("SOURCE_FORMAT", `${path}: the header names the column ${column} twice`, {
        hint: `The header must name every column once. ${TITLE_HINT}`,
      });
    }
    seen.add(column);
  }
}

async function* readRows(
  path: string,
  width: number,
  blocks: RecordBlocks,
  ending: Ending,
): AsyncGenerator<RowBatch> {
  let rows: Row[] = [];
  let seq = 0;
  let lineOfLast = 1;
  let lastWidth = width;
  let batchBytes = 0;
  for await (const { records, bytes } of blocks) {
    batchBytes += bytes;
    for (const { record, firstLine, lastLine } of records) {
      seq += 1;
      lineOfLast = lastLine;
      lastWidth = record.length;
      rows.push(
        lastWidth === width ? { seq, line: firstLine, record } : ragged(seq, firstLine, lastWidth, width),
      );
      if (rows.length === BATCH_ROWS) {
        yield rows;
        rows = [];
        batchBytes = 0;
      }
    }
    if (batchBytes >= BATCH_BYTES && rows.length > 0) {
      yield rows;
      rows = [];
      batchBytes = 0;
    }
  }
  ending.isOpen = seq > 0 && ending.lastByte !== LINE_FEED && ending.lastByte !== CARRIAGE_RETURN;
  // Only the last row of a cut file is both too short and without a line end.
  if (lastWidth < width && ending.isOpen) {
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
