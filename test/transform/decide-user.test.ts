import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { JsonObject } from "../../src/core/row.ts";
import {
  aBareRow,
  aDecider,
  anAttribute,
  aPool,
  aRow,
  type DeciderSettings,
  type PoolSettings,
} from "../support/builders.ts";

function decide(fields: JsonObject, settings: DeciderSettings = {}): PlannedUser {
  return aDecider(settings)(aRow(fields));
}

function codes({ issues }: PlannedUser): readonly string[] {
  return issues.map(({ code, attribute }) => (attribute === undefined ? code : `${attribute}: ${code}`));
}

describe("a user whom the pool accepts", () => {
  test("goes through an import job with its attributes, and claims its username", () => {
    expect(decide({ name: " Ada ", sub: "s-1", shoe_size: 40 })).toEqual({
      seq: 1,
      line: 1,
      sourceId: "s-1",
      username: "ada",
      attributes: [
        ["name", "Ada"],
        ["email", "ada@example.com"],
        ["email_verified", "true"],
      ],
      route: "import-job",
      notSent: undefined,
      issues: [],
      claims: { username: "ada", email: undefined, phone: undefined },
      sourceRow: JSON.stringify({
        username: "ada",
        email: "ada@example.com",
        email_verified: true,
        name: " Ada ",
        sub: "s-1",
        shoe_size: 40,
      }),
    });
  });

  test("goes without an attribute that does not fit, which is said", () => {
    const user = decide({ birthdate: "1985", phone_number: "555", name: "Ada" });
    expect(user.route).toBe("import-job");
    expect(codes(user)).toEqual(["phone_number: phone-not-e164", "birthdate: birthdate-partial"]);
    expect(user.attributes.map(([name]) => name)).toEqual(["name", "email", "email_verified"]);
  });
});

describe("the verified contact that an import job asks for", () => {
  const phone = { phone_number: "+48601555010" };
  const both: PoolSettings = { autoVerified: ["email", "phone_number"] };

  test.each<[string, PoolSettings, JsonObject, string | undefined]>([
    ["is the address where the pool verifies addresses", {}, {}, undefined],
    ["is not an unverified address", {}, { email_verified: false }, "email is not verified"],
    ["is not an address without a flag", {}, { email_verified: null }, "email is not verified"],
    ["is not an address with an unreadable flag", {}, { email_verified: "maybe" }, "email is not verified"],
    ["is not an address that is missing, whatever its flag", {}, { email: "" }, "there is no email"],
    ["is not an address that was dropped, whatever its flag", {}, { email: "ada" }, "there is no email"],
    [
      "is not the number where the pool verifies addresses only",
      {},
      { email_verified: false, ...phone, phone_number_verified: true },
      "email is not verified",
    ],
    [
      "is the number where the pool verifies either",
      both,
      { email_verified: false, ...phone, phone_number_verified: true },
      undefined,
    ],
    ["is the address where the pool verifies either", both, phone, undefined],
    [
      "is neither where nothing is verified",
      both,
      { email_verified: false },
      "email is not verified and there is no phone_number",
    ],
  ])("%s", (_what, pool, fields, message) => {
    const user = decide(fields, { pool: aPool(pool) });
    const found = user.issues.find(({ code }) => code === "nothing-verified");
    expect(found?.message).toBe(message);
    expect(user.route).toBe(message === undefined ? "import-job" : "none");
  });

  test("is never taken from a flag alone: a flag without its contact is not sent", () => {
    const user = decide({ phone_number: "555", phone_number_verified: true });
    expect(user.attributes.map(([name]) => name)).toEqual(["email", "email_verified"]);
  });
});

