import { readFileSync, writeFileSync } from "node:fs";
import { scryptSync } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { stytch } from "../../src/extract/stytch.ts";
import { stytch as preset } from "../../src/transform/presets/stytch.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { openSpec, type KnownUser } from "../contract/source-contract.ts";
import { aDecider, rowsOf } from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";

const recordOf = ({ id, name, email }: KnownUser) => ({
  user_id: id,
  name: { first_name: name },
  phone_numbers: [],
  providers: [],
  emails: [{ verified: true, email }],
});
describeFileSource("what Stytch's search answers, with password hashes", {
  type: stytch,
  writeUser: (user) => JSON.stringify(recordOf(user)),
  expectedRecord: recordOf,
  wrongFormats: [{ title: "CSV", text: "id,email\n1,ada@example.com\n", hint: "csv:PATH" }],
  options: { passwordHashes: "fixtures/stytch/hashes.csv" },
  start: '{"request_id":"r","results":[\n',
  between: ",\n",
  end: '\n],"results_metadata":{"total":3},"status_code":200}',
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
});

/** A file of Stytch's hashes, with its lines above the header. */
function hashFile(rows: readonly (readonly string[])[], above: readonly string[] = []): string {
  return [...above, "id,hash,salt,hash_method", ...rows.map((row) => row.join(","))].join("\n") + "\n";
}

const NUMBERS = ["Hashes of project-test-1", "", "scryptCostParameter = 1 << 14", "scryptRParameter = 4"];
function usersFile(): string {
  const users = ["u-1", "u-2"].map((id) => recordOf({ id, name: id, email: "a@example.com" }));
  return aFile(users.map((user) => JSON.stringify(user)).join("\n"));
}

async function passwordsOf(hashes: string) {
  const source = await openSpec({ type: "stytch", path: usersFile(), passwordHashes: aFile(hashes) });
  const rows = await rowsOf(source);
  return { source, passwords: rows.map(({ record }) => (record as { password?: unknown })["password"]) };
}

