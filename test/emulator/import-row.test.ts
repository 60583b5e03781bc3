import { sample, string } from "fast-check";
import type { CreateUserPoolCommandInput } from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import {
  aPool,
  aRow,
  attributesOf,
  csvOf,
  headerOf,
  importCsv,
  importRows,
  resultLines,
  usersOf,
  type Row,
} from "./support/pool.ts";

const NOT_VERIFIED =
  "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true).";
const BAD_HEADER = DEFAULT_RULES.texts.unexpectedHeader;

type Settings = Partial<CreateUserPoolCommandInput>;

/** The only result line of a one-row import. */
async function resultOf(settings: Settings, row: Row): Promise<string> {
  await using pool = await aPool(settings);
  const { lines } = await importRows(pool, [row]);
  return lines.join("\n");
}

function failedWith(message: string): string {
  return `[FAILED] Line Number 2 - ${message}`;
}

const SUCCEEDED = "[SUCCEEDED] Line Number 2 - The import succeeded.";
const bothVerified: Settings = { AutoVerifiedAttributes: ["email", "phone_number"] };
const phone = "+491701234567";

describe("verified attributes", () => {
  test.each<[string, Settings, Row, string]>([
    ["an unverified e-mail", {}, aRow({ email_verified: "false" }), failedWith(NOT_VERIFIED)],
    ["no word on the e-mail", {}, aRow({ email_verified: "" }), failedWith(NOT_VERIFIED)],
    [
      "a verified phone where only the e-mail counts",
      {},
      aRow({ email_verified: "", phone_number: phone, phone_number_verified: "true" }),
      failedWith(NOT_VERIFIED),
    ],
    [
      "a verified phone where either counts",
      bothVerified,
      aRow({ email_verified: "false", phone_number: phone, phone_number_verified: "true" }),
      SUCCEEDED,
    ],
    ["a verified e-mail where either counts", bothVerified, aRow(), SUCCEEDED],
    ["upper-case flags", {}, aRow({ email_verified: "TRUE" }), SUCCEEDED],
    [
      "a verified e-mail that is not there",
      {},
      aRow({ email: "" }),
      failedWith(DEFAULT_RULES.texts.emailMissing),
    ],
    [
      "a verified phone that is not there",
      {},
      aRow({ phone_number_verified: "true" }),
      failedWith(DEFAULT_RULES.texts.phoneMissing),
    ],
  ])(
    "row-verified, row-verified-value, row-required, row-mfa, csv-dialect, row-user: judges %s",
    async (_, settings, row, line) => {
      expect(await resultOf(settings, row)).toBe(line);
    },
  );
});

