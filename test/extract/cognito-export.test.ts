import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { cognitoExport } from "../../src/extract/cognito-export.ts";
import type { OpenContext, SourceOptions } from "../../src/extract/source.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { describeFileSource, type SourceFormat } from "../contract/file-contract.ts";
import { aDecider, anAttribute, aPool, rowsOf, type PoolSettings } from "../support/builders.ts";
import { aFile } from "../support/files.ts";

const STANDING = {
  UserCreateDate: "2024-05-02T08:00:00.000Z",
  UserLastModifiedDate: "2024-05-03T08:00:00.000Z",
  Enabled: true,
  UserStatus: "CONFIRMED",
};

const format: Omit<SourceFormat, "start" | "between" | "end" | "firstLine" | "broken"> = {
  type: cognitoExport,
  writeUser: ({ id, name, email }) =>
    JSON.stringify({
      Username: id,
      ...STANDING,
      Attributes: [
        { Name: "sub", Value: `sub-of-${id}` },
        { Name: "name", Value: name },
        { Name: "email", Value: email },
      ],
    }),
  expectedRecord: ({ id, name, email }) => ({
    Username: id,
    ...STANDING,
    Groups: [],
    sub: `sub-of-${id}`,
    name,
    email,
  }),
  wrongFormats: [{ title: "CSV", text: "username,email\n1,ada@example.com\n", hint: "csv:PATH" }],
};

describeFileSource("what list-users prints", {
  ...format,
  start: '{"Users":[\n',
  between: ",\n",
  end: "\n]}",
  firstLine: undefined,
  broken: { text: '{"Username":"u-2","Enabled":true}', place: "element 2: it has no list of Attributes" },
});
describeFileSource("an array of Cognito users", {
  ...format,
  start: "[",
  between: ",\n",
  end: "]",
  firstLine: undefined,
  broken: { text: '["u-2"]', place: "element 2" },
});
describeFileSource("lines of Cognito users", {
  ...format,
  start: "",
  between: "\n",
  end: "\n",
  firstLine: 1,
  broken: { text: '{"Enabled":true,"Attributes":[]}', place: "line 2: it has no Username" },
});

async function open(content: unknown, options: SourceOptions = {}, context: OpenContext = {}) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return cognitoExport.open(aFile(text), options, context);
}

async function read(content: unknown, options?: SourceOptions) {
  const rows = await rowsOf(await open(content, options));
  return rows.map((row) => (row.record === undefined ? row.issue.message : (row.record as JsonObject)));
}

