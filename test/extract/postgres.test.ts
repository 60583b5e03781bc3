import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../src/core/row.ts";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { describeDatabaseContract, readIds } from "../contract/database-contract.ts";
import {
  describeSourceContract,
  openSpec,
  rowsOf as rowsOfSpec,
  type KnownUser,
} from "../contract/source-contract.ts";
import { PASSWORD, startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aCertificate, aServerFolder } from "../support/server-folder.ts";
import { heapsOf } from "../support/sql-users.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server[Symbol.asyncDispose]());

const spec = (over: Partial<SourceSpec>): SourceSpec => ({
  type: "postgres",
  path: "DATABASE_URL",
  connectionUrl: server.url,
  ...over,
});

const rowsOf = (over: Partial<SourceSpec>): Promise<readonly Row[]> => rowsOfSpec(spec(over));
const recordsOf = async (over: Partial<SourceSpec>) => (await rowsOf(over)).map(({ record }) => record);

let tables = 0;

/** A table with these users, `number` counting them. */
async function aTableOf(users: Iterable<KnownUser>): Promise<string> {
  tables += 1;
  const table = `users_${tables}`;
  await server.run(`CREATE TABLE ${table} (number int PRIMARY KEY, id text, name text, email text)`);
  for (const heap of heapsOf(users)) {
    const columns = [0, 1, 2, 3].map((at) => heap.map((user) => user[at]));
    await server.runWith(
      `INSERT INTO ${table} SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])`,
      columns,
    );
  }
  return table;
}

const expectedRows = (users: readonly KnownUser[]) =>
  users.map(({ id, name, email }, index) => ({
    seq: index + 1,
    line: undefined,
    record: { id, name, email },
  }));

describeSourceContract("postgres, in the order of its query", {
  put: async (users) =>
    spec({ query: `SELECT id, name, email FROM ${await aTableOf(users)} ORDER BY number;` }),
  expectedRows,
  putBroken: async (users) => {
    const deep = "[".repeat(1_001) + "]".repeat(1_001);
    return spec({
      query: `SELECT id, CASE number WHEN 2 THEN '${deep}'::json ELSE to_json(name) END AS name, email FROM ${await aTableOf(users)} ORDER BY number`,
    });
  },
  brokenPlace: /^row 2 \(id u-2\): name/,
  openHandles: () => server.connections(),
  manyUsers: 20_000,
});

describeSourceContract("postgres, in the order of a column", {
  put: async (users) =>
    spec({
      query: `SELECT * FROM ${await aTableOf(users)} -- all of them`,
      cursorColumn: "number",
    }),
  expectedRows: (users) =>
    expectedRows(users).map(({ record, ...row }, index) => ({
      ...row,
      record: { number: index + 1, ...record },
    })),
  openHandles: () => server.connections(),
  manyUsers: 20_000,
});