describe("values", () => {
  const custom = (attribute: NonNullable<Settings["Schema"]>[number]): Settings => ({ Schema: [attribute] });
  const short = custom({ Name: "x", StringAttributeConstraints: { MinLength: "2", MaxLength: "4" } });
  const score = custom({
    Name: "x",
    AttributeDataType: "Number",
    NumberAttributeConstraints: { MinValue: "1", MaxValue: "9" },
  });
  const flag = custom({ Name: "x", AttributeDataType: "Boolean" });
  const time = custom({ Name: "x", AttributeDataType: "DateTime" });
  const required: Settings = { Schema: [{ Name: "given_name", Required: true }] };

  test.each<[string, Settings, Row, string]>([
    ["an e-mail without a domain", {}, { email: "ann@" }, "Invalid email address format."],
    ["an e-mail with a space", {}, { email: "a nn@example.com" }, "Invalid email address format."],
    ["a phone without a plus", {}, { phone_number: "491701234567" }, "Invalid phone number format."],
    ["a phone with spaces", {}, { phone_number: "+49 170 1234567" }, "Invalid phone number format."],
    [
      "a phone with too many digits",
      {},
      { phone_number: "+1234567890123456" },
      "Invalid phone number format.",
    ],
    [
      "the API's form of a birthdate",
      {},
      { birthdate: "1985-02-01" },
      "birthdate: The value must be a date in the form mm/dd/yyyy",
    ],
    [
      "a birthdate that is no day",
      {},
      { birthdate: "02/30/1985" },
      "birthdate: The value must be a date in the form mm/dd/yyyy",
    ],
    [
      "an updated_at that is no number",
      {},
      { updated_at: "yesterday" },
      "updated_at: The value must be a number",
    ],
    ["a negative updated_at", {}, { updated_at: "-1" }, "updated_at: The value cannot be less than 0"],
    [
      "a flag that is none",
      {},
      { phone_number_verified: "1" },
      "phone_number_verified: The value must be true or false",
    ],
    [
      "a text above its length",
      short,
      { "custom:x": "12345" },
      "custom:x: String must be no longer than 4 characters",
    ],
    [
      "a text below its length",
      short,
      { "custom:x": "1" },
      "custom:x: String must be no shorter than 2 characters",
    ],
    [
      "more characters than any value has",
      {},
      { nickname: "n".repeat(2049) },
      "nickname: String must be no longer than 2048 characters",
    ],
    [
      "more bytes than any value has",
      {},
      { nickname: "é".repeat(1025) },
      "nickname: The value cannot be longer than 2048 bytes",
    ],
    ["a number below its range", score, { "custom:x": "0" }, "custom:x: The value cannot be less than 1"],
    ["a number above its range", score, { "custom:x": "10" }, "custom:x: The value cannot be greater than 9"],
    ["a custom flag that is none", flag, { "custom:x": "yes" }, "custom:x: The value must be true or false"],
    ["a time that is none", time, { "custom:x": "noon" }, "custom:x: The value must be a date and time"],
    ["a required attribute that is not there", required, {}, "given_name: The attribute is required"],
    ["MFA in a pool without", {}, { "cognito:mfa_enabled": "true" }, DEFAULT_RULES.texts.mfaInvalid],
    [
      "no MFA in a pool with",
      { MfaConfiguration: "ON" },
      { "cognito:mfa_enabled": "false" },
      DEFAULT_RULES.texts.mfaInvalid,
    ],
    [
      "an MFA flag that is none",
      { MfaConfiguration: "OPTIONAL" },
      { "cognito:mfa_enabled": "maybe" },
      DEFAULT_RULES.texts.mfaInvalid,
    ],
  ])(
    "user-values, user-email, user-phone, user-number, user-time, user-value-words, row-birthdate, row-mfa: fails the row for %s",
    async (_, settings, values, why) => {
      expect(await resultOf(settings, aRow(values))).toBe(failedWith(why));
    },
  );

  test.each<[string, Settings, Row, Row]>([
    ["the greatest text in characters", {}, { nickname: "n".repeat(2048) }, { nickname: "n".repeat(2048) }],
    ["the greatest text in bytes", {}, { nickname: "é".repeat(1024) }, { nickname: "é".repeat(1024) }],
    ["a text at its bounds", short, { "custom:x": "1234" }, { "custom:x": "1234" }],
    ["a number at its bounds", score, { "custom:x": "9" }, { "custom:x": "9" }],
    ["a flag, in lower case", flag, { "custom:x": "False" }, { "custom:x": "false" }],
    ["a time", time, { "custom:x": "2026-01-02T03:04:05Z" }, { "custom:x": "2026-01-02T03:04:05Z" }],
    ["a required attribute", required, { given_name: "Ann" }, { given_name: "Ann" }],
    ["MFA in a pool that requires it", { MfaConfiguration: "ON" }, { "cognito:mfa_enabled": "true" }, {}],
    ["no word on MFA in a pool that requires it", { MfaConfiguration: "ON" }, {}, {}],
    ["no MFA in a pool without", {}, { "cognito:mfa_enabled": "FALSE" }, {}],
    [
      "either MFA in a pool that leaves the choice",
      { MfaConfiguration: "OPTIONAL" },
      { "cognito:mfa_enabled": "false" },
      {},
    ],
    ["a comma behind a backslash", {}, { name: "Doe\\, Ann" }, { name: "Doe, Ann" }],
    ["any other backslash", {}, { name: "a\\b\\\\c" }, { name: "a\\b\\\\c" }],
    ["quotes, as they stand", {}, { name: '"Ann"' }, { name: '"Ann"' }],
    ["a value without the white space around it", {}, { name: " \t Ann Doe " }, { name: "Ann Doe" }],
  ])("user-values, row-birthdate, row-mfa: takes %s", async (_, settings, values, kept) => {
    await using pool = await aPool(settings);
    const { lines } = await importRows(pool, [aRow(values)]);
    expect(lines).toEqual([SUCCEEDED]);
    const attributes = attributesOf((await usersOf(pool))[0]);
    expect(attributes).toMatchObject(kept);
    expect(attributes).not.toHaveProperty("cognito:mfa_enabled");
  });

  test("row-birthdate: keeps a birthdate as it was written where the settings say so", async () => {
    await using pool = await aPool({}, { rules: { birthdateStoredAs: "csv-form" } });
    await importRows(pool, [aRow({ birthdate: "02/01/1985" })]);
    expect(attributesOf((await usersOf(pool))[0])["birthdate"]).toBe("02/01/1985");
  });

  test("csv-dialect, csv-backslash: reads back any text whose commas are escaped", async () => {
    await using pool = await aPool();
    const text = string({ minLength: 1, maxLength: 40, unit: "grapheme" })
      .map((value) => value.replaceAll(/[\\\p{C}]/gu, "").trim())
      .filter((value) => value !== "");
    const texts = sample(text, { numRuns: 60, seed: 4711 });
    const rows = texts.map((value, place) =>
      aRow({
        "cognito:username": `u${place}`,
        email: `u${place}@example.com`,
        name: value.replaceAll(",", "\\,"),
      }),
    );
    const { job } = await importRows(pool, rows);
    expect(job).toMatchObject({ ImportedUsers: texts.length });
    expect((await usersOf(pool)).map((user) => attributesOf(user)["name"])).toEqual(texts);
  });
});