const ADA = { Username: "ada", Attributes: [{ Name: "email", Value: "ada@example.com" }], ...STANDING };
const lines = (...objects: readonly object[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join("");

describe("times", () => {
  test.each([
    [
      "seconds since 1970, as version 1 of the AWS CLI writes them",
      1682955829.578,
      "2023-05-01T15:43:49.578Z",
    ],
    ["whole seconds", 1682955829, "2023-05-01T15:43:49.000Z"],
    [
      "a local time, as version 2 writes it",
      "2025-06-16T12:03:52.298000+02:00",
      "2025-06-16T12:03:52.298000+02:00",
    ],
    ["a time as Python prints it", "2025-06-16 12:03:52.298000+02:00", "2025-06-16T12:03:52.298000+02:00"],
    ["a number that is no time", 1e300, 1e300],
    ["what is no time", "yesterday", "yesterday"],
  ])("%s", async (_what, written, time) => {
    const [user] = await read([{ ...ADA, UserLastModifiedDate: written }]);
    expect(user).toMatchObject({ UserLastModifiedDate: time });
  });

  test("say when a user was changed, whoever wrote them", async () => {
    const written = [1686994272.5, "2023-06-17T11:31:12.500000+02:00", "2023-06-17 09:31:12.500000+00:00"];
    const rows = await rowsOf(await open(written.map((time) => ({ ...ADA, UserLastModifiedDate: time }))));
    const decide = aDecider({ preset: presetFor("cognito-export")?.mapping ?? {} });
    for (const row of rows) expect(decide(row).changedAt).toBe(1686994272500);
  });
});

describe("a user that lacks what Cognito says of every one is rejected by its place", () => {
  test.each([
    [{ ...ADA, Enabled: undefined }, "Enabled"],
    [{ ...ADA, Enabled: "true" }, "Enabled"],
    [{ ...ADA, Username: "" }, "no Username"],
    [{ ...ADA, Attributes: { email: "ada@example.com" } }, "no list of Attributes"],
    [{ ...ADA, Attributes: [{ Name: "name" }, { Value: "ada@example.com" }] }, "attribute 2 has no Name"],
    [
      { ...ADA, Attributes: [...ADA.Attributes, { Name: "email", Value: "other@example.com" }] },
      "attribute 2",
    ],
    [{ ...ADA, Attributes: [{ Name: "Enabled", Value: "true" }] }, "attribute 1"],
    [{ ...ADA, Groups: [{ Name: "crew" }] }, "Groups"],
    [{ Users: [ADA], PaginationToken: "more" }, "jq -c '.Users[]'"],
  ])("%j", async (user, why) => {
    const found = await read(lines(ADA, user));
    expect(found[0]).toMatchObject({ Username: "ada" });
    expect(found[1]).toMatch(/^line 2: /);
    expect(found[1]).toContain(why);
    expect(JSON.stringify(found[1])).not.toContain("example.com");
  });
});

test("an attribute of an odd name is data, and the identities at providers are a list", async () => {
  const identities = [{ userId: "1098", providerName: "Google" }];
  const Attributes = [
    { Name: "__proto__", Value: "x" },
    { Name: "identities", Value: JSON.stringify(identities) },
    { Name: "name" },
  ];
  const [user] = await read([{ ...ADA, Attributes }]);
  expect(Object.getOwnPropertyDescriptor(user, "__proto__")?.value).toBe("x");
  expect(user).toMatchObject({ identities, name: null });
  const deep = `${"[".repeat(2_000)}${"]".repeat(2_000)}`;
  expect((await read([{ ...ADA, Attributes: [{ Name: "identities", Value: deep }] }]))[0]).toMatchObject({
    identities: deep,
  });
  expect((await read([{ ...ADA, Attributes: [{ Name: "identities", Value: "{" }] }]))[0]).toMatchObject({
    identities: "{",
  });
});

test("what --query made of it, and what is no JSON, is refused with what to do", async () => {
  for (const text of ['[["ada","CONFIRMED"]]', '[\n  "ada",\n "bo"]', "[\n    [\n"]) {
    await expect(open(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining("--query") as string,
      hint: expect.stringContaining("without --query") as string,
    });
  }
  for (const text of ["Users:\n- Attributes:\n", "USERS\tTrue\t2024-05-02\n", "|  ListUsers  |\n"]) {
    await expect(open(text)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      hint: expect.stringContaining("--output json") as string,
    });
  }
});

describe("a page of a list that goes on", () => {
  const describeRead = async (content: unknown, context?: OpenContext): Promise<string> => {
    const source = await open(content, {}, context);
    await rowsOf(source);
    return source.description;
  };

  test.each(["PaginationToken", "NextToken"])(
    "is told by its %s, before or behind the users",
    async (token) => {
      expect(await describeRead({ [token]: "abc", Users: [ADA] })).toContain("has more users");
      expect(await describeRead({ Users: [ADA], [token]: "abc" })).toContain("has more users");
    },
  );

  test("is not told of a whole list, of one of several files, nor of an attribute of that name", async () => {
    for (const last of [{}, { NextToken: null }, { PaginationToken: "" }])
      expect(await describeRead({ Users: [{ ...ADA, NextToken: "of a user" }], ...last })).toBe(
        "JSON document",
      );
    expect(await describeRead({ Users: [ADA], NextToken: "abc" }, { isOneOfMany: true })).toBe(
      "JSON document",
    );
  });
});

describe("groups", () => {
  const POOL = "eu-west-1_Old00Pool";

  test("stand with the user as names or as groups; those that Cognito makes for providers are left out", async () => {
    const users = [
      { ...ADA, Groups: ["crew", `${POOL}_Google`] },
      {
        ...ADA,
        Groups: [{ GroupName: "crew", UserPoolId: POOL }, { GroupName: "eu-west_1" }, { GroupName: "crew" }],
      },
      { ...ADA, Groups: null },
    ];
    const source = await open(users);
    expect((await rowsOf(source)).map(({ record }) => (record as JsonObject)["Groups"])).toEqual([
      ["crew"],
      ["crew", "eu-west_1"],
      [],
    ]);
    expect(source.description).toContain("1 memberships left out");
  });

  test.each([
    [
      "one membership a line",
      lines(
        { Username: "ada", GroupName: "crew" },
        { Username: "ada", GroupName: "a" },
        { Username: "zoe", GroupName: "a" },
      ),
    ],
    [
      "one user a line",
      lines({ Username: "ada", Groups: ["crew", { GroupName: "a" }] }, { Username: "zoe", Groups: ["a"] }),
    ],
    [
      "one group a line",
      lines(
        { GroupName: "crew", Users: [{ Username: "ada", Attributes: [] }] },
        { GroupName: "a", Users: ["ada", "zoe"] },
      ),
    ],
    [
      "an array",
      JSON.stringify([
        { Username: "ada", Groups: ["crew", "a"] },
        { Username: "zoe", GroupName: "a" },
      ]),
    ],
  ])("of a file with %s go to its users", async (_form, text) => {
    const source = await open([ADA, { ...ADA, Username: "Ada" }], { groups: aFile(text) });
    expect((await rowsOf(source)).map(({ record }) => (record as JsonObject)["Groups"])).toEqual([
      ["crew", "a"],
      [],
    ]);
    expect(source.description).toContain(
      "1 memberships of the file of groups are of users who are not in the export",
    );
  });

  test("of a user alone and of its file are one list", async () => {
    const groups = aFile(JSON.stringify({ Username: "ada", Groups: ["a", "crew"] }));
    expect(await read([{ ...ADA, Groups: ["crew"] }], { groups })).toMatchObject([{ Groups: ["crew", "a"] }]);
  });

  test.each([
    [
      "groups without members, as list-groups prints them",
      JSON.stringify({ Groups: [{ GroupName: "crew" }] }),
      "element 1 names no user",
    ],
    [
      "members without their group, as list-users-in-group prints them",
      JSON.stringify({ Users: [ADA] }),
      "element 1 names no group",
    ],
    [
      "a line that is damaged",
      `${lines({ Username: "ada", GroupName: "crew" })}{"Username"\n${lines(ADA)}`,
      "line 2",
    ],
    [
      "a name that is none",
      lines({ Username: "ada", GroupName: "crew" }, { Username: "ada", GroupName: 7 }),
      "line 2 names no group",
    ],
  ])("of a file with %s stop the reading", async (_what, text, place) => {
    const source = await open([ADA], { groups: aFile(text, "groups.json") });
    await expect(rowsOf(source)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      message: expect.stringContaining(place) as string,
      hint: expect.stringContaining("GroupName") as string,
    });
  });

  test("of a file that is not there are missed at once", async () => {
    await expect(open([ADA], { groups: "/absent/groups.json" })).rejects.toMatchObject({
      code: "SOURCE_NOT_FOUND",
    });
  });
});

