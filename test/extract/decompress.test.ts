import { createGzip, createZstdCompress, gzipSync, zstdCompressSync } from "node:zlib";
import { Readable } from "node:stream";
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { describe, expect, test } from "vitest";
import { csv } from "../../src/extract/csv.ts";
import { openTextFile } from "../../src/extract/text-file.ts";
import { isZstdWhole } from "../../src/extract/decompress.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const COMPRESSIONS = [
  { name: "gzip", compress: gzipSync, stream: createGzip },
  { name: "zstd", compress: zstdCompressSync, stream: createZstdCompress },
].filter(({ name }) => name !== "zstd" || isZstdWhole());

const table = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `u${from + index},v${Math.sqrt(from + index)}\n`).join("");

const read = async (content: string | Uint8Array) => rowsOf(await csv.open(aFile(content), {}));

describe.each(COMPRESSIONS)("a $name file", ({ name, compress, stream }) => {
  const first = compress(`id,value\n${table(0, 20_000)}`);
  const second = compress(table(20_000, 40_000));

  test.each([
    ["NUL bytes and more users", Buffer.concat([Buffer.alloc(3), second])],
    ["NUL bytes and plain text", Buffer.from(`\0${table(20_000, 40_000)}`)],
    ["plain text", Buffer.from(table(20_000, 40_000))],
  ])("with %s behind its data is refused, since those users would be lost", async (_what, behind) => {
    await expect(read(Buffer.concat([first, behind]))).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringMatching(/behind its|damaged/) as string,
    });
  });

  test("that another compression follows is refused", async () => {
    const others = COMPRESSIONS.filter((other) => other.name !== name);
    for (const other of others) {
      const both = Buffer.concat([first, other.compress(table(20_000, 40_000))]);
      await expect(read(both)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    }
  });

  test.each([1, 511, 200_000])("padded with %i NUL bytes is read whole", async (padding) => {
    expect(await read(Buffer.concat([first, second, Buffer.alloc(padding)]))).toHaveLength(40_000);
  });

  test("within a compressed file, and a tar archive, are named as what they are", async () => {
    const tar = Buffer.alloc(1024);
    tar.write("users.csv");
    tar.write("ustar", 257);
    for (const [inner, what] of [
      [first, `a ${name} file within ${name}`],
      [tar, "a tar archive"],
    ] as const) {
      await expect(read(compress(inner))).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
        message: expect.stringContaining(`${what}, not a text file`) as string,
      });
    }
  });

  test("that unpacks to far more than an export can is refused, also where every row is good", async () => {
    const path = aFile("", "bomb");
    const rows = Buffer.from("0,0\n".repeat(250_000));
    const content = Readable.from(
      (function* () {
        yield "id,value\n";
        for (let million = 0; million < 150; million += 1) yield rows;
      })(),
      { objectMode: false },
    );
    await pipeline(content, stream(), createWriteStream(path));
    // Without the rows: reading good ones by the million only takes time.
    const reading = (async () => {
      for await (const block of (await openTextFile(path)).blocks()) expect(block.length).toBeGreaterThan(0);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("500 times as large") as string,
    });
  });
});

test("NUL is refused with its line wherever it stands, as text has none", async () => {
  const many = table(0, 40_000);
  await expect(read(`id,value\n${many}u1,a\0b\n${many}`)).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("(line 40002)") as string,
  });
});

test.each<[string, number[]]>([
  ["little-endian", [0xff, 0xfe, 0, 0, 0x69, 0, 0, 0]],
  ["big-endian", [0, 0, 0xfe, 0xff, 0, 0, 0, 0x69]],
])("UTF-32, %s, is refused by its name", async (_order, bytes) => {
  await expect(read(Buffer.from(bytes))).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("is UTF-32") as string,
  });
});
