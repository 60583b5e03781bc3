import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { openTextFile } from "../../src/extract/text-file.ts";
import { aFile } from "../support/files.ts";

test.runIf(!isZstdWhole())("a zstd file is refused where Node would lose the end of it", async () => {
  const path = aFile(zstdCompressSync("id,name\n1,Ada\n"));
  await expect(openTextFile(path)).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    hint: expect.stringContaining("zstd -d") as string,
  });
});

test("a Node from 26 on reads zstd whole", () => {
  expect(isZstdWhole()).toBe(Number(process.versions.node.split(".")[0]) >= 26);
});
