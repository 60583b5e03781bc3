import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csv } from "../../src/extract/csv.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import type { KnownUser } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

for (const separator of [",", ";", "\t"]) {
  describeFileSource(`CSV separated by ${JSON.stringify(separator)}`, {
    type: csv,
    start: `id${separator}name${separator}email\n`,
    writeUser: ({ id, name, email }: KnownUser) => [id, quoted(name), email].join(separator),
    between: "\n",
    end: "\n",
    expectedRecord: ({ id, name, email }) => [id, name, email],
    firstLine: 2,
    isOwnText: separator === ",",
    broken: { text: `u-2${separator}Bo`, place: "line 3" },
    wrongFormats: [
      { title: "a JSON array", text: '[{"id":"1"}]', hint: "json:PATH" },
      { title: "a JSON document", text: '{\n  "users": [{"id":"1"}]\n}', hint: "json:PATH" },
      { title: "NDJSON", text: '{"id":"1"}\n{"id":"2"}\n', hint: "ndjson:PATH" },
    ],
  });
}

async function openCsv(text: string, options: SourceOptions = {}) {
  return csv.open(aFile(text), options);
}

/** The lines and cells of the rows; of a ragged row its issue. */
async function cellsOf(text: string, options?: SourceOptions) {
  const rows = await rowsOf(await openCsv(text, options));
  return rows.map((row) => [row.line, row.record ?? row.issue.code]);
}

