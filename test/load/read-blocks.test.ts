import { randomBytes } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readBlocks } from "../../src/load/read-blocks.ts";
import { aFile } from "../support/files.ts";

const BLOCK_BYTES = 512 * 1024;

/** How often this process has a file open, where the system tells. */
const timesOpen = (path: string): number =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;

test.each([0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 9 * BLOCK_BYTES + 7])(
  "a file of %i bytes is read whole, and each block stays as it is while the next one is used",
  async (bytes) => {
    const content = randomBytes(bytes);
    const path = aFile(content);
    let before: { readonly block: Uint8Array; readonly from: number } | undefined;
    let from = 0;
    for await (const block of readBlocks(path)) {
      expect(content.subarray(from, from + block.length).equals(block)).toBe(true);
      if (before !== undefined) {
        const end = before.from + before.block.length;
        expect(content.subarray(before.from, end).equals(before.block)).toBe(true);
      }
      before = { block, from };
      from += block.length;
    }
    expect(from).toBe(bytes);
  },
);

describe.runIf(process.platform === "linux")("the file is closed", () => {
  test("once it was read", async () => {
    const path = aFile(randomBytes(3 * BLOCK_BYTES));
    for await (const _block of readBlocks(path)) expect(timesOpen(path)).toBe(1);
    expect(timesOpen(path)).toBe(0);
  });

  test("where its reader stops", async () => {
    const path = aFile(randomBytes(3 * BLOCK_BYTES));
    for await (const _block of readBlocks(path)) break;
    expect(timesOpen(path)).toBe(0);
  });
});

test("a file that is not there is named by the error", async () => {
  await expect(readBlocks("/nowhere/part.csv").next()).rejects.toMatchObject({ code: "ENOENT" });
});
