import { execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSpec } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

/** A folder of NDJSON files, each with as many users as it says. */
function aSet(files: Readonly<Record<string, number>>): string {
  const folder = aFolder();
  for (const [name, users] of Object.entries(files)) {
    const lines = Array.from({ length: users }, (_, index) => JSON.stringify({ id: `${name}/${index + 1}` }));
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  }
  return folder;
}

async function idsOf(path: string | readonly string[], after?: string) {
  const source = await openSpec({ type: "ndjson", path, after });
  return (await rowsOf(source)).map(({ seq, record }) => `${seq} ${(record as { id: string }).id}`);
}

test("a pattern is all files that match, file 2 before file 10, numbered through", async () => {
  const folder = aSet({ "users-10.json": 1, "users-2.json": 2, "users-1.json": 1, "groups.json": 1 });
  expect(await idsOf(join(folder, "users-*.json"))).toEqual([
    "1 users-1.json/1",
    "2 users-2.json/1",
    "3 users-2.json/2",
    "4 users-10.json/1",
  ]);
});

test("several places are read in their order, each file once", async () => {
  const folder = aSet({ b: 1, a: 1 });
  const paths = [join(folder, "b"), join(folder, "*"), join(folder, "a")];
  expect(await idsOf(paths)).toEqual(["1 b/1", "2 a/1"]);
});

test("a file whose name looks like a pattern is that file", async () => {
  const folder = aSet({ "users[1].json": 1, "users1.json": 1 });
  expect(await idsOf(join(folder, "users[1].json"))).toEqual(["1 users[1].json/1"]);
});

test("a pattern that nothing matches is refused", async () => {
  await expect(idsOf(join(aFolder(), "*.json"))).rejects.toMatchObject({ code: "SOURCE_NOT_FOUND" });
});

test("it says which row begins which file, and reads on behind a cursor in the middle of one", async () => {
  const folder = aSet({ a: 2, b: 3 });
  const path = [join(folder, "a"), join(folder, "b")];
  const source = await openSpec({ type: "ndjson", path });
  await rowsOf(source);
  expect(source.starts).toEqual([
    { path: path[0], seq: 1 },
    { path: path[1], seq: 3 },
  ]);
  expect(source.cursor).toBe("5");
  expect(source.description).toBe("2 files: NDJSON");
  expect(await idsOf(path, "3")).toEqual(["4 b/2", "5 b/3"]);
});

test("a table with other columns than the first is refused", async () => {
  const path = [aFile("id,email\n1,a@example.com\n"), aFile("email,id\nb@example.com,2\n")];
  const reading = openSpec({ type: "csv", path }).then(rowsOf);
  await expect(reading).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringContaining("columns") as string,
  });
});

test("files of two formats are not one source", async () => {
  const path = [aFile("id,email\n1,a@example.com\n"), aFile('{"id":1}\n{"id":2}\n')];
  await expect(openSpec({ type: "auto", path })).rejects.toMatchObject({
    code: "SOURCE_FORMAT",
    message: expect.stringMatching(/is csv, but .* is ndjson/) as string,
  });
});

test("a row that cannot be read names its file", async () => {
  const path = [aFile('{"id":1}\n', "a.ndjson"), aFile('{"id":2}\noops\n{"id":3}\n', "b.ndjson")];
  const rows = await rowsOf(await openSpec({ type: "ndjson", path }));
  expect(rows[2]).toMatchObject({ seq: 3, issue: { message: "b.ndjson: line 2 is not a JSON object" } });
});

test("a file that ends early ends the whole source in an error", async () => {
  const path = [aFile('{"id":1}\n{"id":'), aFile('{"id":2}\n')];
  await expect(openSpec({ type: "ndjson", path }).then(rowsOf)).rejects.toMatchObject({
    code: "SOURCE_TRUNCATED",
  });
});

test("a cursor of another source is refused", async () => {
  const path = aFile('{"id":1}\n');
  await expect(openSpec({ type: "ndjson", path, after: "2026-01-01" })).rejects.toMatchObject({
    code: "USAGE",
  });
});

describe.runIf(process.platform === "linux")("a pipe", () => {
  /** A pipe with a name, into which a file is written once somebody reads. */
  function aPipe(content: string): string {
    const path = join(aFolder(), "pipe");
    execFileSync("mkfifo", [path]);
    const writer = spawn("dd", [`if=${aFile(content)}`, `of=${path}`, "status=none"]);
    onTestFinished(() => void writer.kill());
    return path;
  }

  test("is read from its beginning to its end", async () => {
    const lines = Array.from(
      { length: 9_000 },
      (_, index) => `${JSON.stringify({ id: "x".repeat(50), index })}\n`,
    );
    const path = aPipe(lines.join(""));
    const rows = await rowsOf(await openSpec({ type: "ndjson", path }));
    expect(rows.map(({ record }) => (record as { index: number }).index)).toEqual(
      lines.map((_, index) => index),
    );
  });

  test.each([
    ["auto", '{"id":1}\n', /say the type/],
    ["django", readFileSync("fixtures/django/dump.json", "utf8"), /read twice/],
    ["ldif", readFileSync("fixtures/ldif/openldap.ldif", "utf8"), /read twice/],
  ])("of which the type %s would read its beginning only is refused", async (type, content, hint) => {
    const reading = openSpec({ type, path: aPipe(content) }).then(rowsOf);
    await expect(reading).rejects.toMatchObject({ hint: expect.stringMatching(hint) as string });
  });
});

const KEYCLOAK = "fixtures/keycloak/shop-realm.json";

test("a file of another system than the one that is named is refused, be it one of several", async () => {
  for (const path of [KEYCLOAK, ["fixtures/firebase/export.json", KEYCLOAK]]) {
    await expect(openSpec({ type: "firebase", path })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringMatching(
        /shop-realm\.json is of the type keycloak, as .*, not firebase$/,
      ) as string,
    });
  }
});

test("a file of a system that is read as any JSON is said to have a mapping of its own", async () => {
  await using source = await openSpec({ type: "json", path: "fixtures/firebase/export.json" });
  expect(source.description).toMatch(
    /^JSON document; .* is of the type firebase, as .*: it has a mapping of its own$/,
  );
});

test.each([
  [["users-0.json", "users-2.json"], "; users-1.json is missing among them"],
  [["users-2.json", "users-3.json"], "; users-1.json is missing among them"],
  [["users-1.json", "users-2.json"], ""],
  [["users-0.json", "users-1.json"], ""],
  [["users-007.json", "users-009.json"], ""],
  [["2026-01-01.json", "2026-01-03.json"], ""],
  [["a-1.json", "b-3.json"], ""],
])("of the files %j it says%s", async (names, remark) => {
  const folder = aSet(Object.fromEntries(names.map((name) => [name, 1])));
  await using source = await openSpec({ type: "ndjson", path: names.map((name) => join(folder, name)) });
  expect(source.description).toBe(`2 files: NDJSON${remark}`);
});
