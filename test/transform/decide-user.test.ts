import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Pool } from "../../src/core/pool.ts";
import type { JsonObject } from "../../src/core/row.ts";
import { createImportRowEncoder } from "../../src/transform/import-csv.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import type { StatedPolicies } from "../../src/transform/policies.ts";
import {
  aBareRow,
  anImportRow,
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
      smsMfa: false,
      passwordHash: undefined,
      password: undefined,
      route: "import-job",
      followUps: [],
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
    [
      "is not an address that is missing, whatever its flag",
      {},
      { email: "", ...phone },
      "there is no email",
    ],
    [
      "is not an address that was dropped, whatever its flag",
      {},
      { email: "ada", ...phone },
      "there is no email",
    ],
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
    expect(user.route).toBe(message === undefined ? "import-job" : "admin-create");
  });

  test.each([{ email: "" }, { email: "ada" }])("is nowhere where there is no contact: %j", (fields) => {
    const user = decide(fields);
    expect(codes(user)).toContain("no-contact");
    expect(user.route).toBe("admin-create");
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
    expect(user.notSent?.kind).toBe(expected.length === 0 ? undefined : "rejected");
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

test.each<[string, Mapping, JsonObject]>([
  ["a word that means nothing", { nullWords: ["NULL"] }, { email: "NULL" }],
  [
    "several empty fields",
    { attributes: { email: { firstOf: ["email", "mail"] }, email_verified: "email_verified" } },
    { email: "", mail: " " },
  ],
  [
    "half of a template",
    { attributes: { email: { template: "{local}@{domain}" }, email_verified: "email_verified" } },
    { local: "", domain: "example.com" },
  ],
])("so it is beside %s", (_what, config, fields) => {
  const pool = aPool({ usernameAttributes: ["email"] });
  const row = {
    seq: 1,
    line: 1,
    record: { username: "mallory@example.com", email_verified: true, ...fields },
  };
  const user = aDecider({ pool, config })(row);
  expect(user.attributes).toEqual([["email", "mallory@example.com"]]);
  expect(codes(user)).toEqual(["email_verified: flag-unbacked", "nothing-verified"]);
});

test("where addresses are usernames, a flag without any other address is about the username", () => {
  const pool = aPool({ usernameAttributes: ["email"] });
  const row = { seq: 1, line: 1, record: { username: "ada@example.com", email_verified: true } };
  expect(aDecider({ pool })(row)).toMatchObject({ route: "import-job", issues: [] });
});

describe("a flag that is about the address of another rule", () => {
  const preset: Mapping = {
    username: "username",
    attributes: { email: "email", email_verified: "email_verified", phone_number: "phone" },
  };
  const message =
    "mapping.attributes.email_verified is not stated, and the one that the source has is about another email";

  test.each<[string, DeciderSettings, JsonObject]>([
    ["in a preset", { preset, config: { attributes: { email: "profile.mail" } } }, {}],
    ["by name", { config: { attributes: { email: "profile.mail" } } }, {}],
    [
      "for some users",
      { preset, config: { attributes: { email: { firstOf: ["email", "profile.mail"] } } } },
      {},
    ],
    [
      "where the address is the username",
      {
        pool: aPool({ usernameAttributes: ["email"] }),
        preset,
        config: { username: "profile.mail", attributes: { email: null } },
      },
      {},
    ],
  ])("is not taken for this one: %s", (_what, settings, fields) => {
    const decideUser = aDecider(settings);
    const row = aRow({ profile: { mail: "mallory@example.com" }, ...fields });
    expect(() => decideUser(row)).toThrow(message);
  });

  test("is not taken for another element of the same list", () => {
    const pick = (type: string) => ({ pick: "mails", where: { type }, path: "value", take: 0 }) as const;
    const settings = (type: string): DeciderSettings => ({
      preset: { username: "username", attributes: { email: pick("work"), email_verified: "work_verified" } },
      config: { attributes: { email: pick(type) } },
    });
    const mails = ["work", "home"].map((type) => ({ type, value: `${type}@example.com` }));
    const row = aBareRow({ username: "ada", mails, work_verified: true });
    expect(() => aDecider(settings("home"))(row)).toThrow(message);
    expect(aDecider(settings("work"))(row)).toMatchObject({ route: "import-job", issues: [] });
  });

  test("is missed by nobody where no row has it", () => {
    const decideUser = aDecider({ config: { attributes: { email: "mail" } } });
    const user = decideUser(aBareRow({ username: "ada", email: "old@example.com", mail: "ada@example.com" }));
    expect(user.attributes).toEqual([["email", "ada@example.com"]]);
  });

  test("is refused for a table too", () => {
    const shape = { kind: "table", columns: ["username", "email", "email_verified", "mail"] } as const;
    const decideUser = aDecider({ shape, config: { attributes: { email: "mail" } } });
    const record = ["ada", "ada@example.com", "true", "mallory@example.com"];
    expect(() => decideUser({ seq: 1, line: 2, record })).toThrow(message);
  });

  test.each<[string, DeciderSettings, JsonObject]>([
    [
      "states the flag as well",
      { preset, config: { attributes: { email: "profile.mail", email_verified: "profile.ok" } } },
      { email: "a@example.com", profile: { mail: "ada@example.com", ok: true } },
    ],
    [
      "reads the same address in another way",
      { preset, config: { attributes: { email: { lookup: "email", table: {}, keepOthers: true } } } },
      { email: "ada@example.com" },
    ],
    [
      "writes the same path in another way",
      { config: { attributes: { email: "email" } } },
      { email: "ada@example.com" },
    ],
    [
      "adds a country",
      {
        preset: { ...preset, attributes: { ...preset.attributes, phone_number_verified: "phone_verified" } },
        config: { attributes: { phone_number: { phone: "phone", country: "country" } } },
      },
      { email: "ada@example.com", phone: "22442222", country: "NO", phone_verified: true },
    ],
    [
      "names the only address of the row",
      { config: { attributes: { email: "mail" } } },
      { mail: "ada@example.com" },
    ],
    [
      "takes the address for the username",
      {
        pool: aPool({ usernameAttributes: ["email"] }),
        preset,
        config: { username: "email", attributes: { email: null } },
      },
      { email: "ada@example.com" },
    ],
  ])("is no matter when the mapping %s", (_what, settings, fields) => {
    const record = { username: "ada", email_verified: true, ...fields };
    expect(aDecider(settings)(aBareRow(record))).toMatchObject({ route: "import-job", issues: [] });
  });
});

describe("a user whom an import job cannot carry", () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ["holds a line break", { name: "a\nb" }, ["name: value-unsafe-in-csv"]],
    ["holds a double quote", { name: 'a"b' }, ["name: value-unsafe-in-csv"]],
    ["holds a backslash in its username", { username: "corp\\ada" }, ["username: value-unsafe-in-csv"]],
    ["has nothing verified", { email_verified: false }, ["nothing-verified"]],
  ])("%s: it goes by AdminCreateUser, or nowhere where the policy says so", (_what, fields, expected) => {
    const user = decide(fields, { policies: { unsafeValues: "admin-create" } });
    expect(codes(user)).toEqual(expected);
    expect(user).toMatchObject({ route: "admin-create", notSent: undefined });

    const rejected = decide(fields, { policies: { unsafeValues: "admin-create", unimportable: "reject" } });
    expect(codes(rejected)).toEqual(expected);
    expect(rejected).toMatchObject({ route: "none", notSent: { kind: "rejected" } });
    expect(rejected.notSent?.causes).toEqual(rejected.issues);
  });

  test("has a row of one character more than 16,000, its line feed counted", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `custom:${name}`);
    const pool = aPool({ custom: names.map((name) => anAttribute(name)) });
    const filled = (last: number) =>
      Object.fromEntries(names.map((name, index) => [name, "y".repeat(index === 7 ? last : 2_000)]));
    const encode = createImportRowEncoder(pool, undefined);
    const rest = encode(anImportRow({ attributes: [...decide(filled(1), { pool }).attributes] })).length - 1;
    expect(codes(decide(filled(16_000 - rest), { pool }))).toEqual([]);
    expect(codes(decide(filled(16_001 - rest), { pool }))).toEqual(["row-too-long"]);
  });

  const settings: DeciderSettings = {
    pool: aPool({
      required: ["nickname"],
      custom: [anAttribute("custom:once", { mutable: false }), anAttribute("custom:note")],
    }),
    config: { passwordHash: "hash" },
  };
  const hash = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

  test("but for some values, is imported without them, keeps its password, and gets them afterwards", () => {
    const fields = { nickname: "ada", name: 'Ada "A"', "custom:note": "a\nb", hash };
    const user = decide(fields, settings);
    expect(codes(user)).toEqual(["name: value-set-after", "custom:note: value-set-after"]);
    expect(user).toMatchObject({ route: "import-job", passwordHash: { value: hash } });
    expect(user.attributes.map(([name]) => name)).toEqual(["nickname", "email", "email_verified"]);
    expect(user.followUps).toEqual([
      {
        kind: "set-attributes",
        attributes: [
          ["name", 'Ada "A"'],
          ["custom:note", "a\nb"],
        ],
      },
    ]);
    const rejected = decide(fields, { ...settings, policies: { unimportable: "reject" } });
    expect(rejected.route).toBe("import-job");
  });

  test.each<[string, JsonObject, readonly string[]]>([
    ["its username", { username: "corp\\ada" }, ["username: value-unsafe-in-csv"]],
    ["what the pool requires", { nickname: 'a"a' }, ["nickname: value-unsafe-in-csv"]],
    ["what can never be set later", { "custom:once": "a\tb" }, ["custom:once: value-unsafe-in-csv"]],
  ])("for %s goes with everything by AdminCreateUser", (_what, fields, expected) => {
    const user = decide({ nickname: "ada", name: 'Ada "A"', hash, ...fields }, settings);
    expect(codes(user)).toEqual(expect.arrayContaining([...expected, "name: value-unsafe-in-csv"]));
    expect(codes(user)).toContain("password-not-carried");
    expect(user).toMatchObject({ route: "admin-create", followUps: [] });
    expect(new Map(user.attributes).get("name")).toBe('Ada "A"');
  });

  test("for want of anything verified has nothing left to be set afterwards", () => {
    const user = decide({ nickname: "ada", name: 'Ada "A"', email_verified: false }, settings);
    expect(codes(user)).toEqual(["nothing-verified", "name: value-unsafe-in-csv"]);
    expect(user).toMatchObject({ route: "admin-create", followUps: [] });
  });

  test("has a row that is too long", () => {
    const custom = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => anAttribute(`custom:${name}`));
    const settings = { pool: aPool({ custom }) };
    const filled = (character: string) =>
      Object.fromEntries(custom.map(({ name }) => [name, `x${character.repeat(2_046)}x`]));
    const long = decide(filled("y"), settings);
    expect(codes(long)).toEqual(["row-too-long"]);
    expect(long.route).toBe("admin-create");
    const half = Object.fromEntries(Object.entries(filled("y")).slice(0, 4));
    expect(codes(decide(half, settings))).toEqual([]);
    const commas = Object.fromEntries(Object.entries(filled(",")).slice(0, 4));
    expect(codes(decide(commas, settings))).toEqual(["row-too-long"]);
  });

  test("with a row that is too long takes what could be set afterwards along", () => {
    const custom = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => anAttribute(`custom:${name}`));
    const long = Object.fromEntries(custom.map(({ name }) => [name, "y".repeat(2_048)]));
    const user = decide({ ...long, name: 'Ada "A"' }, { pool: aPool({ custom }) });
    expect(codes(user)).toEqual(["row-too-long"]);
    expect(user).toMatchObject({ route: "admin-create", followUps: [] });
    expect(user.attributes).toContainEqual(["name", 'Ada "A"']);
  });
});

