import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { SQLITE_QUERIES } from "../../src/extract/queries/sqlite.ts";
import { sqlite } from "../../src/extract/sqlite.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import { openHandles } from "../contract/file-contract.ts";
import { aDecider, DOCUMENTS, rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

/** A database made by these statements. */
function aDatabase(sql: string): string {
  const path = join(aFolder(), "app.sqlite3");
  using database = opened(path);
  database.exec(sql);
  return path;
}

function opened(path: string): Database.Database & Disposable {
  const database = new Database(path);
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
}

function tableOf(users: Iterable<KnownUser>): string {
  const path = aDatabase("CREATE TABLE users (id TEXT, name TEXT, email TEXT, changed INTEGER)");
  using database = opened(path);
  const insert = database.prepare("INSERT INTO users VALUES (?, ?, ?, ?)");
  database.transaction(() => {
    let changed = 0;
    for (const { id, name, email } of users) insert.run(id, name, email, (changed += 1));
  })();
  return path;
}

const QUERY = "SELECT id, name, email FROM users ORDER BY changed";

describeSourceContract("a query on SQLite", {
  put: (users) => ({ type: "sqlite", path: tableOf(users), query: QUERY }),
  expectedRows: (users) =>
    users.map((user, index) => ({ seq: index + 1, line: undefined, record: { ...user } })),
  openHandles: ({ path }) => openHandles(String(path)),
  manyUsers: 20_000,
});
describeSourceContract("a query on SQLite in the order of a column", {
  put: (users) => ({
    type: "sqlite",
    path: tableOf(users),
    // Of one value there are several rows, over the end of a batch too.
    query: "SELECT id, name, email, changed / 7 AS changed FROM users -- all of them",
    cursorColumn: "changed",
  }),
  expectedRows: (users) =>
    users.map((user, index) => ({
      seq: index + 1,
      line: undefined,
      record: { ...user, changed: Math.floor((index + 1) / 7) },
    })),
  openHandles: ({ path }) => openHandles(String(path)),
  manyUsers: 20_000,
});

async function read(path: string, options: SourceOptions) {
  return rowsOf(await sqlite.open(path, options));
}

async function valuesOf(expressions: string) {
  const [row] = await read(aDatabase("CREATE TABLE t (x)"), { query: `SELECT ${expressions}` });
  return row?.record ?? row?.issue.message;
}

describe("values of SQLite", () => {
  test.each<[string, unknown]>([
    ["NULL AS x", { x: null }],
    ["1 AS x, 0.5 AS y, -7 AS z", { x: 1, y: 0.5, z: -7 }],
    ["9007199254740991 AS x, 9007199254740992 AS y", { x: 9007199254740991, y: "9007199254740992" }],
    ["-9223372036854775808 AS x", { x: "-9223372036854775808" }],
    ["'né' || char(0x1F980) AS x", { x: "né🦀" }],
    ["X'00ff10' AS x", { x: "00ff10" }],
    ["datetime('2025-01-02 03:04:05') AS x", { x: "2025-01-02 03:04:05" }],
    ["9e999 AS x", { x: "Infinity" }],
    ["CAST(X'61ff' AS TEXT) AS x, 5 AS id", expect.stringContaining("row 1 (id 5): x is")],
  ])("%s", async (expression, expected) => {
    expect(await valuesOf(expression)).toEqual(expected);
  });
});

describe("a later plan", () => {
  const CHANGES = `CREATE TABLE users (id INTEGER, updated_at TEXT);
    INSERT INTO users VALUES (1, '2024-01-01 10:00:00'), (2, '2024-01-02 10:00:00'), (3, '2024-01-02 10:00:00')`;
  const options = { query: "SELECT * FROM users", cursorColumn: "updated_at" };
  const idsFrom = async (path: string, after?: string) => {
    await using source = await openSpec({ type: "sqlite", path, ...options, after });
    const rows = await rowsOf(source);
    return { ids: rows.map(({ record }) => (record as unknown as { id: number }).id), cursor: source.cursor };
  };

  test("sees what changed or came since, and of those with the last value exactly the new ones", async () => {
    const path = aDatabase(CHANGES);
    const first = await idsFrom(path);
    expect(first.ids).toEqual([1, 2, 3]);
    expect((await idsFrom(path, first.cursor)).ids).toEqual([]);
    using database = opened(path);
    database.exec(`UPDATE users SET updated_at = '2024-01-03 10:00:00' WHERE id = 1;
      INSERT INTO users VALUES (4, '2024-01-02 10:00:00')`);
    expect((await idsFrom(path, first.cursor)).ids).toEqual([4, 1]);
  });

  test("compares numbers as numbers", async () => {
    const path = aDatabase(
      "CREATE TABLE users (id INTEGER, updated_at); INSERT INTO users VALUES (1, 9), (2, 10)",
    );
    const { cursor } = await idsFrom(path);
    using database = opened(path);
    database.exec("INSERT INTO users VALUES (3, 11), (4, 100)");
    expect((await idsFrom(path, cursor)).ids).toEqual([3, 4]);
  });

  test("a row without a value in the column is refused, as it has no place in the order", async () => {
    const path = aDatabase(`${CHANGES}, (9, NULL)`);
    await expect(idsFrom(path)).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("what cannot be read is refused", () => {
  test.each<[string, () => string, SourceOptions, string]>([
    ["a text file", () => aFile("id,email\n".repeat(100)), { query: "SELECT 1" }, "SOURCE_FORMAT"],
    ["a file that is not there", () => join(aFolder(), "absent"), { query: "SELECT 1" }, "SOURCE_NOT_FOUND"],
    [
      "a folder that is not there",
      () => join(aFolder(), "x", "y"),
      { query: "SELECT 1" },
      "SOURCE_NOT_FOUND",
    ],
    ["neither a query nor a preset", () => aDatabase("CREATE TABLE t (x)"), {}, "USAGE"],
    ["an unknown preset", () => aDatabase("CREATE TABLE t (x)"), { preset: "joomla" }, "USAGE"],
    [
      "a preset of another database",
      () => aDatabase("CREATE TABLE t (x)"),
      { preset: "django" },
      "SOURCE_REFUSED",
    ],
    ["SQL that is none", () => aDatabase("CREATE TABLE t (x)"), { query: "SELEC 1" }, "SOURCE_REFUSED"],
    [
      "two statements",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "SELECT 1; SELECT 2" },
      "SOURCE_REFUSED",
    ],
    [
      "a statement that writes",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "DELETE FROM t" },
      "SOURCE_REFUSED",
    ],
    [
      "a statement that writes and reads",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "INSERT INTO t VALUES (1) RETURNING x" },
      "SOURCE_REFUSED",
    ],
    [
      "a query with parameters",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "SELECT ? AS a" },
      "SOURCE_REFUSED",
    ],
    [
      "two columns of one name",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "SELECT 1 AS a, 2 AS a" },
      "SOURCE_FORMAT",
    ],
    [
      "a cursor column that is not there",
      () => aDatabase("CREATE TABLE t (x)"),
      { query: "SELECT 1 AS a", cursorColumn: "b" },
      "USAGE",
    ],
  ])("%s", async (_what, path, options, code) => {
    await expect(read(path(), options)).rejects.toMatchObject({ name: "FerryError", code });
  });

  test("a function that fails on a row, without the row's value", async () => {
    const path = aDatabase("CREATE TABLE t (x); INSERT INTO t VALUES ('private')");
    const reading = read(path, { query: "SELECT json_extract(x, '$.a') AS a FROM t" });
    await expect(reading).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.not.stringContaining("private") as string,
    });
  });

  test("a damaged database, at any page", async () => {
    const path = tableOf(
      Array.from({ length: 2_000 }, (_, id) => ({ id: `${id}`, name: "n".repeat(50), email: "e" })),
    );
    const whole = readFileSync(path);
    for (const page of [1, 3, 7, 20]) {
      const bytes = Buffer.from(whole);
      bytes.fill(0xa5, page * 4096, page * 4096 + 200);
      writeFileSync(path, bytes);
      await expect(read(path, { query: "SELECT * FROM users" })).rejects.toMatchObject({
        code: "SOURCE_TRUNCATED",
      });
    }
    writeFileSync(path, whole.subarray(0, 30_000));
    await expect(read(path, { query: "SELECT * FROM users" })).rejects.toMatchObject({
      code: "SOURCE_TRUNCATED",
    });
  });
});