describe("values of PostgreSQL", () => {
  test.each<[type: string, sql: string, value: unknown]>([
    ["null", "NULL::int", null],
    ["bool", "true", true],
    ["bool", "false", false],
    ["int", "-7", -7],
    ["bigint that a double holds", "9007199254740991::bigint", 9_007_199_254_740_991],
    ["bigint that no double holds", "9007199254740993::bigint", "9007199254740993"],
    ["numeric with a fraction", "1.50::numeric", "1.50"],
    ["whole numeric", "42::numeric", 42],
    ["numeric of many digits", "12345678901234567890::numeric", "12345678901234567890"],
    ["real", "0.1::real", 0.1],
    ["double", "0.1::float8 + 0.2", 0.300_000_000_000_000_04],
    ["NaN", "'NaN'::float8", "NaN"],
    ["text", "'Zoë \\ \"x\" 🦀'", 'Zoë \\ "x" 🦀'],
    ["char", "'ab'::char(4)", "ab  "],
    [
      "json",
      `'{"a": [1, null], "id": 12345678901234567890}'::json`,
      { a: [1, null], id: "12345678901234567890" },
    ],
    ["jsonb", `'{"b": true}'::jsonb`, { b: true }],
    ["json text", `'"x"'::json`, "x"],
    ["bytea", String.raw`'\xDEADbeef'::bytea`, "deadbeef"],
    ["uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
    ["date", "DATE '2024-01-15'", "2024-01-15"],
    ["timestamp", "TIMESTAMP '2024-01-15 10:30:00'", "2024-01-15T10:30:00"],
    ["timestamptz", "TIMESTAMPTZ '2024-01-15 11:30:00.123456+01'", "2024-01-15T10:30:00.123456Z"],
    ["timestamptz without an end", "'infinity'::timestamptz", "infinity"],
    ["text[]", `ARRAY['a', 'b "c", {d}', NULL, 'NULL']`, ["a", 'b "c", {d}', null, "NULL"]],
    ["empty array", "'{}'::text[]", []],
    [
      "bigint[][]",
      "ARRAY[[1, 2], [3, 9007199254740993]]::bigint[]",
      [
        [1, 2],
        [3, "9007199254740993"],
      ],
    ],
    ["jsonb[]", `ARRAY['{"a": 1}'::jsonb]`, [{ a: 1 }]],
    ["timestamptz[]", "ARRAY[TIMESTAMPTZ '2024-01-15 10:30:00+00']", ["2024-01-15T10:30:00Z"]],
    ["an enum's array", "ARRAY['red', 'blue']::colour[]", ["red", "blue"]],
    ["a domain", "'x@example.com'::address", "x@example.com"],
  ])("%s %s", async (_, sql, value) => {
    await server.run(
      "DROP TYPE IF EXISTS colour; CREATE TYPE colour AS ENUM ('red', 'blue'); DROP DOMAIN IF EXISTS address; CREATE DOMAIN address AS text",
    );
    expect(await recordsOf({ query: `SELECT ${sql} AS value` })).toEqual([{ value }]);
  });

  test("do not depend on how the server is set up", async () => {
    await server.run(
      "ALTER ROLE ferry SET timezone = 'Asia/Tokyo'; ALTER ROLE ferry SET datestyle = 'German'; ALTER ROLE ferry SET bytea_output = 'escape'; ALTER ROLE ferry SET statement_timeout = '200ms'",
    );
    try {
      const query = String.raw`SELECT TIMESTAMPTZ '2024-01-15 10:30:00+00' AS t, DATE '2024-01-15' AS d, '\x0001'::bytea AS b, pg_sleep(0.3)::text AS s`;
      expect(await recordsOf({ query })).toEqual([
        { t: "2024-01-15T10:30:00Z", d: "2024-01-15", b: "0001", s: "" },
      ]);
    } finally {
      await server.run("ALTER ROLE ferry RESET ALL");
    }
  });

  test("of large rows are read a few at a time, and a row of more than 16 MB is rejected alone", async () => {
    const query =
      "SELECT n AS id, repeat('x', CASE n WHEN 150 THEN 17000000 WHEN 100 THEN 5000000 ELSE 9 END) AS photo FROM generate_series(1, 400) AS n ORDER BY n";
    const rows = await rowsOf({ query });
    expect(rows.length).toBe(400);
    expect(rows[149]).toMatchObject({
      record: undefined,
      issue: { message: "row 150 (id 150): it has more than 16 MB" },
    });
    expect(rows.filter(({ record }) => record === undefined)).toHaveLength(1);
  });
});

describeDatabaseContract("postgres", {
  server: () => server,
  spec,
  aTableOf,
  refused: [
    ["writes", "INSERT INTO things VALUES (1) RETURNING *", /read-only transaction \(25006\)/],
    [
      "names a table that is not there",
      "SELECT * FROM nowhere",
      /relation "nowhere" does not exist \(42P01\)/,
    ],
    ["is no SQL", "SELEKT 1", /syntax error at or near "SELEKT" \(42601\)/],
    ["is two", "SELECT 1; SELECT 2", /multiple commands/],
    ["fails at a value", "SELECT 'ada@example.com'::text::int", /invalid input syntax for type integer: …/],
  ],
  failing: "SELECT 1 / (5000 - n) AS id FROM generate_series(1, 9000) AS n ORDER BY n",
  working: "SELECT pg_sleep(60)::text AS id",
  atWork: "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
});

describe("a query", () => {
  test.each<[string, Partial<SourceSpec>]>([
    ["neither a query nor a preset", {}],
    ["both", { query: "SELECT 1", preset: "django" }],
    ["no SQL at all", { query: " ;\n" }],
    ["a preset that there is not", { preset: "wordpress" }],
    ["a realm without Keycloak", { query: "SELECT 1", realm: "x" }],
    ["a place in rows without an order", { query: "SELECT 1", after: "5" }],
    [
      "a number as a place in the order of a column",
      { query: "SELECT 1 AS id", cursorColumn: "id", after: "5" },
    ],
  ])("is asked for with %s: a usage error", async (_, over) => {
    await expect(rowsOf(over)).rejects.toMatchObject({ code: "USAGE" });
  });
});

describe("the order of a column", () => {
  const read = (over: Partial<SourceSpec>) => readIds(spec(over));

  test("neither loses nor doubles rows of one value, wherever a reading ended", async () => {
    await server.run(
      "DROP TABLE IF EXISTS ties; CREATE TABLE ties AS SELECT n AS id, TIMESTAMPTZ '2024-01-01 00:00:00.000001Z' + n / 300 * interval '1 second' AS updated_at FROM generate_series(1, 1000) AS n",
    );
    const over = { query: "SELECT * FROM ties", cursorColumn: "updated_at" };
    const before: unknown[] = [];
    const cursors: string[] = [];
    await using source = await openSpec(spec(over));
    for await (const batch of source.batches()) {
      before.push(...batch.map(({ record }) => (record as { id: unknown }).id));
      const { cursor } = source;
      cursors.push(cursor);
      const seen = [...before];
      const { ids } = await read({ ...over, after: cursor });
      expect([...seen, ...ids].toSorted((one, other) => Number(one) - Number(other))).toEqual(
        Array.from({ length: 1_000 }, (_, index) => index + 1),
      );
    }
    expect(cursors).toHaveLength(5);
    expect(cursors[0]).toMatch(/^2024-01-01 00:00:00\.000001\+00#[\w-]{16}/);
  });

  test("gives what changed since, and what was added, also at the last value", async () => {
    await server.run(
      "DROP TABLE IF EXISTS changes; CREATE TABLE changes (id int, name text, version int); INSERT INTO changes VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 2)",
    );
    const over = { query: "SELECT * FROM changes", cursorColumn: "version" };
    const first = await read(over);
    expect(first.ids.toSorted()).toEqual([1, 2, 3]);
    expect(await read({ ...over, after: first.cursor })).toEqual({ ids: [], cursor: first.cursor });
    await server.run(
      "INSERT INTO changes VALUES (4, 'd', 2); UPDATE changes SET name = 'x' WHERE id = 3; UPDATE changes SET version = 3 WHERE id = 1",
    );
    const second = await read({ ...over, after: first.cursor });
    expect(second.ids.toSorted()).toEqual([1, 3, 4]);
    expect(second.ids.at(-1)).toBe(1);
    expect((await read({ ...over, after: second.cursor })).ids).toEqual([]);
  });

  test("gives all rows of a value again that more rows have than are remembered", async () => {
    const over = {
      query: "SELECT n AS id, 1 AS version FROM generate_series(1, 2500) AS n",
      cursorColumn: "version",
    };
    const { cursor } = await read(over);
    expect(cursor).toBe("1#*");
    const again = await read({ ...over, after: cursor });
    expect(again.ids).toHaveLength(2_500);
    expect(again.cursor).toBe(cursor);
  });

  test.each([
    ["first", undefined],
    ["later", "5#"],
  ])("refuses rows without a value, %s", async (_, after) => {
    const query = "SELECT n AS id, NULLIF(n, 3) AS version FROM generate_series(1, 9) AS n";
    const cursor =
      after === undefined
        ? undefined
        : (await read({ query: "SELECT 5 AS version, 5 AS id", cursorColumn: "version" })).cursor;
    await expect(read({ query, cursorColumn: "version", after: cursor })).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("version") as string,
    });
  });

  test("refuses a column that the query has not", async () => {
    await expect(read({ query: "SELECT 1 AS id", cursorColumn: "x" })).rejects.toMatchObject({
      code: "SOURCE_REFUSED",
      message: expect.stringContaining("source.x") as string,
    });
  });
});