describe("a user who is not sent", () => {
  const rules: DeciderSettings = {
    config: {
      deleted: "deleted",
      serviceAccount: "robot",
      anonymous: "anonymous",
      socialOnly: { path: "identities[*].provider", noneOf: ["auth0"] },
    },
  };
  const google = { identities: [{ provider: "google-oauth2" }] };

  test.each<[string, JsonObject, readonly string[]]>([
    ["has no username", { username: "" }, ["username: username-missing"]],
    ["has a username the pool refuses", { username: "space cadet" }, ["username: username-invalid"]],
    ["has the name of a federated user", { username: "Google_109" }, ["username: username-reserved"]],
  ])("%s", (_what, fields, expected) => {
    const user = decide(fields);
    expect(codes(user)).toEqual(expected);
    expect(user).toMatchObject({ route: "none", notSent: { kind: "rejected", causes: user.issues } });
  });

  test.each<[string, JsonObject, keyof StatedPolicies, string]>([
    ["is deleted at the source", { deleted: true }, "deleted", "user-deleted"],
    ["is no person", { robot: "yes" }, "serviceAccounts", "user-service-account"],
    ["is anonymous", { anonymous: 1 }, "anonymous", "user-anonymous"],
    ["signs in elsewhere only", google, "socialOnly", "user-social-only"],
  ])("%s, unless the policy says otherwise", (_what, fields, policy, code) => {
    const user = decide(fields, rules);
    expect(codes(user)).toEqual([code]);
    expect(user).toMatchObject({ route: "none", notSent: { kind: "skipped", causes: user.issues } });
    expect(user.claims).toBeUndefined();
    const created = decide(fields, { ...rules, policies: { [policy]: "create" } });
    expect(created).toMatchObject({ route: "import-job", issues: [], notSent: undefined });
  });

  test("signs in elsewhere only by a rule that says which providers are others", () => {
    const path = {
      lookup: "identities[*].provider",
      table: { generated: null, social: "social" },
      otherwise: "own",
    } as const;
    const issuesOf = (...providers: readonly string[]) =>
      codes(
        decide(
          { identities: providers.map((provider) => ({ provider })) },
          { config: { socialOnly: { path, noneOf: ["own"] } } },
        ),
      );
    expect(issuesOf("social", "generated")).toEqual(["user-social-only"]);
    expect(issuesOf("generated")).toEqual([]);
    expect(issuesOf("social", "customerNumber")).toEqual([]);
  });

  test("is told of every trouble at once", () => {
    const user = decide({ username: "a b", email_verified: false, name: "x\ty" });
    expect(codes(user)).toEqual([
      "username: username-invalid",
      "nothing-verified",
      "name: value-unsafe-in-csv",
    ]);
    expect(user.username).toBe("a b");
    expect(user.notSent?.causes).toHaveLength(1);
  });

  test("is of two classes, and one of them is passed over", () => {
    const policies = { deleted: "create", serviceAccounts: "create" } as const;
    for (const second of [{ anonymous: true }, google]) {
      const user = decide({ deleted: true, robot: true, ...second }, { ...rules, policies });
      expect(user.notSent?.kind).toBe("skipped");
    }
    expect(decide({ deleted: true, robot: true }, { ...rules, policies }).route).toBe("import-job");
  });

  test("but is passed over, is told of nothing else", () => {
    const user = decide({ ...google, username: "", email_verified: false }, rules);
    expect(codes(user)).toEqual(["user-social-only"]);
  });

  test("counts as no such user when its flag cannot be read, and that is said", () => {
    const user = decide({ deleted: "since May" }, rules);
    expect(codes(user)).toEqual(["deleted: flag-unreadable"]);
    expect(user.route).toBe("import-job");
  });
});

