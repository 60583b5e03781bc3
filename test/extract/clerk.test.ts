import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { clerk } from "../../src/extract/clerk.ts";
import { clerk as preset } from "../../src/transform/presets/clerk.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { aBareRow, aDecider, rowsOf } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const HEADER =
  "id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher";
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

const csv: SourceFormat = {
  type: clerk,
  start: `${HEADER}\n`,
  writeUser: ({ id, name, email }) => `${id},${quoted(name)},,,${email},,,${email},,,,,`,
  expectedRecord: ({ id, name, email }) => [id, name, "", "", email, "", "", email, "", "", "", "", ""],
  between: "\n",
  end: "\n",
  firstLine: 2,
  broken: { text: "user_2,Ada,,,ada@example.com,,,,,", place: "line 3 has 10 fields, the header 13" },
  wrongFormats: [{ title: "another CSV", text: "Id,Email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("Clerk's CSV below comments", {
  ...csv,
  start: `# a password, as some export it\r\n#\n${HEADER}\n`,
  firstLine: 4,
  broken: { ...csv.broken, place: "line 5 has 10 fields" },
});
describeFileSource("an array of Clerk's users", {
  type: clerk,
  start: "[",
  writeUser: ({ id, name, email }) => JSON.stringify({ id, username: name, primary_email_address: email }),
  expectedRecord: ({ id, name, email }) => ({
    id,
    username: name,
    primary_email_address: email,
    primary_phone_number: null,
  }),
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: {
    text: '{"id":"user_2","email_addresses":["a","b"]}',
    place: "element 2: it has several addresses",
  },
  wrongFormats: [],
});

test("lines before the header that the operator counts are not counted again", async () => {
  const source = await clerk.open(aFile(`# one\ntwo\n${HEADER}\n`), { skipLines: 2 });
  expect(source.shape).toEqual({ kind: "table", columns: HEADER.split(",") });
  await source[Symbol.asyncDispose]();
});

async function recordOf(user: object): Promise<unknown> {
  const [row] = await rowsOf(await clerk.open(aFile(JSON.stringify([user])), {}));
  return row?.record;
}

describe("a user of Clerk's Backend API", () => {
  const contact = (id: string, value: string, status?: string) => ({
    id,
    email_address: value,
    verification: status === undefined ? null : { status },
  });
  const user = {
    id: "user_1",
    primary_email_address_id: "e2",
    email_addresses: [contact("e1", "a@example.org", "verified"), contact("e2", "a@example.com")],
  };

  test("has its primary address by its id, and those that are verified by their state", async () => {
    expect(await recordOf(user)).toMatchObject({
      primary_email_address: "a@example.com",
      verified_email_addresses: "a@example.org",
      primary_phone_number: null,
      verified_phone_numbers: "",
    });
    const email_addresses = [...user.email_addresses, contact("e3", "x@example.com", "unverified")];
    expect(await recordOf({ ...user, email_addresses, primary_email_address_id: null })).toMatchObject({
      primary_email_address: null,
      verified_email_addresses: "a@example.org",
    });
  });

  test.each([
    [{ totp_enabled: true }, ["authenticator"]],
    [{ totp_enabled: false }, []],
    [
      {
        primary_phone_number_id: "p1",
        phone_numbers: [{ id: "p1", phone_number: "+12025550101", reserved_for_second_factor: true }],
      },
      ["sms"],
    ],
    [{ phone_numbers: [{ id: "p1", phone_number: "+12025550101", reserved_for_second_factor: true }] }, []],
  ])("%j has the second factors %j", async (fields, factors) => {
    expect(await recordOf({ ...user, ...fields })).toMatchObject({ second_factors: factors });
  });
});

describe("a user of an older export", () => {
  test.each([
    ["a@example.com", "a@example.com"],
    [["a@example.com"], "a@example.com"],
    ["", null],
    [null, null],
  ])("with the addresses %j has the primary one %j", async (email_addresses, primary) => {
    expect(await recordOf({ id: "user_1", email_addresses })).toMatchObject({
      primary_email_address: primary,
    });
  });

  test("with several is rejected, as none is called the primary one", async () => {
    expect(await recordOf({ id: "user_1", email_addresses: "a@example.com|b@example.com" })).toBeUndefined();
  });
});

describe("what Clerk's preset makes of", () => {
  const decide = (fields: JsonObject) =>
    aDecider({ preset: preset.mapping })(
      aBareRow({ id: "user_1", username: "ada", primary_email_address: "Ada@example.com", ...fields }),
    );
  const BCRYPT = "$2b$10$abcdefghijklmnopqrstuuEY3uMDxzRkqZ3xwzJmvvmVKHnhKZTxq";

  test("an address among the verified ones, whatever its case", () => {
    const lists = { verified_email_addresses: "x@example.com|ada@EXAMPLE.com" };
    expect(decide(lists)).toMatchObject({ route: "import-job", issues: [] });
  });

  test("an address that is not among them", () => {
    expect(decide({ verified_email_addresses: "x@example.com" })).toMatchObject({ route: "admin-create" });
    expect(decide({})).toMatchObject({ route: "admin-create" });
  });

  test.each([
    ["bcrypt", "BCRYPT", []],
    ["md5", undefined, ["password-hash-unsupported"]],
  ])("a digest whose hasher is %s", (hasher, algorithm, issues) => {
    const user = decide({
      verified_email_addresses: "ada@example.com",
      password_digest: BCRYPT,
      password_hasher: hasher,
    });
    expect(user.passwordHash?.algorithm).toBe(algorithm);
    expect(user.issues.map(({ code }) => code)).toEqual(issues);
  });

  test("a secret of an authenticator: a warning, and nothing of it is kept", () => {
    const user = decide({ verified_email_addresses: "ada@example.com", totp_secret: "JBSWY3DPEHPK3PXP" });
    expect(user.issues.map(({ code }) => code)).toEqual(["mfa-not-importable"]);
    expect(JSON.stringify(user)).not.toContain("JBSWY3DPEHPK3PXP");
  });
});
