import { stringify } from "csv-stringify";
import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A value with it is quoted: to spreadsheets and most readers it ends a line, and the encoder knows only its own end. */
export const CARRIAGE_RETURN = "\r";

/** Writes a CSV file with a header (0600), whole or not at all. */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): Promise<void> {
  await writeWhole(path, () => {
    const encoder = stringify({ header: true, columns: [...columns], quoted_match: CARRIAGE_RETURN });
    return Readable.from(rows).compose(encoder);
  });
}

/** Writes a file with a JSON object a line (0600), whole or not at all. */
export async function writeNdjson(path: string, objects: AsyncIterable<object>): Promise<void> {
  await writeWhole(path, () => Readable.from(linesOf(objects)));
}

async function* linesOf(objects: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const object of objects) yield `${JSON.stringify(object)}\n`;
}

/** Writes a value as a file of JSON (0600), whole or not at all. */
export async function writeJson(path: string, value: object): Promise<void> {
  await writeWhole(path, () => Readable.from([`${JSON.stringify(value, null, 2)}\n`]));
}

/** Writes a text that is made while it is written (0600), whole or not at all. */
export async function writeText(path: string, texts: AsyncIterable<string>): Promise<void> {
  await writeWhole(path, () => Readable.from(texts));
}

/**
 * Writes a file (0600) under another name first: a reader never sees half of it, and a failure leaves nothing. The content is
 * opened once the file is there: a stream that nobody takes would have nobody to tell its own trouble to.
 */
export async function writeWhole(path: string, openContent: () => NodeJS.ReadableStream): Promise<void> {
  const temporary = temporaryPathOf(path);
  const file = await open(temporary, "w", 0o600);
  try {
    await pipeline(openContent(), file.createWriteStream());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Where a file stands until it is whole; a process that is killed leaves it there. */
export function temporaryPathOf(path: string): string {
  return `${path}.part`;
}