describe("the preset", () => {
  async function decided(user: object, settings: PoolSettings = {}) {
    const [row] = await rowsOf(await open([{ ...ADA, ...user }]));
    if (row === undefined) throw new Error("there is no row");
    return aDecider({ pool: aPool(settings), preset: presetFor("cognito-export")?.mapping ?? {} })(row);
  }
  const withAttributes = (attributes: Readonly<Record<string, string>>) => ({
    Attributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  });

  test("carries every attribute that the target has by its name, and no other", async () => {
    const attributes = {
      sub: "s-1",
      email: "Ada@Example.com",
      email_verified: "true",
      "custom:a.b": "1",
      "custom:c": "2",
      "cognito:user_status": "CONFIRMED",
    };
    const user = await decided(withAttributes(attributes), { custom: [anAttribute("custom:a.b")] });
    expect(user).toMatchObject({ sourceId: "s-1", username: "ada", issues: [] });
    expect(Object.fromEntries(user.attributes)).toEqual({
      email: "Ada@Example.com",
      email_verified: "true",
      "custom:a.b": "1",
    });
  });

  test.each<[{ readonly Enabled?: boolean; readonly UserStatus?: string }, boolean]>([
    [{ Enabled: false }, true],
    [{ UserStatus: "COMPROMISED" }, true],
    [{ UserStatus: "ARCHIVED" }, true],
    [{ UserStatus: "RESET_REQUIRED" }, false],
    [{ UserStatus: "SOMETHING_NEW", Enabled: true }, false],
  ])("of %j makes a disabled user: %s", async (user, isDisabled) => {
    const { followUps, notSent } = await decided({
      ...withAttributes({ email: "a@example.com", email_verified: "true" }),
      ...user,
    });
    const isSocial = notSent?.causes[0]?.code === "user-social-only";
    expect(followUps.some(({ kind }) => kind === "disable")).toBe(isDisabled);
    expect(isSocial).toBe(user.UserStatus === "SOMETHING_NEW");
  });

  test("leaves out whom a provider signed in, and carries whom one is linked to", async () => {
    const identities = JSON.stringify([{ userId: "1098", providerName: "Google" }]);
    const attributes = withAttributes({ identities, email: "a@example.com", email_verified: "true" });
    expect(
      await decided({ ...attributes, Username: "google_1098", UserStatus: "EXTERNAL_PROVIDER" }),
    ).toMatchObject({
      notSent: { kind: "skipped", causes: [{ code: "user-social-only" }] },
    });
    expect(await decided(attributes)).toMatchObject({ route: "import-job", notSent: undefined });
  });

  test("keeps an unconfirmed user's address unverified", async () => {
    const user = await decided({ UserStatus: "UNCONFIRMED", ...withAttributes({ email: "a@example.com" }) });
    expect(user).toMatchObject({ route: "admin-create", issues: [{ code: "nothing-verified" }] });
  });

  test.each<[object, boolean, readonly string[]]>([
    [{ PreferredMfaSetting: "SMS_MFA", UserMFASettingList: ["SMS_MFA"] }, true, []],
    [{ MFAOptions: [{ DeliveryMedium: "SMS", AttributeName: "phone_number" }] }, true, []],
    [{ UserMFASettingList: ["SOFTWARE_TOKEN_MFA", "SMS_MFA"] }, true, ["mfa-not-importable"]],
    [{ UserMFASettingList: ["SOFTWARE_TOKEN_MFA"] }, false, ["mfa-not-importable"]],
    [{ UserMFASettingList: ["EMAIL_OTP"] }, false, ["mfa-not-importable"]],
    [{ MFAOptions: null, UserMFASettingList: [] }, false, []],
  ])("reads the second factors of %j", async (mfa, smsMfa, codes) => {
    const attributes = { email: "a@example.com", email_verified: "true", phone_number: "+12025550101" };
    const user = await decided({ ...withAttributes(attributes), ...mfa }, { mfa: "OPTIONAL" });
    expect({ smsMfa: user.smsMfa, codes: user.issues.map(({ code }) => code) }).toEqual({ smsMfa, codes });
  });

  const UUID = "7c1d2e3f-0000-4a00-8b00-000000000001";
  test.each<[string, object, PoolSettings, string]>([
    [
      "a UUID, where addresses are usernames",
      { Username: UUID },
      { usernameAttributes: ["email"] },
      "a@example.com",
    ],
    [
      "a UUID, where numbers are usernames",
      { Username: UUID },
      { usernameAttributes: ["phone_number"] },
      "+12025550101",
    ],
    ["a UUID, where addresses are aliases", { Username: UUID }, { aliasAttributes: ["email"] }, UUID],
    [
      "an address, where addresses are aliases",
      { Username: "a@example.com" },
      { aliasAttributes: ["email"] },
      UUID,
    ],
    ["an address, where usernames are free", { Username: "a@example.com" }, {}, "a@example.com"],
  ])("of a username that is %s", async (_what, user, settings, username) => {
    const attributes = {
      sub: UUID,
      email: "a@example.com",
      email_verified: "true",
      phone_number: "+12025550101",
      phone_number_verified: "true",
    };
    expect(await decided({ ...withAttributes(attributes), ...user }, settings)).toMatchObject({
      username,
      issues: [],
    });
  });
});