describe("a disabled user", () => {
  const config = { disabled: "blocked" };

  test("goes without its password hash, since it could sign in until it is disabled", () => {
    const hash = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
    const decideUser = aDecider({ config: { ...config, passwordHash: "hash" } });
    const user = decideUser(aRow({ blocked: true, hash }));
    expect(user.passwordHash).toBeUndefined();
    expect(codes(user)).toEqual(["password-withheld"]);
    expect(decideUser(aRow({ blocked: false, hash })).passwordHash?.value).toBe(hash);
  });

  test("is created and disabled, before all else that is done to it", () => {
    const user = decide({ blocked: true, roles: ["crew"] }, { config: { ...config, groups: "roles" } });
    expect(user).toMatchObject({ route: "import-job", issues: [] });
    expect(user.followUps).toEqual([{ kind: "disable" }, { kind: "add-to-group", group: "crew" }]);
  });

  test("is skipped where the policy says so", () => {
    const user = decide({ blocked: true }, { config, policies: { disabled: "skip" } });
    expect(codes(user)).toEqual(["user-disabled"]);
    expect(user).toMatchObject({ route: "none", notSent: { kind: "skipped" }, followUps: [] });
  });

  test.each<[unknown]>([["since May"], [{}], [["yes"]]])("is one whose flag %j cannot be read", (blocked) => {
    const user = decide({ blocked: blocked as JsonObject[string] }, { config });
    expect(codes(user)).toEqual(["disabled: flag-unreadable"]);
    expect(user.followUps).toEqual([{ kind: "disable" }]);
  });

  test.each<[unknown, boolean]>([
    [true, false],
    ["no", true],
    ["odd", true],
    [undefined, false],
  ])("is one whose enabled flag is %j: %j", (active, isDisabled) => {
    const fields = active === undefined ? {} : { active: active as JsonObject[string] };
    const user = decide(fields, { config: { enabled: "active" } });
    expect(user.followUps).toEqual(isDisabled ? [{ kind: "disable" }] : []);
  });
});