describe("a field of a CSV", () => {
  test.each([
    ["keeps its spaces", "a,b\n x , y \n", [[2, [" x ", " y "]]]],
    ["may be empty, quoted or not", 'a,b\n,""\n', [[2, ["", ""]]]],
    ["may hold the separator in quotes", 'a,b\n"x,y",z\n', [[2, ["x,y", "z"]]]],
    ["may hold doubled quotes", 'a,b\n"say ""hi""",""""\n', [[2, ['say "hi"', '"']]]],
    ["keeps a backslash", 'a,b\n"x\\",y\\\n', [[2, ["x\\", "y\\"]]]],
    ["keeps a leading apostrophe and equals sign", "a,b\n'x,=1+1\n", [[2, ["'x", "=1+1"]]]],
    ["is never taken for a comment", "a,b\n#x,y\n", [[2, ["#x", "y"]]]],
    ["is never taken for a number", "a,b\n007,1e5\n", [[2, ["007", "1e5"]]]],
  ])("%s", async (_title, text, expected) => {
    expect(await cellsOf(text)).toEqual(expected);
  });

  test.each([
    ["\\n", "\n"],
    ["\\r\\n", "\r\n"],
    ["\\r", "\r"],
  ])("may hold line breaks (%s), and the rows after it keep their lines", async (_name, lineBreak) => {
    const text = ["a,b", '1,"x', "", 'y"', "2,z", "", '3,"p', 'q"', "4,r", ""].join(lineBreak);
    expect(await cellsOf(text)).toEqual([
      [2, ["1", `x${lineBreak}${lineBreak}y`]],
      [5, ["2", "z"]],
      [7, ["3", `p${lineBreak}q`]],
      [9, ["4", "r"]],
    ]);
  });

  test("may hold a line break of another kind than those between the rows", async () => {
    expect(await cellsOf('a,b\r\n1,"x\ny"\r\n2,z\r\n')).toEqual([
      [2, ["1", "x\ny"]],
      [4, ["2", "z"]],
    ]);
  });

  test("is read exactly as an independent writer wrote it", async () => {
    const cell = fc.string({
      unit: fc.constantFrom("a", '"', ",", ";", "\n", "\r", "\t", " ", "é", "🦀", "\\"),
    });
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom(",", ";", "\t", "|"), async (rows, separator) => {
        const header = ["one", "two", "three"].join(separator);
        const lines = rows.map((cells) => cells.map((text) => quoted(text)).join(separator));
        const text = [header, ...lines].map((line) => `${line}\n`).join("");
        const read = await rowsOf(await openCsv(text));
        expect(read.map(({ record }) => record)).toEqual(rows);
        let line = 2;
        for (const [index, cells] of rows.entries()) {
          expect(read[index]?.line).toBe(line);
          line += 1 + cells.flatMap((text) => text.match(/\r\n|\r|\n/g) ?? []).length;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a row of a CSV", () => {
  test.each([
    ["too few fields", "2\n", "line 3 has 1 fields, the header 2"],
    ["too many fields", "2,y,z\n", "line 3 has 3 fields, the header 2"],
  ])("with %s is rejected with its line, and no other row is touched", async (_what, bad, message) => {
    const rows = await rowsOf(await openCsv(`a,b\n1,x\n${bad}3,z\n`));
    expect(rows).toEqual([
      { seq: 1, line: 2, record: ["1", "x"] },
      { seq: 2, line: 3, record: undefined, issue: { code: "row-ragged", attribute: undefined, message } },
      { seq: 3, line: 4, record: ["3", "z"] },
    ]);
  });

  test("that is ragged and holds line breaks does not shift the lines of the others", async () => {
    expect(await cellsOf('a,b\n1,"x\n\ny",3\n2,z\n')).toEqual([
      [2, "row-ragged"],
      [5, ["2", "z"]],
    ]);
  });

  test("that is too short stands in another place than the end of a file that is cut", async () => {
    expect(await cellsOf("a,b\n1,x\n2\n")).toEqual([
      [2, ["1", "x"]],
      [3, "row-ragged"],
    ]);
    await expect(cellsOf("a,b\n1,x\n2")).rejects.toMatchObject({
      code: "SOURCE_TRUNCATED",
      message: expect.stringContaining("line, 3,") as string,
    });
  });

  test("may be the last line without an end", async () => {
    expect(await cellsOf("a,b\n1,x\n2,y")).toEqual([
      [2, ["1", "x"]],
      [3, ["2", "y"]],
    ]);
  });

  test("is not an empty line, wherever that stands", async () => {
    expect(await cellsOf("\n\r\na;b\n\n1;x\n\n\n2;y\n\n")).toEqual([
      [5, ["1", "x"]],
      [8, ["2", "y"]],
    ]);
  });

  test("is whole when its CRLF is split over two blocks", async () => {
    const filler = "x".repeat(256 * 1024 - "a,b\n1,\r".length);
    expect(await cellsOf(`a,b\n1,${filler}\r\n2,y\r\n`)).toEqual([
      [2, ["1", filler]],
      [3, ["2", "y"]],
    ]);
  });

  test("of more than 16 MB stops the read, since a quote is open", async () => {
    const text = `a,b\n1,"x\n${"2,y\n".repeat(4_500_000)}`;
    await expect(cellsOf(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("more than 16 MB") as string,
    });
  });
});

describe("broken quoting", () => {
  test.each([
    ["a quote inside an unquoted field", '1,x"y\n', "SOURCE_FORMAT", "line 3"],
    ["text after a closing quote", '1,"x"y\n', "SOURCE_FORMAT", "line 3"],
    ["a quote that is never closed", '1,"xy\n2,z\n', "SOURCE_TRUNCATED", "never closed"],
  ])("by %s stops the read and says where", async (_what, bad, code, message) => {
    await expect(cellsOf(`a,b\n0,ok\n${bad}`)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });

  test("is placed at its true line behind line breaks in quotes", async () => {
    await expect(cellsOf('a,b\r\n0,"x\r\n\r\ny"\r\n1,"p\r\nq"\r\n2,z"\r\n')).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("at line 7 ") as string,
    });
  });

  test("never puts a cell's content into the error", async () => {
    const reading = cellsOf('a,password\n1,hunter2"x\n');
    await expect(reading).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    const error: unknown = await reading.catch((cause: unknown) => cause);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hunter2");
  });
});

describe("the header of a CSV", () => {
  test.each([
    ["a, twice", "a,b,a\n1,2,3\n", "the column a twice"],
    ["a column without a name", "a,,c\n1,2,3\n", "column 2 of the header has no name"],
    ["a column of spaces", "a,b,  \n1,2,3\n", "column 3 of the header has no name"],
  ])("may not name %s", async (_what, text, message) => {
    await expect(openCsv(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining(message) as string,
      hint: expect.stringContaining("source.skipLines") as string,
    });
  });

  test("may bear names that every object has", async () => {
    const source = await openCsv("__proto__,constructor,toString\n1,2,3\n");
    expect(source.shape).toEqual({ kind: "table", columns: ["__proto__", "constructor", "toString"] });
    expect((await rowsOf(source))[0]?.record).toEqual(["1", "2", "3"]);
  });

  test("may span lines in quotes, and the rows keep their lines", async () => {
    const source = await openCsv('a,"b\nb"\n1,x\n');
    expect(source.shape).toEqual({ kind: "table", columns: ["a", "b\nb"] });
    expect((await rowsOf(source))[0]?.line).toBe(3);
  });

  test("alone is a source of no users", async () => {
    expect(await cellsOf("a,b\n")).toEqual([]);
    expect(await cellsOf("a,b")).toEqual([]);
  });

  test.each([
    ["a,b;c,d", ["a", "b;c", "d"], "comma"],
    ["a;b;c,d", ["a", "b", "c,d"], "semicolon"],
    ["a\tb", ["a", "b"], "tab"],
    ["a|b|c", ["a", "b", "c"], "vertical bar"],
    ["only", ["only"], "comma"],
    ['"a;b;c",d', ["a;b;c", "d"], "comma"],
  ])("%j tells the separator", async (header, columns, name) => {
    const source = await openCsv(`${header}\n`);
    expect(source.shape).toEqual({ kind: "table", columns });
    expect(source.description).toBe(`CSV, separated by ${name}`);
    await source[Symbol.asyncDispose]();
  });

  test.each([
    ["a title without any", "Kunden 2024\nid;name\n1;Ada\n2;Bo\n", "semicolon"],
    ["a title with another", 'Kunden, Stand 1.3.\nid;name;note\n1;Ada;"x, y"\n2;Bo;z\n', "semicolon"],
    ["comments and empty lines", "# made by hand\n\n# twice, in fact\na\tb\n1\t2\n3\t4\n", "tab"],
  ])("is told by the lines below %s, and the title is still no header", async (_what, text, name) => {
    await expect(openCsv(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("does not begin with a header") as string,
      hint: expect.stringMatching(
        /source\.skipLines.*--skip-lines.*source\.separator.*--separator/,
      ) as string,
    });
    await using source = await openCsv(text, { skipLines: text.startsWith("#") ? 3 : 1 });
    expect(source.description).toBe(`CSV, separated by ${name}`);
  });

  test.each([
    ["most lines below have it", "a,b\n1,x;y;z\n2\n3,p;q\n", ["a", "b"]],
    ["the bar is part of ids", "id\nauth0|1\nauth0|2\n", ["id"]],
    ["nothing is below", "a,b", ["a", "b"]],
  ])("is that of the first line where %s", async (_what, text, columns) => {
    await using source = await openCsv(text);
    expect(source.shape).toEqual({ kind: "table", columns });
  });

  test.each([
    ["is no row", {}],
    ["may be counted among the lines before the header", { skipLines: 1 }],
    ["gives way to the operator's", { separator: ";" }],
  ])("a first line sep=; states the separator, and %s", async (_what, options) => {
    expect(await cellsOf("sep=;\r\na;b,c\r\n1;2,3\r\n4\r\n", options)).toEqual([
      [3, ["1", "2,3"]],
      [4, "row-ragged"],
    ]);
  });

  test("a first line that only begins like Excel's sep= states nothing", async () => {
    await using source = await openCsv("sep=;x\n1;2\n");
    expect(source.shape).toEqual({ kind: "table", columns: ["sep=", "x"] });
  });

  test("is cut at the separator that the operator names", async () => {
    expect(await cellsOf("a;b,c\n1;2,3\n", { separator: ";" })).toEqual([[2, ["1", "2,3"]]]);
  });
});

test("a line of one field above wider ones is no header, and is not shown", async () => {
  const error = await openCsv("# password: hunter2\nid,name\n1,Ada\n").catch(
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toMatchObject({
    code: "SOURCE_FORMAT",
    hint: expect.stringContaining("source.skipLines") as string,
  });
  expect((error as Error).message).toMatch(/first line has one field, line 2 has 2$/);
  expect(JSON.stringify(error)).not.toContain("hunter2");
});

test("a file of one column is a table of one column", async () => {
  expect(await cellsOf("username\nada\nbo\n")).toEqual([
    [2, ["ada"]],
    [3, ["bo"]],
  ]);
});

test.each(["ada@example.com,Ada,true\n", "id,$2b$10$abcdefghijklmnopqrstuv\n"])(
  "a first line that holds a user's data is no header, and is not shown",
  async (line) => {
    const error = await openCsv(`${line}1,2,3\n`).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: "SOURCE_FORMAT" });
    expect((error as Error).message).toMatch(/has no header: its first line holds a user's data$/);
  },
);

describe("lines before the header", () => {
  const PREAMBLE = '# Passwords: "hunter2\r\n\nid,name\n1,Ada\n2,Bo,x\n3,"two\r\nlines"\n4\n5,Eve\n';

  test("are passed over where the config counts them, and lines keep their numbers in the file", async () => {
    await using source = await openCsv(PREAMBLE, { skipLines: 2 });
    expect(source.shape).toEqual({ kind: "table", columns: ["id", "name"] });
    const rows = await rowsOf(source);
    expect(
      rows.map(({ seq, line, record }) => [seq, line, (record as readonly string[] | undefined)?.[0]]),
    ).toEqual([
      [1, 4, "1"],
      [2, 5, undefined],
      [3, 6, "3"],
      [4, 8, undefined],
      [5, 9, "5"],
    ]);
    const [, ragged] = rows;
    expect(ragged?.record === undefined && ragged?.issue.message).toBe("line 5 has 3 fields, the header 2");
  });

  test("count in the place of broken quoting, too", async () => {
    await expect(openCsv('# a\nid,name\n1,"x"y\n', { skipLines: 1 })).rejects.toMatchObject({
      message: expect.stringContaining("line 3") as string,
    });
  });

  test("cannot be more than the file has", async () => {
    await expect(openCsv("# a\nid\n", { skipLines: 3 })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("does not have 3 lines before its header") as string,
    });
  });

  test("are passed over in a file that is longer than what is looked at first", async () => {
    const rows = Array.from({ length: 40_000 }, (_, index) => `${index},name ${index}\n`).join("");
    await using source = await openCsv(`é\nid,name\n${rows}`, { skipLines: 1 });
    const read = await rowsOf(source);
    expect(read).toHaveLength(40_000);
    expect(read.at(-1)).toMatchObject({ line: 40_002, record: ["39999", "name 39999"] });
  });
});

test("that the last line has no end is told once it was read, as it may be cut within its last value", async () => {
  const told = "the last line has no end and may be cut short";
  for (const [text, isTold] of [
    ["id,email\n1,ann@example.com\n2,bob@example.co", true],
    ["id,email\n1,ann@example.com\n2,bob@example.com\r\n", false],
  ] as const) {
    const source = await openCsv(text);
    await rowsOf(source);
    expect(source.description.includes(told)).toBe(isTold);
  }
});
