import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { json } from "../../src/extract/json.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const formats: Pick<
  SourceFormat,
  "type" | "isOwnText" | "broken" | "writeUser" | "between" | "expectedRecord" | "firstLine" | "wrongFormats"
> = {
  type: json,
  writeUser: (user) => JSON.stringify(user),
  between: ",\n",
  expectedRecord: (user) => ({ ...user }),
  firstLine: undefined,
  isOwnText: true,
  broken: { text: "[1]", place: "element 2" },
  wrongFormats: [
    { title: "NDJSON", text: '{"id":"1"}\n{"id":"2"}\n', hint: "ndjson:PATH" },
    { title: "CSV", text: "id,name\n1,Ada\n", hint: "csv:PATH" },
  ],
};

describeFileSource("a JSON array", { ...formats, start: "[", end: "]\n" });
describeFileSource("a JSON document with a list", {
  ...formats,
  start: '{"total": 3, "tags": ["a", "b"], "users": [\n',
  end: '\n], "next": {"users": []}}\n',
});
describeFileSource("a JSON document with a named list", {
  ...formats,
  options: { list: "users" },
  start: '{"groups": [{"id": "g1"}], "users": [\n',
  end: '\n], "roles": [{"id": "r1"}]}\n',
});

async function read(text: string | Uint8Array, options: SourceOptions = {}) {
  return rowsOf(await json.open(aFile(text), options));
}

async function recordsOf(text: string, options?: SourceOptions) {
  return (await read(text, options)).map(({ record }) => record);
}

const TWO = [{ id: 1 }, { id: 2 }];

describe("the list of users", () => {
  test.each<[string, unknown]>([
    ["an array", TWO],
    ["the only list of objects", { total: 2, users: TWO }],
    ["beside lists of other things", { tags: ["a", 1, null, ["x"]], users: TWO, flags: [true] }],
    ["beside an empty list", { errors: [], data: TWO }],
    [
      "beside objects with lists of their own",
      { meta: { users: [{ id: 9 }], list: [[{ id: 8 }]] }, users: TWO },
    ],
  ])("is found as %s", async (_where, document) => {
    expect(await recordsOf(JSON.stringify(document))).toEqual(TWO);
    expect(await recordsOf(JSON.stringify(document, undefined, 2))).toEqual(TWO);
  });

  test("may be empty", async () => {
    for (const text of ["[]", " [ ]\n", '{"users":[]}', '{\n"total": 0,\n"users": []\n}']) {
      expect(await recordsOf(text)).toEqual([]);
    }
    expect(await recordsOf('{"users":[],"groups":[{"id":"g"}]}', { list: "users" })).toEqual([]);
  });

  test("is never guessed among two", async () => {
    const document = JSON.stringify({ groups: [{ id: "g" }], users: TWO });
    await expect(read(document)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("groups and users") as string,
    });
    expect(await recordsOf(document, { list: "users" })).toEqual(TWO);
    expect(await recordsOf(document, { list: "groups" })).toEqual([{ id: "g" }]);
  });

  test("is not another list because its own begins with a scalar", async () => {
    const document = JSON.stringify({ users: ["x", { id: 1 }], groups: [{ id: "g" }] });
    await expect(read(document)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("the list users holds objects and other values") as string,
    });
  });

  test.each([
    ["there is none", '{"id":1}', undefined],
    ["it holds scalars only", '{"users":["ada","bo"]}', undefined],
    ["it lies deeper", '{"data":{"users":[{"id":1}]}}', undefined],
    ["it is a list of lists", '{"users":[[{"id":1}]]}', undefined],
    ["the named one is missing", '{"people":[{"id":1}]}', "users"],
    ["the named one is an object", '{"users":{"list":[{"id":1}]}}', "users"],
    ["the named one lies deeper", '{"data":{"users":[{"id":1}]}}', "users"],
    ["the named one is null", '{"users":null}', "users"],
  ])("is refused when %s", async (_why, text, list) => {
    await expect(read(text, { list })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("holds no list") as string,
    });
  });

  test("that stands there twice is refused", async () => {
    const text = '{"users":[{"id":1}],"users":[{"id":2}]}';
    await expect(read(text)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    await expect(read(text, { list: "users" })).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
  });

  test("counts what is no object as rejected users, and reads the others", async () => {
    const rows = await read('[{"id":1},"x",null,false,0,["y",{"id":9}],{"id":2}]');
    expect(rows.map((row) => row.record ?? row.issue.message)).toEqual([
      { id: 1 },
      "element 2 is not a JSON object",
      "element 3 is not a JSON object",
      "element 4 is not a JSON object",
      "element 5 is not a JSON object",
      "element 6 is not a JSON object",
      { id: 2 },
    ]);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe("a user of a JSON list", () => {
  test("is the same as JSON.parse makes it, whatever it holds", async () => {
    const user = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }), {
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(user, { minLength: 1 }), fc.constantFrom(0, 1, 2), async (users, indent) => {
        const text = JSON.stringify(users, undefined, indent);
        const parsed = JSON.parse(text, keepLongIntegers) as unknown;
        expect(await recordsOf(text)).toEqual(parsed);
        expect(await recordsOf(JSON.stringify({ total: 1, users }, undefined, indent))).toEqual(parsed);
      }),
      { numRuns: 60 },
    );
  });

  test("keeps the digits of integers beyond 2^53, at any depth", async () => {
    const text =
      '[{"id":12345678901234567890,"deep":[{"n":-9007199254740993}],"safe":9007199254740991,"f":1.25}]';
    expect(await recordsOf(text)).toEqual([
      { id: "12345678901234567890", deep: [{ n: "-9007199254740993" }], safe: 9007199254740991, f: 1.25 },
    ]);
  });

  test("may have keys that every object has, as data of its own", async () => {
    const [record] = await recordsOf('[{"__proto__":{"admin":true},"constructor":"c","toString":1}]');
    expect(Object.keys(record ?? {})).toEqual(["__proto__", "constructor", "toString"]);
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(record).not.toHaveProperty("admin");
  });
});