test("a database that is written meanwhile, with a write-ahead log, is read as it was", async () => {
  const path = tableOf(Array.from({ length: 1_000 }, (_, id) => ({ id: `${id}`, name: "n", email: "e" })));
  using writer = opened(path);
  writer.pragma("journal_mode = WAL");
  writer.exec("INSERT INTO users VALUES ('logged', 'only in the log', 'e', 5000)");
  await using source = await openSpec({ type: "sqlite", path, query: QUERY });
  let rows = 0;
  for await (const batch of source.batches()) {
    rows += batch.length;
    writer.exec("DELETE FROM users WHERE changed > 900; INSERT INTO users VALUES ('new', 'n', 'e', 6000)");
  }
  expect(rows).toBe(1_001);
});

/** The tables as the frameworks' own migrations make them, as far as the queries read them. */
const APPLICATIONS = {
  django: `CREATE TABLE auth_user (id INTEGER PRIMARY KEY, password TEXT, last_login TEXT, is_superuser INTEGER,
      username TEXT, last_name TEXT, email TEXT, is_staff INTEGER, is_active INTEGER, date_joined TEXT, first_name TEXT);
    CREATE TABLE auth_group (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE auth_user_groups (id INTEGER PRIMARY KEY, user_id INTEGER, group_id INTEGER);
    INSERT INTO auth_group VALUES (1, 'Editors'), (2, 'Moderators');
    INSERT INTO auth_user VALUES (7, '!', NULL, 0, 'ada', 'Nowak', 'ada@example.com', 0, 1, '2024-01-02 03:04:05', 'Ada'),
      (8, '!', NULL, 0, 'bo', '', '', 0, 0, '2024-01-02 03:04:05', '');
    INSERT INTO auth_user_groups VALUES (1, 7, 2), (2, 7, 1)`,
  devise: `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, encrypted_password TEXT, confirmed_at TEXT,
      locked_at TEXT, updated_at TEXT);
    INSERT INTO users VALUES (7, 'ada@example.com', '', '2024-01-02 03:04:05.5', NULL, '2024-01-02 03:04:05.5'),
      (8, 'bo@example.com', '', NULL, '2024-01-01 03:04:05.5', '2024-01-03 03:04:05.5')`,
  laravel: `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT, email_verified_at TEXT, password TEXT,
      remember_token TEXT, updated_at TEXT, deleted_at TEXT);
    INSERT INTO users VALUES (7, 'Ada', 'ada@example.com', '2024-01-02 03:04:05', '', NULL, '2024-01-02 03:04:05', NULL),
      (8, 'Bo', 'bo@example.com', NULL, '', NULL, NULL, '2024-01-02 03:04:05')`,
} satisfies Record<string, string>;

