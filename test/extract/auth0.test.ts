import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { auth0 } from "../../src/extract/auth0.ts";
import { detectSourceType } from "../../src/extract/detect.ts";
import { findSource } from "../../src/extract/open-source.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { describeFileSource, openHandles, type SourceFormat } from "../contract/file-contract.ts";
import { openSpec } from "../contract/source-contract.ts";
import { aDecider, aPool, rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: auth0,
  writeUser: ({ id, name, email }) =>
    JSON.stringify({ user_id: id, identities: [{ provider: "auth0", user_id: id }], name, email }),
  expectedRecord: ({ id, name, email }) => ({
    user_id: id,
    identities: [{ provider: "auth0", user_id: id }],
    name,
    email,
  }),
  wrongFormats: [{ title: "CSV", text: "login,mail\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("an Auth0 export job", {
  ...format,
  start: "",
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: "{oops}", place: "line 2" },
});
describeFileSource("an array of Auth0 users", {
  ...format,
  start: "[",
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});
describeFileSource("Auth0's API list", {
  ...format,
  start: '{"start":0,"limit":50,"length":3,"users":[\n',
  between: ",\n",
  end: '\n],"total":3}',
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});

const marked = (text: string): string => `"'${text.replaceAll('"', '""')}"`;

describeFileSource("an Auth0 export job in CSV", {
  ...format,
  start: "user_id,name,email,logins_count\n",
  writeUser: ({ id, name, email }) => `${marked(id)},${marked(name)},${marked(email)},3`,
  expectedRecord: ({ id, name, email }) => ({ user_id: id, name, email, logins_count: "3" }),
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: `"'u-2","'Bo"`, place: "line 3" },
});

async function read(text: string, list?: string) {
  return rowsOf(await auth0.open(aFile(text), { list }));
}

describe("Auth0's shapes", () => {
  const user = { user_id: "auth0|1", identities: [{ provider: "auth0" }] };

  test("an export of one user is one user, though it holds a list", async () => {
    const text = JSON.stringify(user);
    for (const end of ["", "\n", "\r\n"]) {
      expect(await read(text + end)).toEqual([{ seq: 1, line: 1, record: user }]);
    }
  });

  test("an API list on one line is a list, also of one user or none", async () => {
    expect(await read(JSON.stringify({ start: 0, users: [user], total: 1 }))).toEqual([
      { seq: 1, line: undefined, record: user },
    ]);
    expect(await read('{"users":[]}')).toEqual([]);
    expect(await read('{"start":0,"limit":50,"length":0,"users":[],"total":0}')).toEqual([]);
  });

  test("an API list of more than a block on one line is a list", async () => {
    const users = Array.from({ length: 5_000 }, () => user);
    expect(JSON.stringify({ users }).length).toBeGreaterThan(256 * 1024);
    expect(await read(JSON.stringify({ users }))).toHaveLength(5_000);
  });

  test("another list than users is read when the operator names it", async () => {
    const text = JSON.stringify({ users: [{ user_id: "no" }], members: [user] });
    expect((await read(text, "members")).map(({ record }) => record)).toEqual([user]);
    expect((await read(JSON.stringify({ members: [user] }), "members")).map(({ record }) => record)).toEqual([
      user,
    ]);
  });

  test("a document without users is refused", async () => {
    await expect(read('{\n"connections": [{"id": 1}]\n}')).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("under the key users") as string,
    });
  });
});

async function records(text: string) {
  return (await read(text)).map(({ record }) => record);
}