describe("the groups of a user", () => {
  const config: Mapping = { groups: "roles" };

  test("are follow-ups, each once and in order", () => {
    const user = decide({ roles: ["crew", " cook ", "crew", "", null] }, { config });
    expect(user.followUps).toEqual([
      { kind: "add-to-group", group: "crew" },
      { kind: "add-to-group", group: "cook" },
    ]);
  });

  test("leave out a name that Cognito does not take, and say so", () => {
    const user = decide({ roles: ["ship's crew", { name: "x" }, "cook"] }, { config });
    expect(codes(user)).toEqual(["groups: group-invalid", "groups: group-invalid"]);
    expect(user.followUps).toEqual([{ kind: "add-to-group", group: "cook" }]);
  });

  test("may be at most a hundred, and none is dropped unasked", () => {
    const roles = Array.from({ length: 101 }, (_, index) => `g${index}`);
    expect(codes(decide({ roles: roles.slice(1) }, { config }))).toEqual([]);
    const user = decide({ roles }, { config });
    expect(codes(user)).toEqual(["groups: groups-too-many"]);
    expect(user.notSent?.kind).toBe("rejected");
  });

  test("are the same when Unicode says so, and have at most 128 characters", () => {
    const roles = ["e\u0301", "\u00e9", "a".repeat(128), "b".repeat(129)];
    const user = decide({ roles }, { config: { groups: "roles" } });
    expect(user.followUps).toEqual([
      { kind: "add-to-group", group: "\u00e9" },
      { kind: "add-to-group", group: "a".repeat(128) },
    ]);
    expect(codes(user)).toEqual(["groups: group-invalid"]);
  });

  test("can be cleaned of spaces and slashes", () => {
    const cleaned: Mapping = { groups: { from: "roles", clean: "-" } };
    const user = decide({ roles: ["/Eng/Core Team/", "a  b"] }, { config: cleaned });
    expect(user.followUps).toMatchObject([{ group: "Eng-Core-Team" }, { group: "a-b" }]);
  });

  test("can be called by their own part of a distinguished name, however the rest of it is written", () => {
    const decideUser = aDecider({ config: { groups: { from: "memberOf", rdn: true, clean: "-" } } });
    const groupsOf = (...memberOf: readonly string[]) => decideUser(aRow({ memberOf })).followUps;
    expect(groupsOf("CN=Ship Crew,OU=A,DC=b", "cn=R\\C3\\A9mi\\, Co,ou=a", "plain")).toMatchObject([
      { group: "Ship-Crew" },
      { group: "Rémi,-Co" },
      { group: "plain" },
    ]);
    expect(groupsOf("cn=ship crew, ou=a, dc=B")).toMatchObject([{ group: "ship-crew" }]);
    expect(() => groupsOf("CN=Ship Crew,OU=Other,DC=b")).toThrow(
      "The source's groups CN=Ship Crew,OU=A,DC=b and CN=Ship Crew,OU=Other,DC=b would both become the group Ship-Crew",
    );
  });

  test("stop the plan when two of them would become one", () => {
    const decideUser = aDecider({ config: { groups: { from: "roles", clean: "-" } } });
    decideUser(aRow({ roles: ["/Eng/Core"] }));
    decideUser(aRow({ roles: ["/Eng/Core"] }));
    expect(() => decideUser(aRow({ roles: ["Eng-Core"] }))).toThrow(
      "The source's groups /Eng/Core and Eng-Core would both become the group Eng-Core",
    );
  });

  test("stop the plan when there are more than a pool can have", () => {
    const decideUser = aDecider({ config });
    const batch = (start: number) => Array.from({ length: 100 }, (_, index) => `g${start + index}`);
    for (let start = 0; start < 10_000; start += 100) decideUser(aRow({ roles: batch(start) }));
    expect(() => decideUser(aRow({ roles: ["one-more"] }))).toThrow("more than 10000 groups");
  });
});