describe("a connection", () => {
  test("is encrypted where the address says so, and only to a server that proves who it is", async () => {
    using folder = aServerFolder("tls");
    const { certificate, key } = aCertificate(folder.path);
    for (const [name, value] of [
      ["ssl_cert_file", certificate],
      ["ssl_key_file", key],
      ["ssl", "on"],
    ])
      await server.run(`ALTER SYSTEM SET ${name} = '${value}'`);
    await server.run("SELECT pg_reload_conf()");
    await expect.poll(() => server.run("SHOW ssl")).toEqual([{ ssl: "on" }]);
    const query = "SELECT ssl AS value FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    const over = (parameters: string) => ({ query, connectionUrl: `${server.url}?${parameters}` });
    try {
      const trusted = `sslrootcert=${certificate}`;
      expect(await recordsOf(over(`sslmode=verify-full&${trusted}`))).toEqual([{ value: true }]);
      expect(await recordsOf(over(`${trusted}&sslmode=require`))).toEqual([{ value: true }]);
      expect(await recordsOf(over("sslmode=disable"))).toEqual([{ value: false }]);
      await expect(recordsOf(over("sslmode=require"))).rejects.toMatchObject({
        code: "SOURCE_UNREACHABLE",
        message: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT") as string,
      });
    } finally {
      await server.run("ALTER SYSTEM SET ssl = 'off'");
      await server.run("SELECT pg_reload_conf()");
      await expect.poll(() => server.run("SHOW ssl")).toEqual([{ ssl: "off" }]);
    }
  });

  const secret = encodeURIComponent(PASSWORD);
  test.each<[what: string, url: () => string, code: string]>([
    ["nobody listens at", () => `postgres://ferry:${secret}@127.0.0.1:1/postgres`, "SOURCE_UNREACHABLE"],
    [
      "a name that is none",
      () => `postgres://ferry:${secret}@db.invalid:5432/postgres`,
      "SOURCE_UNREACHABLE",
    ],
    ["a wrong password", () => server.url.replace(":fixture", ":wrong-fixture"), "SOURCE_REFUSED"],
    ["no password", () => `postgres://ferry@127.0.0.1:${server.port}/postgres`, "SOURCE_REFUSED"],
    [
      "no such database",
      () => `${server.url.replace(/\/postgres$/, "")}/fixture-secret-db`,
      "SOURCE_REFUSED",
    ],
    ["no TLS where it is asked for", () => `${server.url}?sslmode=require`, "SOURCE_UNREACHABLE"],
    [
      "a certificate that is not there",
      () => `${server.url}?sslmode=verify-full&sslrootcert=/none.pem`,
      "USAGE",
    ],
    ["another kind of address", () => `mysql://ferry:${secret}@127.0.0.1/x`, "USAGE"],
    ["a password that is not encoded", () => `postgres://ferry:${PASSWORD}@127.0.0.1/x`, "USAGE"],
  ])("with an address of %s is refused without a word of the address", async (_, url, code) => {
    const error: unknown = await rowsOf({ query: "SELECT 1", connectionUrl: url() }).catch(
      (failed: unknown) => failed,
    );
    expect(error).toMatchObject({
      name: "FerryError",
      code,
      message: expect.stringContaining("DATABASE_URL") as string,
    });
    const { message, hint } = error as { readonly message: string; readonly hint: string };
    expect(message + hint).not.toMatch(/fixture|\bferry[:@]|127\.0\.0\.1|db\.invalid/);
  });
});
