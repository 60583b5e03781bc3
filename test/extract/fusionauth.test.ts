import { pbkdf2Sync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { fusionauth } from "../../src/extract/fusionauth.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { fusionauth as preset } from "../../src/transform/presets/fusionauth.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import { aBareRow, aDecider, rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

describeFileSource("FusionAuth's import", {
  type: fusionauth,
  start: '{"users":[\n',
  writeUser: ({ id, name, email }) => JSON.stringify({ id, username: name, email }),
  between: ",\n",
  end: "\n]}",
  expectedRecord: ({ id, name, email }) => ({ id, username: name, email }),
  firstLine: undefined,
  broken: { text: "null", place: "element 2" },
  wrongFormats: [{ title: "CSV", text: "id,email\n1,ada@example.com\n", hint: "csv:PATH" }],
});

describe("FusionAuth's users", () => {
  const user = { email: "a@example.com", encryptionScheme: "bcrypt", registrations: [{ roles: ["user"] }] };

  test.each([
    ["the import's document", JSON.stringify({ users: [user] }), "fusionauth"],
    ["an array", JSON.stringify([user]), "fusionauth"],
    [
      "what the search answers",
      '{"users":[{"id":"1","tenantId":"t","insertInstant":1}],"total":1}',
      "fusionauth",
    ],
    ["users of another system", '{"users":[{"id":"1","username":"a","active":true}]}', "json"],
  ])("%s is recognised as what it is", async (_what, text, type) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe(type);
  });

  test("one user on a line is a user, though it holds a list", async () => {
    expect(await rowsOf(await fusionauth.open(aFile(`${JSON.stringify(user)}\n`), {}))).toEqual([
      { seq: 1, line: 1, record: user },
    ]);
  });

  test("their hashes of PBKDF2 and bcrypt become what verifies the same passwords", async () => {
    const rows = await rowsOf(await fusionauth.open("fixtures/fusionauth/import.json", {}));
    const hashes = rows
      .map(aDecider({ preset: preset.mapping }))
      .map(({ passwordHash }) => passwordHash?.value);
    const digest = pbkdf2Sync("fusion-1", "fusionauth-salt-", 24_000, 32, "sha256");
    const spelt = digest.toString("base64").replaceAll("+", ".").replace(/=+$/, "");
    expect(hashes[0]).toMatch(/^\$pbkdf2-sha256\$24000\$/);
    expect(hashes[0]?.split("$").at(-1)).toBe(spelt);
    expect(hashes[1]).toBe("$2a$10$b0jHQRSGlJNp211VNtchgu.jiflfxRC1hYZdrzEl.yIVwH6jWnU.S");
    expect(hashes.slice(2).filter((hash) => hash !== undefined)).toEqual([]);
  });

  test.each([
    [{ active: true }, false],
    [{ active: false }, true],
    [{ active: true, expiry: 1_714_550_400_000 }, true],
    [{ active: true, expiry: 7_258_118_400_000 }, false],
    [{}, false],
    [{ active: "perhaps" }, true],
  ])("%j is disabled: %s", (fields, isDisabled) => {
    const row = aBareRow({ email: "a@example.com", verified: true, ...fields });
    const { followUps } = aDecider({ preset: preset.mapping })(row);
    expect(followUps.some(({ kind }) => kind === "disable")).toBe(isDisabled);
  });
});