describe("a required attribute", () => {
  const pool = aPool({ required: ["birthdate"] });

  test.each<[string, JsonObject, readonly string[]]>([
    ["that is there keeps the user", { birthdate: "1985-02-01" }, []],
    ["that is missing rejects the user", {}, ["birthdate: attribute-required"]],
    ["that is empty rejects the user", { birthdate: " " }, ["birthdate: attribute-required"]],
    [
      "that was dropped rejects the user, and says both",
      { birthdate: "1985" },
      ["birthdate: birthdate-partial", "birthdate: attribute-required"],
    ],
  ])("%s", (_what, fields, expected) => {
    const user = decide(fields, { pool });
    expect(codes(user)).toEqual(expected);
    expect(user.notSent).toBe(expected.length === 0 ? undefined : "rejected");
  });

  test("that is the username is given by it", () => {
    const emailPool = aPool({ required: ["email"], usernameAttributes: ["email"] });
    const decideUser = aDecider({
      pool: emailPool,
      config: { username: "login", attributes: { email: null } },
    });
    const user = decideUser(aBareRow({ login: "Ada@example.com", email_verified: true }));
    expect(user).toMatchObject({ username: "ada@example.com", route: "import-job" });
    expect(user.attributes).toContainEqual(["email", "ada@example.com"]);
  });
});

describe("a pool whose usernames are contacts", () => {
  const pool = aPool({ usernameAttributes: ["email"] });

  test("makes the contact equal to the username", () => {
    const user = decide({ username: "Ada@Example.com", email: "ada@EXAMPLE.com" }, { pool });
    expect(user).toMatchObject({ username: "ada@example.com", route: "import-job" });
    expect(user.attributes).toContainEqual(["email", "ada@example.com"]);
    expect(user.claims?.email).toBe("ada@example.com");
  });

  test("rejects a contact that differs from the username", () => {
    const user = decide({ username: "ada@example.com", email: "bo@example.com" }, { pool });
    expect(codes(user)).toEqual(["email: username-differs"]);
    expect(user.claims).toBeUndefined();
  });

  test("never lets the flag of a dropped address vouch for the username", () => {
    const user = decide({ username: "ada@example.com", email: "no address" }, { pool });
    expect(codes(user)).toEqual(["email: email-invalid", "email: username-differs"]);
    expect(user.route).toBe("none");
  });

  test("takes a number as the username where it may be one", () => {
    const either = aPool({ usernameAttributes: ["email", "phone_number"], autoVerified: ["phone_number"] });
    const user = decide({ username: "+48 601 555 010", phone_number_verified: "yes" }, { pool: either });
    expect(user).toMatchObject({ username: "+48601555010", route: "import-job" });
    expect(user.attributes).toContainEqual(["phone_number", "+48601555010"]);
  });
});

test("a rejected user still claims its name, so that its twin is not taken for it", () => {
  expect(decide({ name: "a\nb" }).claims).toEqual({ username: "ada", email: undefined, phone: undefined });
  expect(decide({ username: "space cadet" }).claims).toBeUndefined();
});

test("where addresses are usernames, a flag beside an empty address is not about the username", () => {
  const pool = aPool({ usernameAttributes: ["email"] });
  const beside = decide({ username: "mallory@example.com", email: "", email_verified: true }, { pool });
  expect(beside.attributes).toEqual([["email", "mallory@example.com"]]);
  expect(codes(beside)).toEqual(["email_verified: flag-unbacked", "nothing-verified"]);
});

test("a disabled flag that cannot be read says so", () => {
  const user = decide({ blocked: "ja" }, { config: { disabled: "blocked" } });
  expect(user.issues[0]?.message).toContain("neither true nor false");
});

