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
  const encoder = stringify({ header: true, columns: [...columns] });
  await writeWhole(path, Readable.from(rows).compose(encoder));
}

/** Writes a file (0600) under another name first: a reader never sees half of it, and a failure leaves nothing. */
export async function writeWhole(path: string, content: NodeJS.ReadableStream): Promise<void> {
  const temporary = temporaryPathOf(path);
  const file = await open(temporary, "w", 0o600);
  try {
    await pipeline(content, file.createWriteStream());
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