// Numbers of fast-check are doubles, so an integer beyond 2^53 is written with all its digits or as 1e+21.
function keepLongIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source ?? "";
  return typeof value === "number" && /^-?\d{16,}$/.test(source) && !Number.isSafeInteger(value)
    ? source
    : value;
}

describe("a JSON document that is not whole", () => {
  const documents = [
    '[{"id":1,"n":"é🦀","l":[1,{"x":null}]},{"id":22,"t":true}]',
    '{"start":0,"tags":["a"],"users":[{"id":1,"l":[[]]},{"id":22}],"total":2,"o":{"p":[{}]}}',
    '{\r\n "users": [\r\n  {"id": -1.5e3}\r\n ]\r\n}\r\n',
  ];

  test.each(documents)("is refused at every byte where it may be cut: %s", async (document) => {
    const whole = Buffer.from(document);
    const end = Buffer.from(document.trimEnd()).length;
    for (let length = 0; length < end; length += 1) {
      const error: unknown = await read(whole.subarray(0, length)).catch((cause: unknown) => cause);
      expect(error, `cut after ${length} bytes`).toBeInstanceOf(FerryError);
    }
    expect((await read(whole.subarray(0, end))).length).toBeGreaterThan(0);
  });

  test("is refused at any byte, whatever it holds", async () => {
    const user = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(
        fc.array(user, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (users, share) => {
          const whole = Buffer.from(JSON.stringify({ users }));
          const cut = whole.subarray(0, Math.min(whole.length - 1, Math.floor(share * whole.length)));
          await expect(read(cut, { list: "users" })).rejects.toBeInstanceOf(FerryError);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("is called cut short, and says how many users were whole", async () => {
    await expect(read('[{"id":1},{"id":2},{"id"')).rejects.toMatchObject({
      code: "SOURCE_TRUNCATED",
      message: expect.stringContaining("after 2 whole users") as string,
    });
  });

  test.each([
    ["a comma too many", '[{"id":1},]'],
    ["a second document", '[{"id":1}][{"id":2}]'],
    ["text behind it", '[{"id":1}] x'],
    ["a single-quoted string", "[{'id':1}]"],
    ["a bracket of the wrong kind", '[{"id":1]}'],
    ["a missing comma", '[{"id":1}{"id":2}]'],
    ["a number with a leading zero", '[{"id":01}]'],
    ["a word", '[{"id":NaN}]'],
    ["a comment", '[{"id":1} /* x */]'],
  ])("is refused as invalid for %s", async (_what, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
  });
});
