import { CsvParser } from "./csv-parser.ts";
import { canScan, CsvScanner } from "./csv-scanner.ts";
import { MAX_USER_BYTES } from "./source.ts";

/** A record of a CSV text, with the lines of the file that it begins and ends at. */
export interface CsvRecord {
  readonly record: readonly string[];
  readonly firstLine: number;
  readonly lastLine: number;
}

/** How a CSV text is read. */
export interface CsvReading {
  /** The file, for errors. */
  readonly path: string;
  /** One character. */
  readonly separator: string;
  /** How many lines of the file stand before the text. */
  readonly skipped: number;
}

/** A block of a file and the beginning of a record before it. */
const USUAL_BYTES = 128 * 1024;

/**
 * Reads the records of a CSV text that comes in blocks of UTF-8, whole characters each. A scanner reads what is regular,
 * and csv-parse everything from the first record that is not, and the last line: so csv-parse alone says what is an error
 * and where. Records, lines and errors are those of csv-parse reading all.
 */
export class CsvRecords {
  readonly #reading: CsvReading;
  readonly #scanner: CsvScanner;
  /** Used for every block anew, since what is read of one holds nothing of it. */
  #held: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  /** Bytes of it that are a record whose end has not come yet. */
  #heldBytes = 0;
  /** Bytes that are worth a scan: what was scanned in vain is scanned again when there is twice as much of it. */
  #worthwhileBytes = 0;
  #parser: CsvParser | undefined;

  constructor(reading: CsvReading) {
    this.#reading = reading;
    this.#scanner = new CsvScanner(reading);
    if (!canScan(reading.separator)) this.#parser = new CsvParser(reading);
  }

  /** Reads on in the text; the records that end in it, as far as can be told yet. Throws what {@link CsvParser} throws. */
  async read(block: Buffer): Promise<readonly CsvRecord[]> {
    if (this.#parser !== undefined) return this.#parser.parse(block);
    this.#hold(block);
    if (this.#heldBytes < this.#worthwhileBytes) return [];
    const { records, end, isRegular } = this.#scanner.scan(this.#held.subarray(0, this.#heldBytes));
    this.#held.copyWithin(0, end, this.#heldBytes);
    this.#heldBytes -= end;
    this.#worthwhileBytes = 2 * this.#heldBytes;
    if (isRegular && this.#heldBytes <= MAX_USER_BYTES) return records;
    this.#parser = this.#newParser();
    return records.concat(await this.#parser.parse(this.#takeHeld()));
  }

  /** Takes the text for ended; its last records. Throws what {@link CsvParser} throws. */
  async finish(): Promise<readonly CsvRecord[]> {
    if (this.#parser !== undefined) return this.#parser.finish();
    const parser = this.#newParser();
    const records = await parser.parse(this.#takeHeld());
    return records.concat(await parser.finish());
  }

  #hold(block: Buffer): void {
    const length = this.#heldBytes + block.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(2 * length);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    block.copy(this.#held, this.#heldBytes);
    this.#heldBytes = length;
  }

  #takeHeld(): Buffer {
    return this.#held.subarray(0, this.#heldBytes);
  }

  /** One that goes on where the scanner stopped. */
  #newParser(): CsvParser {
    return new CsvParser({ ...this.#reading, skipped: this.#scanner.line - 1 });
  }
}
