import { createInterface } from "node:readline";

import type { DumpLine } from "./dump-line.ts";

/** Reads the lines of a dump from a file or a request. */
export async function* readDump(input: NodeJS.ReadableStream): AsyncGenerator<DumpLine> {
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (line === "") continue;
    const read = parseLine(line);
    // Without the parser's own words: they quote the line, and passwords are in it.
    if (read === undefined) throw new TypeError(`line ${number} of the dump is not JSON`);
    yield read;
  }
}

function parseLine(line: string): DumpLine | undefined {
  try {
    // A dump is what an emulator wrote; what is amiss with its lines shows when they are put to use.
    return JSON.parse(line) as DumpLine;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