describe("the username", () => {
  const emailAlias: Settings = { AliasAttributes: ["email"] };
  const phoneAlias: Settings = { AliasAttributes: ["phone_number"] };
  const byEmail: Settings = { UsernameAttributes: ["email"] };
  const byEither: Settings = { UsernameAttributes: ["email", "phone_number"] };
  const invalid = DEFAULT_RULES.texts.usernameInvalid;

  test.each<[string, Settings, string, string]>([
    ["none at all", {}, "", invalid],
    ["one with a space", {}, "ann doe", invalid],
    ["one of 129 characters", {}, "a".repeat(129), invalid],
    [
      "an e-mail where e-mails are aliases",
      emailAlias,
      "ann@example.org",
      "Username cannot be of email format, since user pool is configured for email alias.",
    ],
    [
      "a phone where phones are aliases",
      phoneAlias,
      "+4917012345",
      DEFAULT_RULES.texts.usernameOfPhoneFormat,
    ],
    ["no e-mail where e-mails are usernames", byEmail, "ann", "Username should be an email."],
    [
      "neither where both are usernames",
      byEither,
      "ann",
      "Username should be either an email or a phone number.",
    ],
    [
      "a phone where phones alone are usernames",
      { UsernameAttributes: ["phone_number"] },
      "ann@example.com",
      "Username should be a phone number.",
    ],
    [
      "another e-mail than the row's",
      byEmail,
      "bob@example.com",
      "User email should be empty or same as username, since username attribute is email",
    ],
  ])("row-username, user-name-shape: cannot be %s", async (_, settings, username, why) => {
    expect(await resultOf(settings, aRow({ "cognito:username": username }))).toBe(failedWith(why));
  });

  test.each<[string, Settings, string]>([
    ["an e-mail in a pool without aliases", {}, "ann@example.org"],
    ["a phone where only e-mails are aliases", emailAlias, "+4917012345"],
    ["any letters and 128 of them", {}, "ü".repeat(128)],
  ])("row-username, user-name-shape: can be %s", async (_, settings, username) => {
    await using pool = await aPool(settings);
    await importRows(pool, [aRow({ "cognito:username": username })]);
    expect((await usersOf(pool))[0]?.Username).toBe(username);
  });

  test("user-uuid: becomes a UUID, and the e-mail is set, where e-mails are usernames", async () => {
    await using pool = await aPool(byEmail);
    await importRows(pool, [aRow({ "cognito:username": "ann@example.com", email: "" })]);
    const [user] = await usersOf(pool);
    expect(user?.Username).toMatch(/^[0-9a-f-]{36}$/);
    expect(attributesOf(user)).toMatchObject({ sub: user?.Username, email: "ann@example.com" });
  });

  test("row-username: may be a phone where both are usernames", async () => {
    await using pool = await aPool(byEither);
    await importRows(pool, [aRow({ "cognito:username": phone })]);
    expect(attributesOf((await usersOf(pool))[0])).toMatchObject({
      phone_number: phone,
      email: "ann@example.com",
    });
  });

  test.each<[string, Settings, string, string]>([
    ["is skipped when it exists", {}, "ann", "SKIPPED"],
    ["is another one in other case", {}, "ANN", "SUCCEEDED"],
    [
      "is the same in other case where the pool ignores case",
      { UsernameConfiguration: { CaseSensitive: false } },
      "ANN",
      "SKIPPED",
    ],
  ])("%s", async (_, settings, username, status) => {
    await using pool = await aPool(settings);
    const { lines } = await importRows(pool, [
      aRow(),
      aRow({ "cognito:username": username, email: "other@example.com" }),
    ]);
    expect(lines[1]).toContain(`[${status}] Line Number 3`);
  });

  test("row-exists: is skipped where the e-mail is a user's username already, case ignored if the pool does", async () => {
    await using pool = await aPool({ ...byEmail, UsernameConfiguration: { CaseSensitive: false } });
    const rows = ["ann@example.com", "Ann@Example.com"].map((name) =>
      aRow({ "cognito:username": name, email: "" }),
    );
    const { lines } = await importRows(pool, rows);
    expect(lines[1]).toBe("[SKIPPED] Line Number 3 - The user already exists.");
  });

  test("row-exists: is looked up before or after the values are checked, as the settings say", async () => {
    const rows = [aRow(), aRow({ email_verified: "false" })];
    await using late = await aPool();
    await using early = await aPool({}, { rules: { existingUserCheck: "before-values" } });
    expect((await importRows(late, rows)).lines[1]).toContain("[FAILED]");
    expect((await importRows(early, rows)).lines[1]).toContain("[SKIPPED]");
  });
});