describe("a user's second factor", () => {
  const phone = { phone_number: "+48601555010" };
  const optional = aPool({ mfa: "OPTIONAL" });
  const config: Mapping = { mfa: "mfa" };

  test.each<[JsonObject, Pool, boolean, readonly string[]]>([
    [{ mfa: true, ...phone }, optional, true, []],
    [{ mfa: "SMS", ...phone }, optional, true, []],
    [{ mfa: ["sms", "google-authenticator"], ...phone }, optional, true, ["mfa: mfa-not-importable"]],
    [{ mfa: "totp", ...phone }, optional, false, ["mfa: mfa-not-importable"]],
    [{ mfa: true }, optional, false, ["mfa: mfa-unavailable"]],
    [{ mfa: true, ...phone }, aPool({ mfa: "OFF" }), false, ["mfa: mfa-unavailable"]],
    [{ mfa: "none", ...phone }, optional, false, []],
    [{ mfa: [], ...phone }, optional, false, []],
    [{ ...phone }, optional, false, []],
  ])("%j", (fields, pool, smsMfa, expected) => {
    const user = decide(fields, { pool, config });
    expect(user.smsMfa).toBe(smsMfa);
    expect(codes(user)).toEqual(expected);
    // The import job has a column for it.
    expect(user.followUps).toEqual([]);
  });

  test("is a follow-up for a user who goes by AdminCreateUser", () => {
    const user = decide({ mfa: true, ...phone, email_verified: false }, { pool: optional, config });
    expect(user).toMatchObject({ route: "admin-create", followUps: [{ kind: "set-mfa" }] });
  });
});

test("a user of whom no lookup says whether it is disabled counts as disabled, which is said", () => {
  const user = decide({ state: "odd" }, { config: { disabled: { lookup: "state", table: { on: false } } } });
  expect(codes(user)).toEqual(["disabled: flag-unreadable"]);
  expect(user.followUps).toEqual([{ kind: "disable" }]);
});

test.each(["", " ", null])("a user of whom %j says whether it is active is not disabled", (active) => {
  for (const config of [{ enabled: "active" }, { disabled: { not: "active" } }]) {
    expect(decide({ active }, { config })).toMatchObject({ issues: [], followUps: [] });
  }
});

describe("a random permanent password", () => {
  const policies = { passwordAfterCreate: "random-permanent" } as const;

  test.each([
    ["a user who goes by AdminCreateUser", { email_verified: false }, policies, ["set-password"]],
    ["nobody where the policy leaves them alone", { email_verified: false }, {}, []],
    ["nobody who goes by an import job", {}, policies, []],
  ] as const)("is set for %s", (_, fields, stated, kinds) => {
    const { followUps } = decide(fields, { policies: stated });
    expect(followUps.map(({ kind }) => kind)).toEqual(kinds);
  });

  test("comes after the user was disabled, and before anything else", () => {
    const config: Mapping = { disabled: "off", groups: "teams" };
    const fields = { email_verified: false, off: true, teams: ["crew"] };
    const { followUps } = decide(fields, { policies, config });
    expect(followUps.map(({ kind }) => kind)).toEqual(["disable", "set-password", "add-to-group"]);
  });
});

