import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { module } from "../../src/extract/module.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import { openHandles } from "../contract/file-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

/** A module that gives the lines of a file, one by one or some at a time, and closes it when it is told to stop. */
const LINES = (data: string, how: "rows" | "lists"): string => `
import { open } from "node:fs/promises";
export default async function* (): AsyncGenerator<object> {
  const file = await open(${JSON.stringify(data)});
  try {
    const list: object[] = [];
    for await (const line of file.readLines({ highWaterMark: 65_536 })) {
      const row = JSON.parse(line) as object;
      ${how === "rows" ? "yield row;" : "if (list.push(row) === 330) yield list.splice(0);"}
    }
    if (list.length > 0) yield list;
  } finally {
    await file.close();
  }
}
`;

function putLines(users: Iterable<KnownUser>, how: "rows" | "lists") {
  const folder = aFolder();
  const data = join(folder, "data");
  writeFileSync(data, [...users].map((user) => `${JSON.stringify(user)}\n`).join(""));
  const path = join(folder, "users.mts");
  writeFileSync(path, LINES(data, how));
  return { type: "module", path };
}

const rowsFor = (users: readonly KnownUser[]) =>
  users.map((user, index) => ({ seq: index + 1, line: undefined, record: { ...user } }));
const handles = ({ path }: { readonly path: unknown }) =>
  openHandles(String(path).replace("users.mts", "data"));

describeSourceContract("a module's rows", {
  put: (users) => putLines(users, "rows"),
  expectedRows: rowsFor,
  openHandles: (spec) => handles(spec),
  putBroken: ([first, , third]) => ({
    type: "module",
    path: aFile(`export default [${JSON.stringify(first)}, null, ${JSON.stringify(third)}];`, "users.mjs"),
  }),
  brokenPlace: "row 2",
  manyUsers: 10_000,
});
describeSourceContract("a module's lists of rows", {
  put: (users) => putLines(users, "lists"),
  expectedRows: rowsFor,
  openHandles: (spec) => handles(spec),
  manyUsers: 10_000,
});

const open = (code: string) => module.open(aFile(code, "users.mjs"), {});
const read = async (code: string) => rowsOf(await open(code));