describe("Auth0's CSV", () => {
  const row = (...cells: readonly string[]): string => `${cells.join(",")}\n`;

  test("texts lose the single quote before them; dates, numbers and flags have none", async () => {
    const source = await auth0.open(
      aFile(
        row(
          "user_id",
          "name",
          "email_verified",
          "logins_count",
          "created_at",
          "nickname",
          "app_metadata.roles",
        ) +
          row(
            marked("auth0|1"),
            marked('\'t "Hooft"'),
            "true",
            "3",
            "2024-05-02T08:00:00.000Z",
            marked(""),
            '"[""staff""]"',
          ) +
          row(marked("auth0|2"), "", "false", "-1.5", "", "", ""),
      ),
      {},
    );
    expect((await rowsOf(source)).map(({ record }) => record)).toEqual([
      {
        user_id: "auth0|1",
        name: '\'t "Hooft"',
        email_verified: "true",
        logins_count: "3",
        created_at: "2024-05-02T08:00:00.000Z",
        nickname: "",
        app_metadata: { roles: ["staff"] },
        identities: [{ provider: "auth0", user_id: "1" }],
      },
      {
        user_id: "auth0|2",
        name: null,
        email_verified: "false",
        logins_count: "-1.5",
        created_at: null,
        nickname: null,
        app_metadata: { roles: null },
        identities: [{ provider: "auth0", user_id: "2" }],
      },
    ]);
    expect(source.description).toContain("every text after a single quote");
    expect(source.description).toContain("no column blocked");
  });

  test("a row without the quotes of all others is rejected with its line, far behind the beginning too", async () => {
    const users = Array.from({ length: 500 }, (_, index) => row(marked(`auth0|${index}`), marked("Ada")));
    users[450] = row(marked("auth0|450"), "Mended by hand");
    const rows = await read(row("user_id", "name") + users.join(""));
    expect(rows.filter(({ record }) => record === undefined)).toEqual([
      {
        seq: 451,
        line: 452,
        record: undefined,
        issue: expect.objectContaining({
          code: "row-unreadable",
          message: expect.stringContaining("line 452: a text stands without the single quote") as string,
        }) as unknown,
      },
    ]);
  });

  test("a file without such quotes keeps those that belong to a value, and rejects a row that has them", async () => {
    const rows = await read(
      row("user_id", "name") +
        row("auth0|1", "'t Hooft") +
        row("auth0|2", "Bo") +
        row(marked("auth0|3"), marked("Cem")),
    );
    expect(rows.map(({ record }) => (record as JsonObject | undefined)?.["name"])).toEqual([
      "'t Hooft",
      "Bo",
      undefined,
    ]);
    expect(rows[2]).toMatchObject({ issue: { message: expect.stringContaining("line 4") as string } });
  });

  test("a file that begins as often with quotes as without is refused", async () => {
    const text = row("user_id", "name") + row(marked("auth0|1"), marked("Ada")) + row("auth0|2", "Bo");
    await expect(read(text)).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
  });

  test("paths become objects and lists, whatever the separator", async () => {
    for (const separator of [",", ";", "\t"]) {
      const line = (...cells: readonly string[]): string => `${cells.join(separator)}\n`;
      const text =
        line(
          "user_id",
          "user_metadata.address.country",
          "identities[1].provider",
          "identities[0].provider",
          "a.b",
        ) + line(marked("auth0|1"), marked("PT"), marked("google-oauth2"), marked("auth0"), marked("x"));
      expect(await records(text)).toEqual([
        {
          user_id: "auth0|1",
          user_metadata: { address: { country: "PT" } },
          identities: [{ provider: "auth0" }, { provider: "google-oauth2" }],
          "a.b": "x",
        },
      ]);
    }
  });

  test.each([
    ["the same field twice", "Id,Email,email"],
    ["a field and a part of it", "user_id,user_metadata,user_metadata.country"],
    ["a list that is an object", "user_id,identities[0].provider,identities.provider"],
  ])("%s is refused", async (_title, header) => {
    const open = read(`${header}\n1,2,3\n`);
    await expect(open).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("two columns for one field") as string,
    });
  });

  test("quotes before the names of all columns go, too", async () => {
    expect(
      await records(row(marked("user_id"), marked("name")) + row(marked("auth0|1"), marked("Ada"))),
    ).toMatchObject([{ user_id: "auth0|1", name: "Ada" }]);
  });
});

describe("the provider of a user whose export does not say it", () => {
  test.each([
    ["the id tells", { user_id: "github|7" }, [{ provider: "github", user_id: "7" }]],
    [
      "the connection stays",
      { user_id: "auth0|7", identities: [{ connection: "db" }] },
      [{ connection: "db", provider: "auth0", user_id: "7" }],
    ],
    ["what is said stands", { user_id: "auth0|7", identities: [{ provider: "ad" }] }, [{ provider: "ad" }]],
    ["ids of a bulk import have none", { user_id: "tenant|7", password_hash: "x" }, undefined],
    ["an id without a bar has none", { user_id: "7" }, undefined],
  ])("%s", async (_title, user, identities) => {
    expect((await records(JSON.stringify([user])))[0]).toEqual(
      identities === undefined ? user : { ...user, identities },
    );
  });
});

