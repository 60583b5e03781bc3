import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { CsvParser } from "../../src/extract/csv-parser.ts";
import { CsvRecords, type CsvReading, type CsvRecord } from "../../src/extract/csv-records.ts";
import { CsvScanner } from "../../src/extract/csv-scanner.ts";
import { MAX_USER_BYTES } from "../../src/extract/source.ts";
import { runs } from "../fuzz/support/runs.ts";

const READING: CsvReading = { path: "users.csv", separator: ",", skipped: 0 };

/** What reads records from blocks: {@link CsvRecords}, or csv-parse, which it has to agree with. */
interface Reader {
  readonly read: (block: Buffer) => Promise<readonly CsvRecord[]>;
  readonly finish: () => Promise<readonly CsvRecord[]>;
}

function csvParse(reading: CsvReading): Reader {
  const parser = new CsvParser(reading);
  return { read: (block) => parser.parse(block), finish: () => parser.finish() };
}

/** The records, and the error that ended them. */
async function readAll(reader: Reader, blocks: readonly Buffer[]) {
  let records: readonly CsvRecord[] = [];
  try {
    for (const block of blocks) records = records.concat(await reader.read(block));
    records = records.concat(await reader.finish());
    return { records, error: undefined };
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    const { code, message, hint } = error;
    return { records, error: { code, message, hint } };
  }
}

/** The text in blocks that end after so many characters each. */
function cut(text: string, lengths: readonly number[]): readonly Buffer[] {
  const blocks: Buffer[] = [];
  let rest = Array.from(text);
  for (const length of lengths) {
    blocks.push(Buffer.from(rest.slice(0, length).join("")));
    rest = rest.slice(length);
  }
  return [...blocks, Buffer.from(rest.join(""))].filter((block) => block.length > 0);
}

/** Expects the same records, and the same error where there is one; then blocks before it may have been given or not. */
async function expectAsCsvParse(
  text: string,
  lengths: readonly number[],
  reading: CsvReading,
): Promise<void> {
  const blocks = cut(text, lengths);
  const expected = await readAll(csvParse(reading), [Buffer.from(text)]);
  const ours = await readAll(new CsvRecords(reading), blocks);
  expect(ours.error).toEqual(expected.error);
  if (expected.error === undefined) expect(ours.records).toEqual(expected.records);
  else {
    const inBlocks = await readAll(csvParse(reading), blocks);
    const common = Math.min(ours.records.length, inBlocks.records.length);
    expect(ours.records.slice(0, common)).toEqual(inBlocks.records.slice(0, common));
  }
}

const SEPARATORS = [",", ";", "\t", "|", " ", "a", "\u0001", "é", "🦀", "\n", "\r", '"'];
/** What a CSV is made of, in pieces that are more than a character where one alone would seldom meet the other. */
const PIECES = [
  ...Array.from("\n\r,;\t| \0\ufeff\u2028aéł王🦀"),
  '"',
  '"',
  '""',
  '"""',
  "\r\n",
  "a,b\n",
  '"a","b"\r\n',
  '"a\r\nb",é\n',
  '"a\rb"',
  '"a\n',
];
const readings = fc.record({
  path: fc.constant("users.csv"),
  separator: fc.constantFrom(...SEPARATORS),
  skipped: fc.nat(5),
});
const lengths = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