describe("aliases", () => {
  const rows = [aRow(), aRow({ "cognito:username": "bob" })];

  test("row-alias: fails a row whose verified e-mail is another user's alias", async () => {
    await using pool = await aPool({ AliasAttributes: ["email"] });
    const { lines } = await importRows(pool, rows);
    expect(lines[1]).toBe(`[FAILED] Line Number 3 - ${DEFAULT_RULES.texts.aliasTaken}`);
  });

  test("lets users share an e-mail that is no alias", async () => {
    await using pool = await aPool();
    expect((await importRows(pool, rows)).job).toMatchObject({ ImportedUsers: 2 });
    expect(await usersOf(pool, 'email = "ann@example.com"')).toHaveLength(2);
  });

  test("lets users share an unverified phone in a pool with phone aliases", async () => {
    await using pool = await aPool({ AliasAttributes: ["phone_number"] });
    const { job } = await importRows(
      pool,
      rows.map((row) => ({ ...row, phone_number: phone })),
    );
    expect(job).toMatchObject({ ImportedUsers: 2 });
  });

  test("row-alias: skips the row, or moves the alias, where the settings say so", async () => {
    await using skipping = await aPool(
      { AliasAttributes: ["email"] },
      { rules: { aliasConflict: "skipped" } },
    );
    await using moving = await aPool({ AliasAttributes: ["email"] }, { rules: { aliasConflict: "moved" } });
    expect((await importRows(skipping, rows)).lines[1]).toContain("[SKIPPED]");
    expect((await importRows(moving, rows)).lines[1]).toContain("[SUCCEEDED]");
    const users = moving.emulator.state.pools.get(moving.poolId)?.users;
    expect(users?.find("ann@example.com")?.username).toBe("bob");
  });
});