test("text messages stay the second factor where their number is the user's own", async () => {
  const preset = presetFor("auth0")?.mapping ?? {};
  const decide = aDecider({ pool: aPool({ mfa: "OPTIONAL" }), preset });
  const rows = await rowsOf(await auth0.open("fixtures/auth0/bulk-import.json", {}));
  expect(rows.map((row) => decide(row).smsMfa)).toEqual([false, true, false, false, false]);
});

describe("password hashes in a file of their own", () => {
  const HASH = "$2b$10$b0jHQRSGlJNp211VNtchgu.jiflfxRC1hYZdrzEl.yIVwH6jWnU.S";
  const hashLine = (id: string, more: JsonObject = {}): string =>
    `${JSON.stringify({ _id: { $oid: id }, passwordHash: HASH, tenant: "t", connection: "db", ...more })}\n`;

  async function joined(users: readonly JsonObject[], hashes: string) {
    const spec = { type: "auth0", path: aFile(JSON.stringify(users)), passwordHashes: aFile(hashes) };
    await using source = await openSpec(spec);
    const found: unknown[] = [];
    for await (const batch of source.batches())
      found.push(...batch.map(({ record }) => (record as JsonObject)["passwordHash"]));
    return { found, description: source.description };
  }

  test("are joined by the user's id, however the file writes it, and those of nobody are counted", async () => {
    const source = await openSpec({
      type: "auth0",
      path: "fixtures/auth0/profiles.ndjson",
      passwordHashes: "fixtures/auth0/password-hashes.ndjson",
    });
    const rows = await rowsOf(source);
    const weak = "fixture-secret";
    expect(rows.map(({ record }) => (record as JsonObject)["passwordHash"])).toEqual([
      HASH, HASH, HASH, HASH, HASH, undefined, HASH, weak,
    ]); // prettier-ignore
    expect(source.description).toBe("NDJSON, with 9 password hashes, of which 1 belong to no user");
  });

  test("several of one user are left to nobody's choice", async () => {
    const other = `${HASH.slice(0, -1)}T`;
    const { found } = await joined(
      [{ user_id: "auth0|1" }, { user_id: "auth0|2" }],
      hashLine("1") + hashLine("1", { passwordHash: other }) + hashLine("2") + hashLine("2"),
    );
    expect(found).toEqual([[HASH, other], HASH]);
  });

  test("of a user without a password, and lines that cannot be read, are told apart", async () => {
    const { found, description } = await joined(
      [{ user_id: "auth0|1" }, { user_id: "auth0|2" }],
      `${hashLine("1", { passwordHash: null })}{oops}\n${hashLine("2", { _id: {} })}`,
    );
    expect(found).toEqual([undefined, undefined]);
    expect(description).toContain("0 password hashes, of which 0 belong to no user, and 2 cannot be read");
  });

  test("are joined once to the users of several files", async () => {
    const folder = aFolder();
    for (const page of [0, 1, 2])
      writeFileSync(
        join(folder, `page-${page}.json`),
        JSON.stringify({ start: page, users: [{ user_id: `auth0|${page}` }], total: 3 }),
      );
    const passwordHashes = aFile(hashLine("0") + hashLine("2") + hashLine("9"));
    const spec = { type: "auth0", path: join(folder, "page-*.json"), passwordHashes };
    expect((await findSource(spec)).files).toContain(passwordHashes);
    await using source = await openSpec(spec);
    const found: JsonObject[] = [];
    for await (const batch of source.batches())
      found.push(...batch.map(({ record }) => record as JsonObject));
    expect(found.map((user) => user["passwordHash"])).toEqual([HASH, undefined, HASH]);
    expect(source.starts).toHaveLength(3);
    expect(source.description).toContain("3 password hashes, of which 1 belong to no user");
  });

  test("100,000 of them take no more memory than 10,000, and say who is left", async () => {
    const peaks: number[] = [];
    for (const count of [10_000, 100_000]) {
      const ids = Array.from(
        { length: count },
        (_, index) => `5dea9f9c82dd7c0e${String(index).padStart(8, "0")}`,
      );
      const passwordHashes = aFile(gzipSync(ids.map((id) => hashLine(id)).join("")));
      const path = aFile(
        `${ids
          .slice(3)
          .map((id) => JSON.stringify({ user_id: `auth0|${id}` }))
          .join("\n")}\n`,
      );
      ids.length = 0;
      const before = bytesInUse();
      await using source = await openSpec({ type: "auth0", path, passwordHashes });
      let peak = 0;
      let found = 0;
      for await (const batch of source.batches()) {
        found += batch.filter(({ record }) => (record as JsonObject)["passwordHash"] === HASH).length;
        if (found % 10_000 < 200) peak = Math.max(peak, bytesInUse() - before);
      }
      peaks.push(peak);
      expect(found).toBe(count - 3);
      expect(source.description).toContain(`${count} password hashes, of which 3 belong to no user`);
    }
    expect(peaks[1]).toBeLessThan((peaks[0] ?? 0) + 5_000_000);
  }, 30_000);

  test("are refused in the place of the users, with the hint where they belong", async () => {
    for (const text of [hashLine("1"), hashLine("1") + hashLine("2"), `[${hashLine("1")}]`]) {
      await expect(read(text)).rejects.toMatchObject({
        code: "SOURCE_FORMAT",
        hint: expect.stringContaining("source.passwordHashes") as string,
      });
    }
  });

  test("of a file that holds none are refused when it is opened, and both files are closed", async () => {
    const users = aFile('[{"user_id":"auth0|1"}]');
    const other = aFile('{"user_id":"auth0|1","email":"ada@example.com"}\n');
    await expect(openSpec({ type: "auth0", path: users, passwordHashes: other })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("no export of Auth0's password hashes") as string,
    });
    await expect.poll(() => openHandles(users) + openHandles(other)).toBe(0);
  });

  test("both files are closed when the source is not read, and when reading is aborted", async () => {
    const passwordHashes = aFile(Array.from({ length: 5_000 }, (_, index) => hashLine(`${index}`)).join(""));
    const spec = { type: "auth0", path: aFile('[{"user_id":"auth0|1"}]'), passwordHashes };
    {
      await using source = await openSpec(spec);
      expect(source.description).toContain("password hashes of another file");
    }
    const controller = new AbortController();
    const reading = (async () => {
      await using source = await openSpec(spec, controller.signal);
      controller.abort();
      for await (const batch of source.batches()) expect(batch).toEqual([]);
    })();
    await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect.poll(() => openHandles(spec.path) + openHandles(passwordHashes)).toBe(0);
  });
});