describe("Stytch's password hashes", () => {
  test("are found behind the lines above their header, with the numbers that these state", async () => {
    const { source, passwords } = await passwordsOf(
      hashFile(
        [
          ["u-2", "aGFzaA==", "c2FsdA==", "scrypt"],
          ["u-9", "x", "y", "scrypt"],
        ],
        NUMBERS,
      ),
    );
    expect(passwords).toEqual([
      undefined,
      {
        hash: "aGFzaA==",
        salt: "c2FsdA==",
        hash_method: "scrypt",
        cost: 16_384,
        block_size: 4,
        parallelism: 1,
      },
    ]);
    expect(source.description).toBe(
      "NDJSON, with password hashes, 1 password hashes of users who are not in it",
    );
  });

  test("have Stytch's own numbers where no line states others", async () => {
    const { passwords } = await passwordsOf(hashFile([["u-1", "h", "s", "scrypt"]]));
    expect(passwords[0]).toMatchObject({ cost: 32_768, block_size: 8, parallelism: 1 });
  });

  test("are found soon below a line of any length", async () => {
    const { passwords } = await passwordsOf(
      hashFile([["u-1", "h", "s", "scrypt"]], ["cost".repeat(60_000), "scryptRParameter = 4"]),
    );
    expect(passwords[0]).toMatchObject({ cost: 32_768, block_size: 4 });
  }, 3_000);

  test.each([
    ["a file without a header", "u-1,aGFzaA==,c2FsdA==,scrypt\n", "is no file of Stytch's password hashes"],
    ["a header without a salt", "id,hash,hash_method\nu-1,h,scrypt\n", "is no file of Stytch's"],
    ["a line that is not whole", `${hashFile([["u-1", "h", "s"]])}u-2,h,s,scrypt\n`, "line 2 has 3 fields"],
  ])("%s is refused, and everything is closed", async (_what, text, message) => {
    await expect(passwordsOf(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining(message) as string,
    });
  });

  test("of one user that are several are none, as nothing tells which one holds", async () => {
    const path = aFile(
      hashFile([
        ["u-1", "aaaa", "s", "scrypt"],
        ["u-1", "bbbb", "s", "scrypt"],
      ]),
    );
    const [row] = await rowsOf(await openSpec({ type: "stytch", path: usersFile(), passwordHashes: path }));
    if (row === undefined) throw new Error("there is no row");
    expect(aDecider({ preset: preset.mapping })(row)).toMatchObject({
      passwordHash: undefined,
      issues: [
        { code: "password-hash-unrecognised", message: expect.stringContaining("more than one") as string },
      ],
    });
  });

  test("go on to Cognito as what verifies the same passwords", async () => {
    const fixture = (name: string): string => join("fixtures/stytch", name);
    const options = { passwordHashes: fixture("hashes.csv") };
    const rows = await rowsOf(await openSpec({ type: "stytch", path: fixture("search.json"), ...options }));
    const users = rows.map(aDecider({ preset: preset.mapping }));
    const kept = users.flatMap(({ passwordHash }) => (passwordHash === undefined ? [] : [passwordHash]));
    expect(kept.map(({ algorithm }) => algorithm)).toEqual(["SCRYPT", "SCRYPT", "SCRYPT", "BCRYPT"]);
    const [N, r, p, salt = "", hash = ""] = kept[0]?.value.split("$") ?? [];
    const numbers = { N: Number(N), r: Number(r), p: Number(p), maxmem: 2 ** 26 };
    expect(scryptSync("stytch-1", Buffer.from(salt, "hex"), 32, numbers).toString("hex")).toBe(hash);
  });

  test("are joined to all pages at once, and those of nobody are counted over them", async () => {
    const page = (id: string): string =>
      aFile(JSON.stringify([recordOf({ id, name: id, email: "a@example.com" })]), `${id}.json`);
    const rows = ["u-1", "u-2", "u-9"].map((id) => [id, "h", "s", "scrypt"]);
    const passwordHashes = aFile(hashFile(rows));
    await using source = await openSpec({
      type: "stytch",
      path: [page("u-1"), page("u-2")],
      passwordHashes,
    });
    for await (const batch of source.batches())
      expect(batch).toMatchObject([{ record: { password: { hash: "h" } } }]);
    expect(source.description).toBe(
      "2 files: JSON array, with password hashes, 1 password hashes of users who are not in it",
    );
  });

  test("end the reading when it is aborted among them, and are closed", async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => [`u-${index}`, "h".repeat(300), "s", "scrypt"]);
    const controller = new AbortController();
    const spec = { type: "stytch", path: usersFile(), passwordHashes: aFile(hashFile(rows)) };
    await using source = await openSpec(spec, controller.signal);
    controller.abort();
    await expect(rowsOf(source)).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("Stytch's shapes", () => {
  test("verified addresses come first, and the others keep their order", async () => {
    const emails = [
      { email: "a", verified: false },
      { email: "b", verified: true },
      { email: "c", verified: false },
      { email: "d", verified: true },
    ];
    const user = { user_id: "1", emails, phone_numbers: [], providers: [] };
    const [row] = await rowsOf(await stytch.open(aFile(JSON.stringify([user])), {}));
    expect(row?.record).toMatchObject({
      emails: [{ email: "b" }, { email: "d" }, { email: "a" }, { email: "c" }],
    });
  });

  test("pages of the search are one source, and recognised", async () => {
    const folder = aFolder();
    for (const page of [1, 2]) {
      const results = [recordOf({ id: `u-${page}`, name: "n", email: "a@example.com" })];
      writeFileSync(join(folder, `page-${page}.json`), JSON.stringify({ results, status_code: 200 }));
    }
    const path = join(folder, "page-*.json");
    await using source = await openSpec({ type: "auto", path });
    expect(
      (await rowsOf(source)).map(({ seq, record }) => [seq, (record as { user_id: string }).user_id]),
    ).toEqual([
      [1, "u-1"],
      [2, "u-2"],
    ]);
  });

  test("Auth0's users, and users with a user_id alone, are not taken for Stytch's", async () => {
    const auth0 = readFileSync("fixtures/auth0/array.json", "utf8");
    expect((await detectSourceType(aFile(auth0), SOURCE_TYPES)).type.type).toBe("auth0");
    const text = '[{"user_id":"1","emails":["a@example.com"]}]';
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe("json");
  });
});
