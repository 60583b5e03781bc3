import { stringify } from "csv-stringify";
import { open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes a CSV file with a header (0600), whole or not at all. */
export async function writeCsv(
  path: string,
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]>,
): Promise<void> {
  await writeWhole(path, () => {
    const encoder = stringify({ header: true, columns: [...columns] });
    return Readable.from(rows).compose(encoder);
  });
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