test("every preset of a database has a mapping, and a case here", () => {
  expect(Object.keys(SQLITE_QUERIES).sort()).toEqual(Object.keys(APPLICATIONS).sort());
  for (const name of Object.keys(SQLITE_QUERIES)) expect(presetFor(name)).toBeDefined();
});

test.each([
  [
    "django",
    [
      { username: "ada", route: "admin-create", followUps: ["add-to-group", "add-to-group"] },
      { username: "bo", route: "admin-create", followUps: ["disable"] },
    ],
  ],
  [
    "devise",
    [
      { username: "ada@example.com", route: "import-job", followUps: [] },
      { username: "bo@example.com", route: "admin-create", followUps: ["disable"] },
    ],
  ],
  [
    "laravel",
    [
      { username: "ada@example.com", route: "import-job", followUps: [] },
      { username: "bo@example.com", route: "none", followUps: [] },
    ],
  ],
] as const)("the preset %s reads the application's database", async (preset, expected) => {
  const rows = await read(aDatabase(APPLICATIONS[preset]), { preset });
  if (preset === "django")
    expect(rows.map(({ record }) => record)).toMatchObject([
      { groups: ["Editors", "Moderators"] },
      { groups: [] },
    ]);
  const mapping = presetFor(preset)?.mapping ?? {};
  const decide = aDecider({ preset: mapping, shape: DOCUMENTS });
  const users = rows.map((row) => decide(row));
  expect(users.map(({ sourceId }) => sourceId)).toEqual(["7", "8"]);
  expect(
    users.map(({ username, route, followUps }) => ({
      username,
      route,
      followUps: followUps.map(({ kind }) => kind),
    })),
  ).toEqual(expected);
});

test("the preset django has allauth's word on whom it verified, and a column of the users before it", async () => {
  const path = aDatabase(`${APPLICATIONS.django};
    CREATE TABLE account_emailaddress (id INTEGER PRIMARY KEY, email TEXT, verified INTEGER, user_id INTEGER);
    INSERT INTO auth_user (id, username, email) VALUES (9, 'cy', 'cy@example.com');
    INSERT INTO account_emailaddress VALUES (1, 'ADA@example.com', 1, 7), (2, 'ada@example.com', 1, 9), (3, 'cy@example.com', 0, 9)`);
  const verified = async () =>
    (await read(path, { preset: "django" })).map(
      ({ record }) => (record as unknown as { readonly email_verified: unknown }).email_verified,
    );
  expect(await verified()).toEqual([1, 0, 0]);
  using database = opened(path);
  database.exec("ALTER TABLE auth_user ADD COLUMN email_verified INTEGER DEFAULT 1");
  expect(await verified()).toEqual([1, 1, 1]);
});