function bytesInUse(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("what is taken for Auth0's", () => {
  test.each([
    ["export-job.ndjson", "its users have user_id and identities"],
    ["export-job.csv", "its columns are those of Auth0's profile"],
    ["extension.csv", "its columns are those of Auth0's export extension"],
    ["extension.ndjson", "its users have the names of Auth0's export extension"],
    ["bulk-import.json", "its users are as Auth0's bulk import takes them"],
    ["password-hashes.ndjson", "it holds Auth0's password hashes"],
  ])("%s is", async (file, why) => {
    const found = await detectSourceType(`fixtures/auth0/${file}`, SOURCE_TYPES);
    expect([found.type.type, found.why]).toEqual(["auth0", why]);
  });

  test.each([
    ["a table of anybody's users", "user_id,email,email_verified\n1,ada@example.com,true\n"],
    ["a table with an Id and an Email", "Id,Email\n1,ada@example.com\n"],
    ["anybody's users with a user_id", '[{"user_id":"1","email_verified":true}]'],
    [
      "documents of a MongoDB",
      '{"_id":{"$oid":"1"},"passwordHash":"x"}\n{"_id":{"$oid":"2"},"passwordHash":"y"}\n',
    ],
  ])("%s is not", async (_title, text) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type).not.toBe(auth0);
  });
});