describe("a user who is not sent", () => {
  const disabled: DeciderSettings = { config: { disabled: "blocked" } };
  const social: DeciderSettings = {
    config: { socialOnly: { path: "identities[*].provider", noneOf: ["auth0"] } },
  };
  const google = { identities: [{ provider: "google-oauth2" }] };

  test.each<[string, JsonObject, DeciderSettings, readonly string[]]>([
    ["has no username", { username: "" }, {}, ["username: username-missing"]],
    ["has a username the pool refuses", { username: "space cadet" }, {}, ["username: username-invalid"]],
    ["holds a line break", { name: "a\nb" }, {}, ["name: value-unsafe-in-csv"]],
    ["holds a double quote", { name: 'a"b' }, {}, ["name: value-unsafe-in-csv"]],
    ["holds a backslash in its username", { username: "corp\\ada" }, {}, ["username: value-unsafe-in-csv"]],
    ["is disabled", { blocked: true }, disabled, ["user-disabled"]],
    ["may be disabled, its flag being unreadable", { blocked: "since May" }, disabled, ["user-disabled"]],
    ["may be disabled, its flag being an object", { blocked: {} }, disabled, ["user-disabled"]],
    ["signs in elsewhere only", google, social, ["user-social-only"]],
  ])("%s", (_what, fields, settings, expected) => {
    const user = decide(fields, settings);
    expect(codes(user)).toEqual(expected);
    expect(user).toMatchObject({
      route: "none",
      notSent: expected[0] === "user-social-only" ? "skipped" : "rejected",
    });
  });

  test("has a row that is too long", () => {
    const custom = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => anAttribute(`custom:${name}`));
    const settings = { pool: aPool({ custom }) };
    const filled = (character: string) =>
      Object.fromEntries(custom.map(({ name }) => [name, `x${character.repeat(2_046)}x`]));
    expect(codes(decide(filled("y"), settings))).toEqual(["row-too-long"]);
    const half = Object.fromEntries(Object.entries(filled("y")).slice(0, 4));
    expect(codes(decide(half, settings))).toEqual([]);
    const commas = Object.fromEntries(Object.entries(filled(",")).slice(0, 4));
    expect(codes(decide(commas, settings))).toEqual(["row-too-long"]);
  });

  test("is told of every trouble at once", () => {
    const user = decide({ username: "a b", email_verified: false, name: "x\ty", blocked: true }, disabled);
    expect(codes(user)).toEqual([
      "username: username-invalid",
      "nothing-verified",
      "name: value-unsafe-in-csv",
      "user-disabled",
    ]);
    expect(user.username).toBe("a b");
  });

  test("but signs in elsewhere, is told of nothing else", () => {
    const user = decide({ ...google, username: "", email_verified: false }, social);
    expect(codes(user)).toEqual(["user-social-only"]);
  });
});

describe("users of other providers", () => {
  const config = { socialOnly: { path: "identities[*].provider", noneOf: ["auth0"] } };
  const google = { identities: [{ provider: "google-oauth2" }] };

  test("become native users where the policy says so", () => {
    expect(decide(google, { config, socialOnly: "create" })).toMatchObject({
      route: "import-job",
      issues: [],
    });
  });

  test.each<[string, JsonObject]>([
    ["one of their own is native", { identities: [{ provider: "google-oauth2" }, { provider: "auth0" }] }],
    ["the list is empty", { identities: [] }],
    ["the list is missing", {}],
    ["the list is null", { identities: null }],
  ])("are not passed over when %s", (_what, fields) => {
    expect(decide(fields, { config })).toMatchObject({ route: "import-job" });
  });
});

describe("a row that could not be read", () => {
  test("is rejected with its issue and nothing else", () => {
    const issue = {
      code: "row-ragged",
      attribute: undefined,
      message: "line 7 has 2 fields, the header 3",
    } as const;
    expect(aDecider()({ seq: 6, line: 7, record: undefined, issue })).toMatchObject({
      seq: 6,
      line: 7,
      username: undefined,
      route: "none",
      notSent: "rejected",
      issues: [issue],
      claims: undefined,
      sourceRow: "",
    });
  });
});

describe("what is kept of a row", () => {
  test("holds no secret, and no issue does", () => {
    const secrets = { password: "hunter2", mfa: { totp_secret: "hunter2" }, hash: ["hunter2"] };
    const user = decide({
      ...secrets,
      birthdate: "hunter2",
      name: { deep: "hunter2" },
      phone_number: "hunter2",
    });
    expect(JSON.stringify({ ...user, sourceRow: "" })).not.toContain("hunter2");
    expect(JSON.parse(user.sourceRow)).toEqual({
      username: "ada",
      email: "ada@example.com",
      email_verified: true,
      mfa: {},
      birthdate: "hunter2",
      name: { deep: "hunter2" },
      phone_number: "hunter2",
    });
  });

  test.each<[unknown, string | undefined]>([
    ["s-1", "s-1"],
    [7, "7"],
    [null, undefined],
    [["s-1"], undefined],
  ])("of the source id %j is %j", (sub, expected) => {
    expect(decide({ sub: sub as JsonObject[string] }).sourceId).toBe(expected);
  });
});
