import { describe, expect, test } from "vitest";
import { ndjson } from "../../src/extract/ndjson.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

describeFileSource("NDJSON", {
  type: ndjson,
  start: "",
  writeUser: (user) => JSON.stringify(user),
  between: "\n",
  end: "\n",
  expectedRecord: (user) => ({ ...user }),
  firstLine: 1,
  isOwnText: true,
  broken: { text: "{oops}", place: "line 2" },
  wrongFormats: [
    { title: "a JSON array", text: '[{"id":"1"},\n{"id":"2"}]', hint: "json:PATH" },
    { title: "a JSON document", text: '{\n  "users": [{"id":"1"}]\n}', hint: "json:PATH" },
    {
      title: "a long JSON document",
      text: `{\n  "users": [${'{"id":"1"},\n'.repeat(60_000)}{"id":"2"}]\n}`,
      hint: "json:PATH",
    },
    {
      title: "a long JSON document on one line",
      text: `{"users":[${'{"id":"1"},'.repeat(60_000)}{"id":"2"}]}`,
      hint: "json:PATH",
    },
    { title: "CSV", text: "id,name\n1,Ada\n", hint: "csv:PATH" },
  ],
});

async function read(text: string) {
  return rowsOf(await ndjson.open(aFile(text), {}));
}

describe("a line of NDJSON", () => {
  test.each([
    ["is no JSON", "{oops}"],
    ["stops early", '{"id":'],
    ["is a list", "[1]"],
    ["is a scalar", "42"],
    ["is null", "null"],
    ["holds two objects", '{"id":1}{"id":2}'],
  ])("that %s is rejected with its number, and the lines around it are read", async (_what, bad) => {
    expect(await read(`{"id":1}\n${bad}\n{"id":3}\n`)).toEqual([
      { seq: 1, line: 1, record: { id: 1 } },
      {
        seq: 2,
        line: 2,
        record: undefined,
        issue: { code: "row-unreadable", attribute: undefined, message: "line 2 is not a JSON object" },
      },
      { seq: 3, line: 3, record: { id: 3 } },
    ]);
  });

  test("never puts its content into the issue", async () => {
    const rows = await read('{"id":1}\n{"password":"hunter2"\n{"id":3}\n');
    expect(JSON.stringify(rows)).not.toContain("hunter2");
  });

  test("may be empty, and is passed over without losing count", async () => {
    const rows = await read('\n{"id":1}\n\n  \n{"id":2}\n\n');
    expect(rows.map(({ seq, line }) => [seq, line])).toEqual([
      [1, 2],
      [2, 5],
    ]);
  });

  test("may be the last one without an end", async () => {
    expect(await read('{"id":1}\n{"id":2}')).toHaveLength(2);
  });

  test("that is the last one is refused as cut short wherever it is cut", async () => {
    const text = '{"id":1,"deep":{"list":[1,{"a":"b"}]}}\n{"id":2,"deep":{"list":[1,{"a":"}"}]}}';
    const start = text.indexOf("\n") + 1;
    for (let length = start + 1; length < text.length; length += 1) {
      await expect(read(text.slice(0, length))).rejects.toMatchObject({
        code: "SOURCE_TRUNCATED",
        message: expect.stringContaining("line, 2,") as string,
      });
    }
  });

  test("may be the only one, also when it holds lists", async () => {
    expect(await read('{"id":1,"identities":[{"provider":"auth0"}]}\n')).toEqual([
      { seq: 1, line: 1, record: { id: 1, identities: [{ provider: "auth0" }] } },
    ]);
    await expect(read('{"id":1,"identities":[{"prov')).rejects.toMatchObject({ code: "SOURCE_TRUNCATED" });
  });

  test("keeps the digits of integers beyond 2^53", async () => {
    const [row] = await read(
      '{"id":12345678901234567890,"list":[-9007199254740993],"safe":9007199254740991}\n',
    );
    expect(row?.record).toEqual({
      id: "12345678901234567890",
      list: ["-9007199254740993"],
      safe: 9007199254740991,
    });
  });

  test("that is nested too deeply to keep such digits is rejected alone", async () => {
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const rows = await read(`{"id":1}\n{"id":12345678901234567890,"deep":${deep}}\n{"id":3}\n`);
    expect(rows.map(({ record }) => record)).toEqual([{ id: 1 }, undefined, { id: 3 }]);
  });

  test("keeps digits inside a string as they are", async () => {
    const [row] = await read('{"id":"a: 12345678901234567890","n":1.5}\n');
    expect(row?.record).toEqual({ id: "a: 12345678901234567890", n: 1.5 });
  });

  test.each(["", ',"id":12345678901234567890'])(
    "may have keys that every object has, as data of its own (%j)",
    async (more) => {
      const [row] = await read(`{"__proto__":{"admin":true},"constructor":"c","toString":1${more}}\n`);
      expect(Object.keys(row?.record ?? {})).toEqual(
        expect.arrayContaining(["__proto__", "constructor", "toString"]),
      );
      expect(Object.getPrototypeOf(row?.record)).toBe(Object.prototype);
      expect(row?.record).not.toHaveProperty("admin");
    },
  );

  test("of more than 16 MB stops the read", async () => {
    const text = `{"id":1}\n{"id":"${"x".repeat(17 * 1024 * 1024)}"}\n`;
    await expect(read(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("after line 1") as string,
    });
  });
});