describe("what a module may export", () => {
  test.each([
    ["a list", "export default [{ id: 1 }, { id: 2 }];"],
    ["a function that gives a list", "export default () => [{ id: 1 }, { id: 2 }];"],
    ["a function that gives a list later", "export default async () => [[{ id: 1 }], [{ id: 2 }]];"],
    ["a generator", "export default function* () { yield { id: 1 }; yield { id: 2 }; }"],
    ["an async generator", "export default async function* () { yield [{ id: 1 }, { id: 2 }]; yield []; }"],
    ["an async iterable", "export default (async function* () { yield { id: 1 }; yield { id: 2 }; })();"],
  ])("%s", async (_what, code) => {
    expect((await read(code)).map(({ record }) => record)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("a CommonJS module", async () => {
    const source = await module.open(aFile("module.exports = [{ id: 1 }];", "users.cjs"), {});
    expect(await rowsOf(source)).toEqual([{ seq: 1, line: undefined, record: { id: 1 } }]);
  });
});

describe("rows of a module", () => {
  test.each<[string, unknown]>([
    [
      `{ a: "x", b: 1.5, c: true, d: null, e: [1, [2]], f: { g: "" } }`,
      { a: "x", b: 1.5, c: true, d: null, e: [1, [2]], f: { g: "" } },
    ],
    [
      "{ at: new Date(0), gone: undefined, list: [undefined, 1] }",
      { at: "1970-01-01T00:00:00.000Z", list: [null, 1] },
    ],
    ["Object.assign(Object.create(null), { a: 1 })", { a: 1 }],
    ["{}", {}],
  ])("%s is read", async (row, expected) => {
    expect((await read(`export default [${row}];`)).map(({ record }) => record)).toEqual([expected]);
  });

  test.each([
    ["null", "it is null"],
    ["5", "it is a number"],
    ["[[{}]]", "it is a list"],
    ["new Map()", "it is a Map"],
    ["{ a: 1n }", "a is a bigint"],
    ["{ a: () => 1 }", "a is a function"],
    ["{ a: Symbol('x') }", "a is a symbol"],
    ["{ a: new Set() }", "a is a Set"],
    ["{ a: { b: [Buffer.from('x')] } }", "a is a Buffer"],
    ["{ a: Number.NaN }", "a is NaN"],
    ["{ a: new Date(Number.NaN) }", "a is a Date that is no date"],
    ["(() => { const a = {}; a.a = a; return a; })()", "or holds itself"],
    ["{ 'private@example.com ': 1n }", "a field is a bigint"],
  ])("%s is a rejected row that says why, and holds no value", async (row, why) => {
    const rows = await read(`export default [{ id: 1 }, ${row === "[[{}]]" ? "[[{}]]" : row}, { id: 3 }];`);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(rows[1]).toMatchObject({
      record: undefined,
      issue: { code: "row-unreadable", message: expect.stringMatching(/^row 2: /) as string },
    });
    expect(rows[1]?.record === undefined ? rows[1]?.issue.message : "").toContain(why);
  });

  test("are copies: what the module does with its objects later changes nothing", async () => {
    const rows = await read(
      "export default function* () { const row = {}; for (row.id of [1, 2]) yield row; }",
    );
    expect(rows.map(({ record }) => record)).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test("a key that names a prototype is a key", async () => {
    const [row] = await read(`export default [JSON.parse('{"__proto__": {"a": 1}}')];`);
    expect(Object.keys(row?.record ?? {})).toEqual(["__proto__"]);
  });
});

describe("a module that fails", () => {
  test.each([
    ["exports nothing by default", "export const rows = [];", "exports no rows by default"],
    ["exports a text", `export default "rows";`, "exports no rows by default"],
    [
      "has a cursor that is no function",
      "export default []; export const cursor = 1;",
      "cursor that is no function",
    ],
    ["is no JavaScript", "export default (", "cannot be loaded"],
    ["gives no rows", "export default () => 5;", "no iterable of rows"],
    ["throws at once", "export default () => { throw new Error('private'); };", "threw before its first row"],
    ["rejects", "export default async () => { throw 'private'; };", "threw before its first row"],
    [
      "throws in the middle",
      "export default async function* () { yield {}; yield [{}, {}]; throw new Error('private'); }",
      "threw after row 3",
    ],
    [
      "has a row that throws",
      "export default [{}, { get a() { throw new Error('private'); } }];",
      "threw when row 2 was read",
    ],
  ])("%s, which is told without what it threw", async (_what, code, message) => {
    const reading = read(code);
    await expect(reading).rejects.toMatchObject({
      code: "MODULE_FAILED",
      message: expect.stringContaining(message) as string,
    });
    await expect(reading).rejects.not.toMatchObject({
      message: expect.stringContaining("private") as string,
    });
  });

  test("a module that is not there", async () => {
    await expect(module.open(join(aFolder(), "users.mts"), {})).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
    });
  });
});

describe("a module's cursor", () => {
  const code = `
    export default function* ({ after }) {
      for (let id = Number(after ?? 0) + 1; id <= 5; id += 1) yield { id, at: new Date(id) };
    }
    export const cursor = (row) => String(row.id);`;
  const specOf = (text: string, after?: string) => ({
    type: "module",
    path: aFile(text, "users.mjs"),
    after,
  });
  const idsOf = async (after?: string) => {
    await using source = await openSpec(specOf(code, after));
    const rows = await rowsOf(source);
    return { ids: rows.map(({ record }) => (record as unknown as { id: number }).id), cursor: source.cursor };
  };

  test("is where a later plan goes on", async () => {
    expect(await idsOf()).toEqual({ ids: [1, 2, 3, 4, 5], cursor: "5" });
    expect(await idsOf("3")).toEqual({ ids: [4, 5], cursor: "5" });
    expect(await idsOf("5")).toEqual({ ids: [], cursor: "5" });
  });

  test("that is no text is refused", async () => {
    await using source = await openSpec(specOf("export default [{}]; export const cursor = () => 5;"));
    await rowsOf(source);
    expect(() => source.cursor).toThrow(expect.objectContaining({ code: "MODULE_FAILED" }) as Error);
  });

  test("without one, rows are counted and passed over, and the module is told nothing", async () => {
    const text =
      "export default function* (given) { yield { given: given.after ?? 'nothing' }; yield { id: 2 }; }";
    await using source = await openSpec(specOf(text, "1"));
    expect((await rowsOf(source)).map(({ record }) => record)).toEqual([{ id: 2 }]);
  });
});

describe("a module that is stopped", () => {
  test("is not waited for when it waits for something that never comes", async () => {
    const controller = new AbortController();
    const text = "export default async function* () { yield {}; await new Promise(() => undefined); }";
    await using source = await openSpec(
      { type: "module", path: aFile(text, "users.mjs") },
      controller.signal,
    );
    setTimeout(() => controller.abort(), 30);
    await expect(rowsOf(source)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("hears of it by its signal", async () => {
    const controller = new AbortController();
    const text = `export default async function* ({ signal }) {
      yield {};
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    }`;
    await using source = await openSpec(
      { type: "module", path: aFile(text, "users.mjs") },
      controller.signal,
    );
    setTimeout(() => controller.abort(), 30);
    await expect(rowsOf(source)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("can be stopped although it never waits", async () => {
    const controller = new AbortController();
    const text = "export default function* () { for (;;) yield {}; }";
    await using source = await openSpec(
      { type: "module", path: aFile(text, "users.mjs") },
      controller.signal,
    );
    setTimeout(() => controller.abort(), 30);
    const reading = (async () => {
      for await (const batch of source.batches()) expect(batch).toHaveLength(200);
    })();
    await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});
