import { createInterface } from "node:readline";

import type { DumpLine } from "./dump-line.ts";

/** Reads the lines of a dump from a file or a request. */
export async function* readDump(input: NodeJS.ReadableStream): AsyncGenerator<DumpLine> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    // A dump is what an emulator wrote; what is amiss with its lines shows when they are put to use.
    if (line !== "") yield JSON.parse(line) as DumpLine;
  }
}
