import { open, type FileHandle } from "node:fs/promises";

const BLOCK_BYTES = 512 * 1024;

/** The one that is read, the one that is used, and two behind them. */
const BLOCKS = 4;

/**
 * Reads a file block by block, the next one while this one is used, into the same few pieces of memory by turns: pieces of
 * their own would stay until garbage is collected, and a large file is read long before that. So a block holds good until
 * the second one after it is asked for. The file is open from the first block to the last, or until the reader stops.
 */
export async function* readBlocks(path: string): AsyncGenerator<Uint8Array, void> {
  const pieces = Array.from({ length: BLOCKS }, () => Buffer.allocUnsafeSlow(BLOCK_BYTES));
  const file = await open(path);
  let next = readAhead(file, pieces, 0);
  try {
    for (let count = 1; ; count += 1) {
      const block = await next;
      if (block.length === 0) return;
      next = readAhead(file, pieces, count);
      yield block;
    }
  } finally {
    await next.catch(() => undefined);
    await file.close();
  }
}

/** What trouble it meets is told to whoever waits for the block, if anybody does. */
function readAhead(file: FileHandle, pieces: readonly Buffer[], count: number): Promise<Uint8Array> {
  const block = readInto(file, pieces[count % pieces.length] ?? Buffer.alloc(0));
  block.catch(() => undefined);
  return block;
}

async function readInto(file: FileHandle, piece: Buffer): Promise<Uint8Array> {
  const { bytesRead } = await file.read(piece, 0, piece.length);
  return piece.subarray(0, bytesRead);
}