describe("a plain-text password", () => {
  const config: Mapping = { password: "word" };

  test("is taken as it is written, and stands nowhere else", () => {
    const user = decide({ word: " my Ünlikely\u00a0word " }, { config });
    expect(user).toMatchObject({ password: " my Ünlikely\u00a0word ", route: "import-job", issues: [] });
    expect(user.followUps).toEqual([{ kind: "set-own-password" }]);
    expect(JSON.stringify({ ...user, password: undefined })).not.toContain("likely");
  });

  test.each<[JsonObject["x"], string | undefined, readonly string[]]>([
    [20_241_224, "20241224", []],
    ["", undefined, []],
    [null, undefined, []],
    ["!bang", "!bang", []],
    ["a$b$c", "a$b$c", []],
    [1e21, undefined, ["password: number-inexact"]],
    [{ a: 1 }, undefined, ["password: attribute-type"]],
    [true, undefined, ["password: attribute-type"]],
    ["pbkdf2_sha256$720000$salt$x", undefined, ["password: password-looks-hashed"]],
    ["{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr", undefined, ["password: password-looks-hashed"]],
  ])("%j is read as %j", (word, password, expected) => {
    const user = decide({ word }, { config });
    expect(user.password).toBe(password);
    expect(codes(user)).toEqual(expected);
  });

  test("is never the same for everyone", () => {
    expect(() => decide({}, { config: { password: { constant: "welcome" } } })).toThrow(
      "mapping.password gives everyone the same password",
    );
  });

  test("is not kept of a user who is not sent", () => {
    const user = decide({ word: "mine", email: "none" }, { config, policies: { unimportable: "reject" } });
    expect(user).toMatchObject({ route: "none", password: undefined, followUps: [] });
  });

  test("makes another password after AdminCreateUser needless", () => {
    const policies = { passwordAfterCreate: "reset-required" } as const;
    const user = decide({ word: "mine", email_verified: false }, { config, policies });
    expect(user).toMatchObject({ route: "admin-create", followUps: [{ kind: "set-own-password" }] });
    expect(codes(user)).not.toContain("reset-code-undeliverable");
  });
});

describe("a reset password", () => {
  const policies = { passwordAfterCreate: "reset-required", unsafeValues: "admin-create" } as const;
  const unsafe = { name: "a\nb" };
  const config: Mapping = { disabled: "off", groups: "teams", mfa: "mfa" };

  test.each<[string, JsonObject, readonly string[], readonly string[]]>([
    ["comes last", { ...unsafe, teams: ["crew"] }, ["set-password", "add-to-group", "reset-password"], []],
    ["needs a verified contact", { email_verified: false }, ["set-password"], ["reset-code-undeliverable"]],
    ["is nothing for a disabled user", { ...unsafe, off: true }, ["disable", "set-password"], []],
    ["is nothing for a user of an import job", {}, [], []],
  ])("%s", (_, fields, kinds, expected) => {
    const { followUps, issues } = decide(fields, { policies, config });
    expect(followUps.map(({ kind }) => kind)).toEqual(kinds);
    expect(issues.map(({ code }) => code).filter((code) => code.startsWith("reset-"))).toEqual(expected);
  });
});

describe("a user's password hash", () => {
  const config: Mapping = { passwordHash: "legacy.h" };
  const bcrypt = "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

  test("is imported in the spelling that the job takes, and stands nowhere else", () => {
    const user = decide({ legacy: { h: ` ${bcrypt} ` } }, { config });
    expect(user.passwordHash).toEqual({ algorithm: "BCRYPT", value: bcrypt });
    expect(user).toMatchObject({ route: "import-job", issues: [] });
    expect(JSON.stringify({ ...user, passwordHash: undefined })).not.toContain("N9qo8uLOickgx2ZMRZoMye");
  });

  test.each<[string, JsonObject, string]>([
    ["costs too much", { h: bcrypt.replace("$10$", "$13$") }, "passwordHash: password-hash-over-limit"],
    [
      "is none that Cognito takes",
      { h: "$P$B123456789012345678901234567890" },
      "passwordHash: password-hash-unsupported",
    ],
    ["is cut", { h: bcrypt.slice(0, 40) }, "passwordHash: password-hash-damaged"],
  ])("that %s is lost, which is said, and the user is kept", (_what, legacy, expected) => {
    const user = decide({ legacy }, { config });
    expect(user.passwordHash).toBeUndefined();
    expect(codes(user)).toEqual([expected]);
    expect(user.route).toBe("import-job");
    expect(JSON.stringify(user.issues)).not.toContain(legacy["h"]);
  });

  test.each<[JsonObject]>([[{ h: "" }], [{ h: null }], [{ h: "!unusable" }], [{}]])(
    "that is %j is none, and nothing is lost",
    (legacy) => {
      expect(decide({ legacy }, { config })).toMatchObject({ passwordHash: undefined, issues: [] });
    },
  );

  test("does not stay with a user who is rejected, skipped, or too long for an import job", () => {
    const legacy = { h: bcrypt };
    for (const fields of [{ username: "" }, { blocked: true }]) {
      const settings = {
        config: { ...config, disabled: "blocked" },
        policies: { disabled: "skip" },
      } as const;
      expect(decide({ legacy, ...fields }, settings)).toMatchObject({
        route: "none",
        passwordHash: undefined,
      });
      expect(decide({ legacy }, settings).route).toBe("import-job");
    }
  });

  test("counts in the length of its row", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `custom:${name}`);
    const pool = aPool({ custom: names.map((name) => anAttribute(name)) });
    const values = Object.fromEntries(names.slice(0, 3).map((name) => [name, "y".repeat(2_048)]));
    const long = `1024$8$1$${"ab".repeat(16)}$${"ab".repeat(5_000)}`;
    expect(codes(decide({ ...values, legacy: { h: long } }, { config, pool }))).toEqual([
      "row-too-long",
      "password-not-carried",
    ]);
  });

  test("cannot go with a user who goes by AdminCreateUser, which is said", () => {
    const user = decide({ legacy: { h: bcrypt }, email_verified: false }, { config });
    expect(user).toMatchObject({ route: "admin-create", passwordHash: undefined });
    expect(codes(user)).toEqual(["nothing-verified", "password-not-carried"]);
  });

  test("is left behind where the policy says so", () => {
    const user = decide({ legacy: { h: bcrypt } }, { config, policies: { passwordHashes: "drop" } });
    expect(user).toMatchObject({ route: "import-job", passwordHash: undefined, issues: [] });
  });
});

