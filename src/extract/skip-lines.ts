import { FerryError } from "../core/ferry-error.ts";
import type { TextFile } from "./text-file.ts";

/**
 * The same file without its first lines, which stand before what is to be read. Throws SOURCE_FORMAT when there are
 * fewer, or when they are longer than what is looked at before a file is read.
 */
export function skipLines(file: TextFile, lines: number): TextFile {
  if (lines === 0) return file;
  const length = lengthOfLines(file.head, lines);
  if (length === undefined) {
    throw new FerryError(
      "SOURCE_FORMAT",
      `${file.path} does not have ${lines} lines before its header within its first 256 KB`,
      { hint: "Check source.skipLines: it counts the lines before the header" },
    );
  }
  const bytes = Buffer.byteLength(file.head.slice(0, length));
  return { ...file, head: file.head.slice(length), blocks: () => withoutBytes(file.blocks(), bytes) };
}

const LINE_END = /\r\n|\n|\r/g;

function lengthOfLines(text: string, lines: number): number | undefined {
  const ends = text.matchAll(LINE_END);
  for (let line = 1; line < lines; line += 1) ends.next();
  const last = ends.next();
  return last.done === true ? undefined : last.value.index + last.value[0].length;
}

async function* withoutBytes(blocks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const block of blocks) {
    const rest = block.subarray(left);
    left = Math.max(0, left - block.length);
    if (rest.length > 0) yield rest;
  }
}
