import { describe, expect, test } from "vitest";
import { csv } from "../../src/extract/csv.ts";
import { json } from "../../src/extract/json.ts";
import { ndjson } from "../../src/extract/ndjson.ts";
import { MAX_DEPTH } from "../../src/extract/json-row.ts";
import { BATCH_BYTES } from "../../src/extract/source.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const LONG = 17 * 1024 * 1024;
const MANY = `"${"x".repeat(1_000)}",`.repeat(LONG / 1_000);
const nested = (levels: number): string => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;

describe("a JSON document", () => {
  test.each([
    ["a text", `[{"id":"1"},{"id":"${"x".repeat(LONG)}"}]`],
    ["white space", `[{"id":"1"},${" ".repeat(LONG)}{"id":"2"}]`],
    ["many texts", `[{"id":"1"},{"id":[${MANY}1]}]`],
    ["a text around the list", `{"note":"${"x".repeat(LONG)}","users":[{"id":"1"}]}`],
  ])("with %s of more than 16 MB is refused", async (_what, text) => {
    const reading = json.open(aFile(text), {}).then(rowsOf);
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("more than 16 MB") as string,
    });
  });

  test("may hold as much as it likes around the list, in pieces", async () => {
    const text = `{"log":[${MANY}1],"users":[{"id":"1"}]}`;
    expect(await rowsOf(await json.open(aFile(text), {}))).toHaveLength(1);
  });

  test("nested without end around the list is refused", async () => {
    const reading = json.open(aFile('{"a":'.repeat(100_000)), {}).then(rowsOf);
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("levels deep") as string,
    });
  });
});

test.each([
  ["JSON", json, (users: readonly string[]) => `[${users.join(",")}]`],
  ["NDJSON", ndjson, (users: readonly string[]) => `${users.join("\n")}\n`],
])(
  "a user of %s who is nested without end cannot be read, and the others can",
  async (_name, type, write) => {
    const text = write(['{"id":"1"}', nested(MAX_DEPTH + 60_000), '{"id":"2"}']);
    const rows = await rowsOf(await type.open(aFile(text), {}));
    expect(rows.map(({ record }) => record)).toEqual([{ id: "1" }, undefined, { id: "2" }]);
  },
);

test("a table of more columns than a sheet of Excel is refused", async () => {
  const header = Array.from({ length: 16_385 }, (_, index) => `c${index}`).join(",");
  await expect(csv.open(aFile(`${header}\n`), {})).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("16385 columns") as string,
  });
});

test.each([
  ["CSV", csv, ["id,note\n", "1,", "\n", ""]],
  ["NDJSON", ndjson, ['{"id":"2"}\n', '{"id":"1","note":"', '"}\n', ""]],
  ["JSON", json, ["[", '{"id":"1","note":"', '"},', '{"id":"2"}]']],
] as const)(
  "long rows of %s come in batches of bounded size",
  async (_name, type, [start, open, close, end]) => {
    const path = aFile(start + `${open}${"x".repeat(1_000_000)}${close}`.repeat(20) + end);
    await using source = await type.open(path, {});
    let rows = 0;
    for await (const batch of source.batches()) {
      rows += batch.length;
      expect(JSON.stringify(batch).length).toBeLessThan(BATCH_BYTES + 2_000_000);
    }
    expect(rows).toBe(type === csv ? 20 : 21);
  },
);