describe("when a user was changed", () => {
  const config: Mapping = { changedAt: "seen" };

  test.each<[JsonObject, Mapping, number | undefined, readonly string[]]>([
    [{ updated_at: 1738367999 }, {}, 1_738_367_999_000, []],
    [{}, {}, undefined, []],
    [{ seen: "2025-01-31T23:59:59Z", updated_at: 5 }, config, 1_738_367_999_000, []],
    [{ seen: "" }, config, undefined, []],
    [{ seen: "2025-01-31" }, config, 1_738_281_600_000, []],
    [{ seen: "2025-01-31 23:59" }, config, undefined, ["changedAt: date-invalid"]],
    [{ seen: 1738367999 }, config, undefined, ["changedAt: date-invalid"]],
    [{ seen: 1738367999123 }, { changedAt: { date: "seen", format: "epoch-ms" } }, 1_738_367_999_123, []],
    [
      { seen: "x" },
      { changedAt: { date: "seen", format: "epoch-ms" } },
      undefined,
      ["changedAt: date-invalid"],
    ],
  ])("by %j and %j is %j", (fields, mapping, expected, issues) => {
    const user = decide(fields, { config: mapping });
    expect(user.changedAt).toBe(expected);
    expect(codes(user)).toEqual(issues);
  });
});

describe("values that the operator wants otherwise", () => {
  test("keep the case of addresses, also where they are usernames", () => {
    const pool = aPool({ usernameAttributes: ["email"] });
    const user = decide(
      { username: "Ada@Example.com", email: "Ada@Example.com" },
      { pool, config: { lowerCaseEmail: false } },
    );
    expect(user.username).toBe("Ada@Example.com");
    expect(user.issues).toEqual([]);
  });

  test("get a country where they name none", () => {
    const user = decide({ phone_number: "030 555 00101" }, { config: { phoneCountry: "DE" } });
    expect(new Map(user.attributes).get("phone_number")).toBe("+493055500101");
  });

  test("have spaces in the place of line breaks", () => {
    const user = decide({ name: "Ada\r\nNowak" }, { config: { lineBreaks: "space" } });
    expect(new Map(user.attributes).get("name")).toBe("Ada Nowak");
    expect(user.route).toBe("import-job");
  });
});

describe("an attribute that the pool never lets be changed", () => {
  const pool = aPool({ custom: [anAttribute("custom:tenant", { mutable: false, max: 4 })] });

  test("is not left out: its user is rejected", () => {
    const user = decide({ "custom:tenant": "a-long-one" }, { pool });
    expect(codes(user)).toEqual(["custom:tenant: attribute-too-long", "custom:tenant: attribute-immutable"]);
    expect(user.notSent?.kind).toBe("rejected");
  });

  test("may be empty", () => {
    expect(decide({ "custom:tenant": "" }, { pool })).toMatchObject({ route: "import-job", issues: [] });
  });
});

