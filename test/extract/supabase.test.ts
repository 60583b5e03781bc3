import { describe, expect, test } from "vitest";
import { detectSourceType } from "../../src/extract/detect.ts";
import { SOURCE_TYPES } from "../../src/extract/sources.ts";
import { supabase } from "../../src/extract/supabase.ts";
import { supabase as preset } from "../../src/transform/presets/supabase.ts";
import { describeFileSource } from "../contract/file-contract.ts";
import type { KnownUser } from "../contract/source-contract.ts";
import { aBareRow, aDecider, rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const appMetadata = { provider: "email", providers: ["email"] };
const recordOf = ({ id, name, email }: KnownUser) => ({
  id,
  raw_app_meta_data: appMetadata,
  raw_user_meta_data: { name },
  email,
});

describeFileSource("a CSV of Supabase's auth.users", {
  type: supabase,
  start: "id,raw_app_meta_data,raw_user_meta_data,email\n",
  writeUser: ({ id, name, email }) =>
    [id, JSON.stringify(appMetadata), JSON.stringify({ name }), email].map(quoted).join(","),
  between: "\n",
  end: "\n",
  expectedRecord: recordOf,
  firstLine: 2,
  broken: {
    text: 'u-2,"{""provider"":","{}",a@example.com',
    place: /^line 3: the JSON in raw_app_meta_data/,
  },
  wrongFormats: [],
});
describe("Supabase's shapes", () => {
  test("a ragged row of a CSV is rejected with its line, and not padded", async () => {
    const rows = await rowsOf(
      await supabase.open(aFile("id,email,raw_app_meta_data\n1,a@example.com,{}\n2,b@example.com\n"), {}),
    );
    expect(rows).toMatchObject([
      { record: { id: "1" } },
      { line: 3, issue: { code: "row-ragged", message: "line 3 has 2 fields, the header 3" } },
    ]);
  });

  test("JSON that is text in a JSON array is read, and what is none rejects its user alone", async () => {
    const users = [
      { id: "1", raw_app_meta_data: '{"provider":"email"}' },
      { id: "2", raw_app_meta_data: "{oops" },
      { id: "3", raw_app_meta_data: null },
      { id: "4", raw_app_meta_data: `${"[".repeat(2_000)}${"]".repeat(2_000)}` },
    ];
    expect(await rowsOf(await supabase.open(aFile(JSON.stringify(users)), {}))).toMatchObject([
      { seq: 1, record: { id: "1", raw_app_meta_data: { provider: "email" } } },
      {
        seq: 2,
        issue: {
          code: "row-unreadable",
          message: expect.stringMatching(/^element 2: the JSON in raw_app_meta_data/) as string,
        },
      },
      { seq: 3, record: { id: "3", raw_app_meta_data: null } },
      { seq: 4, issue: { code: "row-unreadable" } },
    ]);
  });

  test("one user on a line is a user, though it holds a list", async () => {
    const user = { id: "1", raw_app_meta_data: {}, identities: [{ provider: "google", id: "1" }] };
    expect(await rowsOf(await supabase.open(aFile(`${JSON.stringify(user)}\n`), {}))).toEqual([
      { seq: 1, line: 1, record: user },
    ]);
  });

  test.each([
    ["a CSV", "id,email,raw_app_meta_data\n1,a@example.com,{}\n"],
    ["an array", '[{"id":"1","raw_app_meta_data":"{}"}]'],
    ["NDJSON", '{"id":"1","raw_app_meta_data":{}}\n{"id":"2","raw_app_meta_data":{}}\n'],
    [
      "the admin API's list",
      '{"users":[{"id":"1","aud":"x","app_metadata":{},"user_metadata":{}}],"aud":"x"}',
    ],
  ])("%s is recognised", async (_what, text) => {
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe("supabase");
  });

  test("a table that only has some of its names is not taken for it", async () => {
    const text = "id,email,encrypted_password,banned_until,raw_user_meta_data\n1,a@example.com,,,\n";
    expect((await detectSourceType(aFile(text), SOURCE_TYPES)).type.type).toBe("csv");
  });
});

describe("Supabase's preset", () => {
  const decide = aDecider({ preset: preset.mapping });
  const CONFIRMED = "2024-02-03 09:01:30.5+00";

  test("writes a number with its +, whether or not Supabase left it out, and keeps the hash", () => {
    const encrypted_password = "$2a$10$b0jHQRSGlJNp211VNtchgu.jiflfxRC1hYZdrzEl.yIVwH6jWnU.S";
    for (const phone of ["12025550101", "+12025550101", 12_025_550_101]) {
      const user = decide(
        aBareRow({
          id: "1",
          email: "a@example.com",
          email_confirmed_at: CONFIRMED,
          phone,
          encrypted_password,
        }),
      );
      expect(new Map(user.attributes).get("phone_number")).toBe("+12025550101");
      expect(user.passwordHash).toEqual({ algorithm: "BCRYPT", value: encrypted_password });
    }
  });

  test("takes a null-like word of a CSV neither for a confirmation nor for a deletion", () => {
    for (const word of ["NULL", "null", "\\N", ""]) {
      const row = aBareRow({ id: "1", email: "a@example.com", email_confirmed_at: word, deleted_at: word });
      expect(decide(row)).toMatchObject({ route: "admin-create", notSent: undefined });
    }
  });
});
