import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "../../src/core/row.ts";
import { mysqlConverter } from "../../src/extract/mysql-values.ts";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import { describeDatabaseContract, readIds } from "../contract/database-contract.ts";
import {
  describeSourceContract,
  openSpec,
  rowsOf as rowsOfSpec,
  type KnownUser,
} from "../contract/source-contract.ts";
import { HAS_MARIADB, startMariadb, type TestMariadb } from "../support/mariadb.ts";
import { PASSWORD } from "../support/postgres.ts";
import { aCertificate, aServerFolder } from "../support/server-folder.ts";
import { heapsOf } from "../support/sql-users.ts";

const spec = (server: TestMariadb, over: Partial<SourceSpec>): SourceSpec => ({
  type: "mysql",
  path: "DATABASE_URL",
  connectionUrl: server.url,
  ...over,
});

describe.runIf(HAS_MARIADB)("the mysql source", () => {
  let server: TestMariadb;
  const folder = HAS_MARIADB ? aServerFolder("tls") : undefined;
  const { certificate, key } =
    folder === undefined ? { certificate: "", key: "" } : aCertificate(folder.path);
  beforeAll(async () => {
    server = await startMariadb(`--ssl-cert=${certificate}`, `--ssl-key=${key}`);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder?.[Symbol.dispose]();
  });

  const rowsOf = (over: Partial<SourceSpec>): Promise<readonly Row[]> => rowsOfSpec(spec(server, over));
  const recordsOf = async (over: Partial<SourceSpec>) => (await rowsOf(over)).map(({ record }) => record);

  let tables = 0;

  /** A table with these users, `number` counting them. */
  async function aTableOf(users: Iterable<KnownUser>, nameType = "text"): Promise<string> {
    tables += 1;
    const table = `users_${tables}`;
    await server.run(
      `CREATE TABLE ${table} (number int PRIMARY KEY, id varchar(40), name ${nameType}, email varchar(255))`,
    );
    for (const heap of heapsOf(users)) await server.run(`INSERT INTO ${table} VALUES ?`, [heap]);
    return table;
  }

  const expectedRows = (users: readonly KnownUser[]) =>
    users.map(({ id, name, email }, index) => ({
      seq: index + 1,
      line: undefined,
      record: { id, name, email },
    }));

  describeSourceContract("mysql, in the order of its query", {
    put: async (users) =>
      spec(server, { query: `SELECT id, name, email FROM ${await aTableOf(users)} ORDER BY number;` }),
    expectedRows,
    putBroken: async (users) => {
      // As MariaDB's JSON is a text, only its check keeps what is none out.
      const table = await aTableOf(
        users.map((user) => ({ ...user, name: JSON.stringify(user.name) })),
        "json",
      );
      await server.run(
        `SET check_constraint_checks = 0; UPDATE ${table} SET name = '{"a":' WHERE number = 2; SET check_constraint_checks = 1`,
      );
      return spec(server, { query: `SELECT id, name, email FROM ${table} ORDER BY number` });
    },
    brokenPlace: /^row 2 \(id u-2\): name/,
    openHandles: () => server.connections(),
    manyUsers: 20_000,
  });

  describeSourceContract("mysql, in the order of a column", {
    put: async (users) =>
      spec(server, {
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

  describe("values of MariaDB", () => {
    test.each<[type: string, literal: string, value: unknown]>([
      ["int", "NULL", null],
      ["tinyint(1)", "1", 1],
      ["int unsigned", "4294967295", 4_294_967_295],
      ["bigint", "9007199254740991", 9_007_199_254_740_991],
      ["bigint", "9007199254740993", "9007199254740993"],
      ["bigint unsigned", "18446744073709551615", "18446744073709551615"],
      ["decimal(10,2)", "1.5", "1.50"],
      ["decimal(20,0)", "42", 42],
      ["decimal(30,0)", "12345678901234567890", "12345678901234567890"],
      ["float", "0.1", 0.1],
      ["double", "0.1", 0.1],
      ["varchar(50)", String.raw`'Zoë \\ "x" 🦀'`, 'Zoë \\ "x" 🦀'],
      ["longtext", "'x'", "x"],
      ["varchar(50) character set latin1", "'Zoë'", "Zoë"],
      ["enum('a','b')", "'b'", "b"],
      [
        "json",
        `'{"a": [1, null], "id": 12345678901234567890}'`,
        { a: [1, null], id: "12345678901234567890" },
      ],
      ["bit(1)", "1", 1],
      ["bit(1)", "0", 0],
      ["bit(16)", "258", "0102"],
      ["binary(4)", "x'DEADBEEF'", "deadbeef"],
      ["blob", "x'00ff'", "00ff"],
      ["date", "'2024-01-15'", "2024-01-15"],
      ["date", "'0000-00-00'", null],
      ["datetime", "'2024-01-15 10:30:00'", "2024-01-15T10:30:00"],
      ["datetime(6)", "'2024-01-15 10:30:00.123456'", "2024-01-15T10:30:00.123456"],
      ["datetime", "'0000-00-00 00:00:00'", null],
      ["timestamp(3) null", "'2024-01-15 10:30:00.250'", "2024-01-15T10:30:00.250Z"],
      ["year", "2024", 2024],
      ["time", "'10:30:00'", "10:30:00"],
    ])("%s %s", async (type, literal, value) => {
      await server.run(
        `SET time_zone = '+00:00'; DROP TABLE IF EXISTS val; CREATE TABLE val (value ${type}); INSERT INTO val VALUES (${literal})`,
      );
      expect(await recordsOf({ query: "SELECT * FROM val" })).toEqual([{ value }]);
    });

    test("do not depend on the time zone of the server, and lists are not cut", async () => {
      await server.run(
        "SET time_zone = '+00:00'; DROP TABLE IF EXISTS val; CREATE TABLE val (t timestamp NULL, x longtext); INSERT INTO val VALUES ('2024-01-15 10:30:00', REPEAT('x', 50000)), (NULL, REPEAT('y', 1500000)); SET GLOBAL time_zone = '+09:00'; SET GLOBAL group_concat_max_len = 1024",
      );
      try {
        const query = "SELECT MAX(t) AS t, LENGTH(GROUP_CONCAT(x)) AS n FROM val";
        expect(await recordsOf({ query })).toEqual([{ t: "2024-01-15T10:30:00Z", n: 1_550_001 }]);
      } finally {
        await server.run("SET GLOBAL time_zone = '+00:00'");
      }
    });

    test("of large rows are read a few at a time, and a row of more than 16 MB is rejected alone", async () => {
      const query =
        "SELECT seq AS id, REPEAT('x', CASE seq WHEN 150 THEN 17000000 WHEN 100 THEN 5000000 ELSE 9 END) AS photo FROM seq_1_to_400";
      const rows = await rowsOf({ query });
      expect(rows.length).toBe(400);
      expect(rows[149]).toMatchObject({
        record: undefined,
        issue: { message: "row 150 (id 150): it has more than 16 MB" },
      });
      expect(rows.filter(({ record }) => record === undefined)).toHaveLength(1);
    });
  });

  describeDatabaseContract("mysql", {
    server: () => server,
    spec: (over) => spec(server, over),
    aTableOf,
    refused: [
      ["writes", "INSERT INTO things VALUES (1)", /READ ONLY transaction \(1792\)/],
      ["names a table that is not there", "SELECT * FROM nowhere", /nowhere' doesn't exist \(1146\)/],
      ["is no SQL", "SELEKT 1", /near 'SELEKT 1' at line 1 \(1064\)/],
      ["is two", "SELECT 1; SELECT 2", /\(1064\)/],
      ["fails at a value", "SELECT EXTRACTVALUE('<a>ada@example.com</b>', '/a', 3)", /\(1582\)/],
    ],
    failing:
      "SELECT seq AS id, CASE WHEN seq < 5000 THEN 1 ELSE (SELECT 1 UNION SELECT 2) END AS x FROM seq_1_to_9000",
    working: "SELECT SLEEP(60) AS id",
    atWork: "SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'",
  });

  describe("the order of a column", () => {
    const read = (over: Partial<SourceSpec>) => readIds(spec(server, over));

    test.each([
      ["datetime(6)", "TIMESTAMP('2024-01-01 00:00:00.000001') + INTERVAL FLOOR(seq / 300) SECOND"],
      ["timestamp(3) NULL", "TIMESTAMP('2024-01-01 00:00:00.001') + INTERVAL FLOOR(seq / 300) SECOND"],
      ["bigint", "9007199254740993 + FLOOR(seq / 300)"],
      ["decimal(30, 3)", "12345678901234567890.125 + FLOOR(seq / 300)"],
    ])("neither loses nor doubles rows of one %s, wherever a reading ended", async (type, value) => {
      await server.run(
        `SET time_zone = '+00:00'; DROP TABLE IF EXISTS ties; CREATE TABLE ties (id int, changed ${type}); INSERT INTO ties SELECT seq, ${value} FROM seq_1_to_1000`,
      );
      const over = { query: "SELECT * FROM ties", cursorColumn: "changed" };
      const before: unknown[] = [];
      await using source = await openSpec(spec(server, over));
      let readings = 0;
      for await (const batch of source.batches()) {
        before.push(...batch.map(({ record }) => (record as { id: unknown }).id));
        const seen = [...before];
        const { ids } = await read({ ...over, after: source.cursor });
        readings += 1;
        expect([...seen, ...ids].toSorted((one, other) => Number(one) - Number(other))).toEqual(
          Array.from({ length: 1_000 }, (_, index) => index + 1),
        );
      }
      expect(readings).toBe(5);
    });

    test("is refused for a text, whose equal values need not be the same", async () => {
      await expect(
        read({ query: "SELECT 1 AS id, 'x' AS changed", cursorColumn: "changed" }),
      ).rejects.toMatchObject({
        code: "USAGE",
      });
    });

    test("is refused for a row without a value, and for a column that is not there", async () => {
      const over = {
        query: "SELECT seq AS id, NULLIF(seq, 3) AS version FROM seq_1_to_9",
        cursorColumn: "version",
      };
      await expect(read(over)).rejects.toMatchObject({ code: "USAGE" });
      await expect(read({ ...over, cursorColumn: "other" })).rejects.toMatchObject({
        code: "USAGE",
        hint: "It gives id, version",
      });
    });

    test("goes on at no place that is no value of the column", async () => {
      const over = { query: "SELECT seq AS id FROM seq_1_to_9", cursorColumn: "id" };
      await expect(read({ ...over, after: "1 OR 1#" })).rejects.toMatchObject({ code: "USAGE" });
      await expect(read({ ...over, after: `1 OR 1#${"x".repeat(16)}` })).rejects.toMatchObject({
        code: "USAGE",
      });
    });
  });

  describe("a connection", () => {
    test("is encrypted where the address says so, and only to a server that proves who it is", async () => {
      const query =
        "SELECT variable_value <> '' AS value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";
      const over = (parameters: string) => ({ query, connectionUrl: `${server.url}?${parameters}` });
      for (const mode of ["VERIFY_IDENTITY", "VERIFY_CA", "verify-ca", "REQUIRED"])
        expect(await recordsOf(over(`ssl-mode=${mode}&ssl-ca=${certificate}`))).toEqual([{ value: 1 }]);
      expect(await recordsOf(over("ssl-mode=REQUIRED"))).toEqual([{ value: 1 }]);
      expect(await recordsOf(over("ssl-mode=DISABLED"))).toEqual([{ value: 0 }]);
      for (const mode of ["VERIFY_IDENTITY", "VERIFY_CA"])
        await expect(recordsOf(over(`ssl-mode=${mode}`))).rejects.toMatchObject({
          code: "SOURCE_UNREACHABLE",
        });
    });

    const secret = encodeURIComponent(PASSWORD);
    test.each<[what: string, url: () => string, code: string]>([
      ["nobody listens at", () => `mysql://ferry:${secret}@127.0.0.1:1/app`, "SOURCE_UNREACHABLE"],
      ["a name that is none", () => `mysql://ferry:${secret}@db.invalid/app`, "SOURCE_UNREACHABLE"],
      ["a wrong password", () => server.url.replace(":fixture", ":wrong-fixture"), "SOURCE_REFUSED"],
      ["no such database", () => server.url.replace("/app", "/fixture-secret-db"), "SOURCE_REFUSED"],
      [
        "a certificate that nobody vouches for",
        () => `${server.url}?ssl-mode=VERIFY_IDENTITY`,
        "SOURCE_UNREACHABLE",
      ],
      ["a certificate that is not there", () => `${server.url}?ssl-mode=VERIFY_CA&ssl-ca=/none.pem`, "USAGE"],
      ["a certificate, and no TLS", () => `${server.url}?ssl-ca=${certificate}`, "USAGE"],
      ["TLS in words of another driver", () => `${server.url}?sslaccept=strict`, "USAGE"],
      ["an ssl-mode that there is not", () => `${server.url}?ssl-mode=fixture`, "USAGE"],
      ["another kind of address", () => `postgres://ferry:${secret}@127.0.0.1/x`, "USAGE"],
      ["a password that is not encoded", () => `mysql://ferry:${PASSWORD}@127.0.0.1/x`, "USAGE"],
    ])("with an address of %s is refused without a word of the address", async (_, url, code) => {
      const error: unknown = await rowsOf({ query: "SELECT 1 AS id", connectionUrl: url() }).catch(
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
});

test("JSON of MySQL, which has a type of its own, and lists of drivers that do not know MariaDB's are parsed", () => {
  const json = mysqlConverter({ name: "data", columnType: 245, columnLength: 0 }, []);
  expect(json?.('{"id": 12345678901234567890}' as never)).toEqual({ id: "12345678901234567890" });
  const list = mysqlConverter({ name: "groups", columnType: 252, columnLength: 0 }, ["groups"]);
  expect(list?.('["a"]' as never)).toEqual(["a"]);
});