describe("users of other providers", () => {
  const config = { socialOnly: { path: "identities[*].provider", noneOf: ["auth0"] } };

  const linked: Mapping = {
    ...config,
    linkedProviders: {
      list: "identities",
      provider: "provider",
      subject: "user_id",
      names: { "google-oauth2": "Google", okta: "Okta" },
    },
  };

  test("are not social-only where a rule in the place of the path says so", () => {
    const path = { unless: { present: "hash" }, value: "identities[*].provider" };
    const settings = { config: { socialOnly: { path, noneOf: [] } } };
    const identities = [{ provider: "google-oauth2" }];
    expect(codes(decide({ identities }, settings))).toEqual(["user-social-only"]);
    expect(codes(decide({ identities, hash: "" }, settings))).toEqual(["user-social-only"]);
    expect(decide({ identities, hash: "x" }, settings).route).toBe("import-job");
  });

  test("are created linked to their providers where the policy says so", () => {
    const identities = [
      { provider: "google-oauth2", user_id: 109 },
      { provider: "windowslive", user_id: "w" },
      { provider: "okta", user_id: "00u" },
    ];
    const user = decide({ identities }, { config: linked, policies: { socialOnly: "link" } });
    expect(user).toMatchObject({ route: "import-job", issues: [] });
    expect(user.followUps).toEqual([
      { kind: "link-provider", provider: "Google", subject: "109" },
      { kind: "link-provider", provider: "Okta", subject: "00u" },
    ]);
  });

  test.each<[string, JsonObject[], readonly string[], string]>([
    ["none of them is in the pool", [{ provider: "x", user_id: "1" }], ["provider-unmapped"], "rejected"],
    [
      "an identity has no id",
      [{ provider: "okta" }],
      ["linkedProviders: identity-invalid", "provider-unmapped"],
      "rejected",
    ],
    [
      "an id has half a character",
      [{ provider: "okta", user_id: "00u\ud83e" }],
      ["linkedProviders: identity-invalid", "provider-unmapped"],
      "rejected",
    ],
    [
      "there are more than five",
      Array.from({ length: 6 }, (_, index) => ({ provider: "okta", user_id: `${index}` })),
      ["linkedProviders: identities-too-many"],
      "rejected",
    ],
  ])("are not linked when %s", (_what, identities, expected, kind) => {
    const user = decide({ identities }, { config: linked, policies: { socialOnly: "link" } });
    expect(codes(user)).toEqual(expected);
    expect(user.notSent?.kind).toBe(kind);
  });

  test("may be five, with spaces around their names and ids", () => {
    const identities = Array.from({ length: 5 }, (_, index) => ({
      provider: " okta ",
      user_id: ` ${index} `,
    }));
    const user = decide({ identities }, { config: linked, policies: { socialOnly: "link" } });
    expect(user.issues).toEqual([]);
    expect(user.followUps.at(-1)).toEqual({ kind: "link-provider", provider: "Okta", subject: "4" });
  });

  test("cannot be linked without a rule that names the pool's providers", () => {
    expect(() => aDecider({ config, policies: { socialOnly: "link" } })).toThrow(
      "policies.socialOnly is link, and no rule says to which of the pool's providers",
    );
  });

  test.each<[string, JsonObject]>([
    ["one of their own is native", { identities: [{ provider: "google-oauth2" }, { provider: "auth0" }] }],
    ["the list is empty", { identities: [] }],
    ["the list is missing", {}],
    ["the list is null", { identities: null }],
    ["the provider is blank", { identities: [{ provider: " " }, { provider: null }] }],
    ["the provider has spaces around it", { identities: [{ provider: " auth0 " }] }],
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
      notSent: { kind: "rejected", causes: [issue] },
      issues: [issue],
      claims: undefined,
      sourceRow: "",
    });
  });
});

test("a document that is nested without end stops nobody else, whether this Node can write it or not", () => {
  const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`) as JsonObject[string];
  const config: Mapping = { username: "username", attributes: { name: { json: "deep" } } };
  const user = decide({ deep }, { config });
  expect(codes(user)).toEqual([expect.stringMatching(/^(row-unreadable|name: attribute-too-long)$/)]);
  expect(new Map(user.attributes).has("name")).toBe(false);
});

describe("a number of which digits were lost", () => {
  const long = 2 ** 53;

  test.each<[string, JsonObject, Mapping, readonly string[]]>([
    ["is no username", { username: long }, {}, ["username: username-missing"]],
    ["is no id of the source", { sub: 1e21 }, {}, ["sourceId: number-inexact"]],
    ["is no group", { roles: ["crew", long] }, { groups: "roles" }, ["groups: number-inexact"]],
    [
      "is no identity",
      { provider: "google", subject: long },
      { linkedProviders: { provider: "provider", subject: "subject", names: { google: "Google" } } },
      ["linkedProviders: identity-invalid"],
    ],
    ["is no part of an address", { address: { street_address: long } }, {}, ["address: number-inexact"]],
  ])("%s, as it would be another one", (_what, fields, config, expected) => {
    const pool = aPool({ custom: [anAttribute("address")] });
    const user = decide(fields, { pool, config });
    expect(codes(user)).toEqual(expected);
    expect(JSON.stringify({ ...user, sourceRow: "" })).not.toMatch(/9007199254740992|1e\+21/);
  });

  test("leaves the user's other groups", () => {
    const user = decide({ roles: ["crew", long] }, { config: { groups: "roles" } });
    expect(user.followUps).toEqual([{ kind: "add-to-group", group: "crew" }]);
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
    [" ", undefined],
  ])("of the source id %j is %j", (sub, expected) => {
    expect(decide({ sub: sub as JsonObject[string] }).sourceId).toBe(expected);
  });

  test("of a source id with half a character is nothing, and that is said", () => {
    const user = decide({ sub: "s\ud83e" });
    expect(user.sourceId).toBeUndefined();
    expect(codes(user)).toEqual(["sourceId: attribute-type"]);
  });

  test("of a source id that is a list is nothing, and that is said", () => {
    const user = decide({ sub: ["s-1"] });
    expect(user.sourceId).toBeUndefined();
    expect(codes(user)).toEqual(["sourceId: attribute-type"]);
  });
});