describe("the file", () => {
  test("csv-header: may have its columns in any order", async () => {
    await using pool = await aPool();
    const header = (await headerOf(pool)).toReversed();
    const row = header.map((name) => aRow()[name] ?? "").join(",");
    expect(await importCsv(pool, `${header.join(",")}\n${row}`)).toMatchObject({ ImportedUsers: 1 });
  });

  test.each<[string, (csv: string) => string | Uint8Array<ArrayBuffer>]>([
    ["a column missing", (csv) => csv.replace("nickname,", "")],
    ["an unknown column", (csv) => csv.replace("nickname", "nick")],
    ["a column too many", (csv) => csv.replace("nickname", "nickname,nick")],
    ["a column twice", (csv) => csv.replace("nickname", "name")],
    ["a password_hash column without an algorithm", (csv) => csv.replace("name,", "password_hash,name,")],
    ["a quoted header", (csv) => csv.replace("nickname", '"nickname"')],
    ["a byte-order mark", (csv) => `\u{FEFF}${csv}`],
    ["nothing in it", () => ""],
  ])("csv-header, csv-bom: fails as a whole with %s", async (_, change) => {
    await using pool = await aPool();
    const csv = await csvOf(pool, [aRow()]);
    const job = await importCsv(pool, change(csv));
    expect(job).toMatchObject({
      Status: "Failed",
      CompletionMessage: BAD_HEADER,
      ImportedUsers: 0,
      FailedUsers: 0,
    });
    expect(await resultLines(pool, job)).toEqual([]);
    expect(await usersOf(pool)).toEqual([]);
  });

  test("job-empty: may hold a header alone", async () => {
    await using pool = await aPool();
    expect(await importCsv(pool, await csvOf(pool, []))).toMatchObject({
      Status: "Succeeded",
      ImportedUsers: 0,
    });
  });

  test.each([
    ["too few values", (row: string) => row.slice(1)],
    ["too many values", (row: string) => `${row},`],
    ["no values", () => ""],
  ])("csv-count: fails a row with %s, and that one alone", async (_, change) => {
    await using pool = await aPool();
    const [header = "", first = "", second = ""] = (
      await csvOf(pool, [aRow(), aRow({ "cognito:username": "bob" })])
    ).split("\n");
    const job = await importCsv(pool, [header, change(first), second, ""].join("\n"));
    expect(job).toMatchObject({ ImportedUsers: 1, FailedUsers: 1 });
    expect(await resultLines(pool, job)).toEqual([
      failedWith(DEFAULT_RULES.texts.wrongFieldCount),
      "[SUCCEEDED] Line Number 3 - The import succeeded.",
    ]);
  });

  test("csv-count: fails as a whole for a wrong number of values where the settings say so", async () => {
    await using pool = await aPool({}, { rules: { wrongFieldCount: "fails-the-job" } });
    const csv = await csvOf(pool, [aRow(), aRow({ "cognito:username": "bob" })]);
    const job = await importCsv(pool, csv.replace(/,bob$/m, ""));
    expect(job).toMatchObject({
      Status: "Failed",
      ImportedUsers: 1,
      CompletionMessage: DEFAULT_RULES.texts.wrongFieldCount,
    });
  });

  test("csv-line-end: may end its lines with CR LF, unless the settings say otherwise", async () => {
    await using lax = await aPool();
    await using strict = await aPool({}, { rules: { takesCarriageReturns: false } });
    const csv = await csvOf(lax, [aRow()]);
    expect(await importCsv(lax, csv.replaceAll("\n", "\r\n"))).toMatchObject({ ImportedUsers: 1 });
    expect((await usersOf(lax))[0]?.Username).toBe("ann");
    expect(await importCsv(strict, csv.replaceAll("\n", "\r\n"))).toMatchObject({
      CompletionMessage: BAD_HEADER,
    });
    const mixed = await importCsv(strict, csv.replace(/\n$/, "\r\n"));
    expect(mixed).toMatchObject({ ImportedUsers: 0, FailedUsers: 1 });
  });

  test("csv-encoding: reads bytes that are no UTF-8 as replacement characters", async () => {
    await using pool = await aPool();
    const csv = Buffer.from(await csvOf(pool, [aRow({ name: "Ren\u{E9}" })]), "latin1");
    await importCsv(pool, new Uint8Array(csv));
    expect(attributesOf((await usersOf(pool))[0])).toMatchObject({ name: "Ren\u{FFFD}" });
  });

  test("csv-line-end: need not end with a line feed", async () => {
    await using pool = await aPool();
    expect(await importCsv(pool, (await csvOf(pool, [aRow()])).trimEnd())).toMatchObject({
      ImportedUsers: 1,
    });
  });

  test("csv-limits, csv-limits-effect: takes rows of 16,000 characters and no longer ones", async () => {
    await using pool = await aPool();
    const wide = {
      name: "n".repeat(2048),
      given_name: "n".repeat(2048),
      profile: "n".repeat(2048),
      address: "n".repeat(2048),
    };
    const row = {
      ...aRow(),
      ...wide,
      picture: "n".repeat(2048),
      website: "n".repeat(2048),
      zoneinfo: "n".repeat(2048),
    };
    const [, line = ""] = (await csvOf(pool, [row])).split("\n");
    const filled = { ...row, locale: "n".repeat(16_000 - line.length) };
    const { lines } = await importRows(pool, [
      filled,
      { ...filled, locale: `${filled.locale}n`, "cognito:username": "bob" },
    ]);
    expect(lines).toEqual([SUCCEEDED, `[FAILED] Line Number 3 - ${DEFAULT_RULES.texts.rowTooLong}`]);
  });

  test("csv-limits, csv-limits-effect: fails with more users than a file holds, after those it holds", async () => {
    await using pool = await aPool({}, { rules: { usersInFile: 1 } });
    const job = await importCsv(pool, await csvOf(pool, [aRow(), aRow({ "cognito:username": "bob" })]));
    expect(job).toMatchObject({
      Status: "Failed",
      ImportedUsers: 1,
      CompletionMessage: DEFAULT_RULES.texts.tooManyUsers,
    });
  });

  test("log-first: numbers its lines from the first row where the settings say so", async () => {
    await using pool = await aPool({}, { rules: { firstLineNumber: 1 } });
    expect((await importRows(pool, [aRow()])).lines).toEqual([
      "[SUCCEEDED] Line Number 1 - The import succeeded.",
    ]);
  });
});
