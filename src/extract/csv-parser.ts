import { CsvError, Parser } from "csv-parse";
import { FerryError } from "../core/ferry-error.ts";
import type { CsvRecord, CsvReading } from "./csv-records.ts";
import { MAX_USER_BYTES } from "./source.ts";
import { truncated } from "./truncated.ts";

/** What to do where the first line is no header. */
export const TITLE_HINT =
  "If lines stand before the header, count them in source.skipLines of the config (init takes --skip-lines); source.separator (--separator) says what separates the fields";

/**
 * The judge of what CSV is, and slow: csv-parse, without the readable side of its stream. A block's records are taken at
 * once; one by one through the stream, each would cost a hop and an object of counters, which is half the time and most
 * of the garbage.
 */
export class CsvParser extends Parser {
  readonly #path: string;
  readonly #lines: RecordLines;
  #records: CsvRecord[] = [];

  constructor({ path, separator, skipped }: CsvReading) {
    super({
      delimiter: separator,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: MAX_USER_BYTES,
      record_delimiter: ["\r\n", "\n", "\r"],
    });
    this.#path = path;
    this.#lines = new RecordLines(skipped);
    // A failure reaches the caller through the callbacks below.
    this.on("error", () => undefined);
  }

  /** Reads on in the text; the records that end in it. Throws SOURCE_FORMAT for broken quoting and a row of more than 16 MB. */
  parse(block: Buffer): Promise<readonly CsvRecord[]> {
    return this.#taken((done) => this.write(block, done));
  }

  /** Takes the text for ended; its last record. Throws SOURCE_TRUNCATED within quotes, and what {@link parse} throws. */
  finish(): Promise<readonly CsvRecord[]> {
    return this.#taken((done) => this.end(done));
  }

  /** Called by the parser with each record, and with null at the end. */
  override push(record: string[] | null): boolean {
    if (record === null) return super.push(null);
    this.#records.push(this.#lines.place(record, this.info.lines));
    return true;
  }

  async #taken(work: (done: (error?: Error | null) => void) => void): Promise<readonly CsvRecord[]> {
    await new Promise<void>((resolve, reject) => {
      work((error) => (error === null || error === undefined ? resolve() : reject(this.#explain(error))));
    });
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #explain(error: Error): Error {
    return error instanceof CsvError
      ? brokenCsv(this.#path, error, this.#lines.lineOf(Number(error["lines"])))
      : error;
  }
}

/** Finds the lines of each record; the parser counts a CRLF inside quotes as two. */
class RecordLines {
  /** The parser's count up to the last record. */
  #counted = 0;
  /** How many of those lines there are not, less those of the file that the parser does not see. */
  #surplus: number;

  constructor(skipped: number) {
    this.#surplus = -skipped;
  }

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

function brokenCsv(path: string, error: CsvError, line: number): FerryError {
  if (error.code === "CSV_QUOTE_NOT_CLOSED") {
    return truncated(path, `a quoted field that starts before line ${line} is never closed`);
  }
  if (error.code === "CSV_MAX_RECORD_SIZE") {
    return new FerryError("SOURCE_FORMAT", `${path} has a row of more than 16 MB before line ${line}`, {
      hint: "A quoted field of it is most likely never closed",
    });
  }
  return new FerryError("SOURCE_FORMAT", `${path} breaks the rules of CSV at line ${line} (${error.code})`, {
    hint: `A field with a quote, separator or line break must stand in "double quotes", with inner quotes doubled. ${TITLE_HINT}`,
  });
}