describe("a CSV text gives the records, lines and errors that csv-parse gives", () => {
  test("whatever it holds and however it comes in blocks", async () => {
    const piece = fc.constantFrom(...PIECES);
    const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    await fc.assert(fc.asyncProperty(text, lengths, readings, expectAsCsvParse), runs(1_500));
  });

  test("whole, and with a character of it changed, left out or put in", async () => {
    const character = fc.constantFrom("a", '"', ",", ";", "\n", "\r", "\r\n", " ", "é", "王", "🦀");
    const cell = fc.array(character, { maxLength: 8 }).map((characters) => characters.join(""));
    const row = fc.array(cell, { minLength: 1, maxLength: 5 });
    const table = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 12 }),
      lineBreak: fc.constantFrom("\n", "\r\n", "\r", "\n\n"),
      hasEnd: fc.boolean(),
    });
    const damage = fc.option(fc.record({ at: fc.nat(), put: fc.constantFrom("", '"', "x", "\n", "\r") }));
    await fc.assert(
      fc.asyncProperty(table, damage, lengths, readings, async (written, damaged, cuts, reading) => {
        const { rows, lineBreak, hasEnd } = written;
        const lines = rows.map((cells) =>
          cells.map((each) => (/^[aé]*$/.test(each) ? each : quoted(each))).join(reading.separator),
        );
        const text = lines.join(lineBreak) + (hasEnd ? lineBreak : "");
        const at = (damaged?.at ?? 0) % (text.length + 1);
        // Not between the halves of a character.
        const isWhole = text.slice(0, at).isWellFormed() && text.slice(at + 1).isWellFormed();
        const changed =
          damaged === null || !isWhole ? text : text.slice(0, at) + damaged.put + text.slice(at + 1);
        await expectAsCsvParse(changed, cuts, reading);
      }),
      runs(1_000),
    );
  });

  test.each([
    ["a row of 16 MB", `1,${"x".repeat(MAX_USER_BYTES - 2)}\n`],
    ["a row of 16 MB and one byte", `1,${"x".repeat(MAX_USER_BYTES - 1)}\n`],
    [
      "a row of 17 MB in blocks of 9 MB",
      `1,${"x".repeat(17_000_000)}\n${"2,y\n".repeat(500_000)}`,
      9_000_000,
    ],
    ["fields of 18 MB that are 9 million characters", `${quoted("é\n".repeat(3_000_000))},`.repeat(2)],
    ["a quote that is never closed within 16 MB", `1,"${"x\n".repeat(9_000_000)}`],
    ["a stray quote behind a long row", `1,"${"x\n".repeat(1_000_000)}"\n2,"x"y\n`],
  ])("with %s", { timeout: 120_000 }, async (_what, long, blockBytes = 65_536) => {
    const bytes = Buffer.from(`a,b\n${long}2,z\r\n\n3,"\r\n"\n`);
    const blocks: Buffer[] = [];
    // Characters are cut, too: a record is decoded when it is whole.
    for (let at = 0; at < bytes.length; at += blockBytes) blocks.push(bytes.subarray(at, at + blockBytes));
    const expected = await readAll(csvParse(READING), [bytes]);
    const ours = await readAll(new CsvRecords(READING), blocks);
    expect(ours.error).toEqual(expected.error);
    // Compared by hand, as a difference in 16 MB would be printed for minutes.
    if (expected.error === undefined)
      expect(JSON.stringify(ours.records) === JSON.stringify(expected.records)).toBe(true);
  });
});

test("a regular text is read without csv-parse", () => {
  const text = 'a,"b ""c"" ",é\r\n\n"王\r\n",,"""🦀"""\rx\n';
  const scanner = new CsvScanner({ separator: ",", skipped: 7 });
  expect(scanner.scan(Buffer.from(text))).toEqual({
    records: [
      { record: ["a", 'b "c" ', "é"], firstLine: 8, lastLine: 8 },
      { record: ["王\r\n", "", '"🦀"'], firstLine: 10, lastLine: 11 },
      { record: ["x"], firstLine: 12, lastLine: 12 },
    ],
    end: Buffer.byteLength(text),
    isRegular: true,
  });
  expect(scanner.line).toBe(13);
});

test("a field that is kept does not keep a long row", async () => {
  const row = `${"x".repeat(2_000_000)},${"k".repeat(20)}\n`;
  const kept: unknown[] = [];
  const records = new CsvRecords(READING);
  const before = process.memoryUsage().heapUsed;
  for (let row_ = 0; row_ < 100; row_ += 1)
    for (const { record } of await records.read(Buffer.from(row))) kept.push(record[1]);
  expect(kept).toHaveLength(100);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
});
