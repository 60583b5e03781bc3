import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { JsonValue } from "../../src/core/row.ts";
import { sourceTypeNamed } from "../../src/extract/sources.ts";
import { createSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import type { StatedPolicies } from "../../src/transform/policies.ts";
import { someFacts } from "../support/builders.ts";
import {
  aDecider,
  anAttribute,
  aPool,
  aRow,
  rowsOf,
  type PoolSettings,
  sentAttributes,
} from "../support/builders.ts";
import { aFile, aFolder } from "../support/files.ts";
import { listOf } from "../support/list-of.ts";

/** What is said beside the file. */
interface Settings {
  readonly type?: "csv" | "ndjson" | "json";
  readonly pool?: PoolSettings;
  readonly config?: Mapping;
  readonly policies?: StatedPolicies;
}

/** Decides the users of a file, read by its source. */
async function planFile(
  content: string | Uint8Array,
  settings: Settings = {},
): Promise<readonly PlannedUser[]> {
  const { type = "csv", pool, ...rules } = settings;
  await using source = await sourceTypeNamed(type).open(aFile(content, "users.json"), {});
  const decide = aDecider({ ...rules, shape: source.shape, pool: aPool(pool) });
  return (await rowsOf(source)).map((row) => decide(row));
}

/** Decides one user of a document, with these fields on top of a name and a verified address. */
function decideOne(fields: Record<string, JsonValue>, { pool, ...rules }: Settings = {}): PlannedUser {
  return aDecider({ ...rules, pool: aPool(pool) })(aRow(fields));
}

/** A user's end and the codes of its issues, as in "rejected: row-ragged". */
function verdict({ route, notSent, issues }: PlannedUser): string {
  return [notSent?.kind ?? route, issues.map(({ code }) => code).join(" ")].filter(Boolean).join(": ");
}

function sent(user: PlannedUser, name: string): string | undefined {
  return sentAttributes(user).get(name);
}

describe("a row of another width than the header", () => {
  const HEADER = "username,email,email_verified,phone_number,picture\n";
  const good = (name: string): string => `${name},${name}@example.com,true,+48601555010,${name}.png\n`;

  test.each<[string, string, string]>([
    ["is one field short", "mallory,m@example.com,true,m.png\n", "line 3 has 4 fields, the header 5"],
    [
      "has one field too many",
      "mallory,m@example.com,true,+48601555011,m.png,x\n",
      "line 3 has 6 fields, the header 5",
    ],
    [
      "ends in a comma",
      "mallory,m@example.com,true,+48601555011,m.png,\n",
      "line 3 has 6 fields, the header 5",
    ],
    ["is a title", "Page 2 of 7\n", "line 3 has 1 fields, the header 5"],
    [
      "has a comma that is not quoted",
      "mallory,m@example.com,true,+48601555011,m, jr.png\n",
      "line 3 has 6 fields, the header 5",
    ],
  ])(
    "is rejected with its line when it %s, and nobody else is changed by it",
    async (_what, line, message) => {
      const [ada, mallory, bo] = await planFile(HEADER + good("ada") + line + good("bo"));
      expect(mallory).toMatchObject({
        username: undefined,
        attributes: [],
        sourceRow: "",
        issues: [{ message }],
      });
      const [alone] = await planFile(HEADER + good("ada"));
      expect(ada).toEqual(alone);
      expect(bo).toMatchObject({ seq: 3, line: 4, username: "bo", route: "import-job" });
      expect(new Map(bo?.attributes)).toEqual(
        new Map([
          ["email", "bo@example.com"],
          ["email_verified", "true"],
          ["phone_number", "+48601555010"],
          ["picture", "bo.png"],
        ]),
      );
    },
  );

  test("whose quotes are broken stops the read, as nothing after it can be trusted", async () => {
    await expect(planFile(`${HEADER}ada,"a"@example.com,true,,\n${good("bo")}`)).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
    });
  });
});

describe("two people who would be one account", () => {
  test.each<[string, PoolSettings, readonly string[], readonly number[]]>([
    ["names in other case", {}, ["Ada,a@example.com", "ADA,b@example.com", "bo,c@example.com"], [1, 2]],
    ["names in other code points", {}, ["jos\u00e9,a@example.com", "jose\u0301,b@example.com"], [1, 2]],
    [
      "one verified address",
      { aliasAttributes: ["email"] },
      ["a,Ada@example.com", "b,ada@Example.com"],
      [1, 2],
    ],
    ["one address, where nobody signs in with it", {}, ["a,ada@example.com", "b,ada@example.com"], []],
    [
      "one username in a pool of addresses",
      { usernameAttributes: ["email"] },
      ["Ada@example.com,Ada@example.com", "ada@Example.com,ada@Example.com"],
      [1, 2],
    ],
  ])("by %s are found before anything is sent", async (_what, pool, lines, clashing) => {
    const content = ["username,email,email_verified", ...lines.map((line) => `${line},true`)].join("\n");
    const users = await planFile(`${content}\n`, { pool });
    await using ledger = await createSqliteLedger(join(aFolder(), "ledger.db"), someFacts());
    await ledger.addUsers(users);
    await ledger.rejectClashes("reject-all");
    expect((await listOf(ledger.clashes())).map(({ seq }) => seq)).toEqual(clashing);
    expect((await listOf(ledger.usersWithOutcome("rejected"))).map(({ seq }) => seq)).toEqual(clashing);
  });
});

describe("an address that nobody verified", () => {
  const ADDRESS: Mapping = { username: "username", attributes: { email: "email" } };

  test.each<[JsonValue, string | undefined]>([
    [true, "true"],
    ["TRUE", "true"],
    [false, "false"],
    ["", undefined],
    [null, undefined],
    ["2024-01-01", undefined],
    ["verified", undefined],
    [2, undefined],
  ])("stays so with the flag %j", (flag, expected) => {
    expect(sent(decideOne({ email_verified: flag }), "email_verified")).toBe(expected);
  });

  test("stays so when no rule reads a flag, and goes where no flag is needed", () => {
    const user = decideOne({}, { config: { attributes: { email_verified: null } } });
    expect(verdict(user)).toBe("admin-create: nothing-verified");
    expect(sent(user, "email_verified")).toBeUndefined();
  });

  test.each<[string, NonNullable<Mapping["attributes"]>[string]]>([
    ["a constant", { constant: true }],
    ["its own presence", { present: "email" }],
    ["a template", { template: "{email}" }],
    ["a lookup that falls back to yes", { lookup: "status", table: {}, otherwise: true }],
  ])("is not called verified by %s", (_what, rule) => {
    const attributes = { ...ADDRESS.attributes, email_verified: rule };
    expect(() => aDecider({ config: { ...ADDRESS, attributes } })).toThrow(
      "could call an address or number verified",
    );
  });

  test("is trusted where the config says so, for that contact alone", () => {
    const attributes = {
      email: "email",
      email_verified: { trustSource: true },
      phone_number: "phone",
    } as const;
    const user = decideOne({ phone: "+48601555010" }, { config: { username: "username", attributes } });
    expect(sent(user, "email_verified")).toBe("true");
    expect(sent(user, "phone_number_verified")).toBeUndefined();
  });
});

describe("a user whom no code can reach", () => {
  const either: Settings = { pool: { autoVerified: ["email", "phone_number"] } };

  test.each<[Record<string, JsonValue>, Settings, string]>([
    [{ email: null }, {}, "admin-create: no-contact"],
    [{ email: "" }, either, "admin-create: no-contact"],
    [{ email_verified: false }, {}, "admin-create: nothing-verified"],
    [
      { email: null, phone_number: "+48601555010", phone_number_verified: true },
      {},
      "admin-create: nothing-verified",
    ],
    [{ email: null, phone_number: "+48601555010", phone_number_verified: true }, either, "import-job"],
    [{ email: null }, { policies: { unimportable: "reject" } }, "rejected: no-contact"],
  ])("with %j is told from the others", (fields, settings, expected) => {
    expect(verdict(decideOne(fields, settings))).toBe(expected);
  });
});

describe("a phone number as people write it", () => {
  test.each<[JsonValue, string | undefined, string | undefined, string]>([
    ["+48 601-555.010", undefined, "+48601555010", "import-job"],
    ["+81 965-431-3024", undefined, "+819654313024", "import-job"],
    ["+55 (12) 3923-5555", undefined, "+551239235555", "import-job"],
    ["555-415-1337", undefined, undefined, "import-job: phone-not-e164"],
    ["415-555-1337", "US", "+14155551337", "import-job"],
    ["48601555010", undefined, undefined, "import-job: phone-not-e164"],
    ["1-770-736-8031 x56442", "US", undefined, "import-job: phone-extension"],
    ["call the office", "US", undefined, "import-job: phone-invalid"],
    ["+1", undefined, undefined, "import-job: phone-invalid"],
  ])("%j, of the country %s, is %j, and its user is kept", (phone, phoneCountry, expected, end) => {
    const attributes = { email: "email", email_verified: "email_verified", phone_number: "phone" };
    const config = {
      username: "username",
      attributes,
      ...(phoneCountry === undefined ? {} : { phoneCountry }),
    };
    const user = decideOne({ phone }, { config });
    expect(sent(user, "phone_number")).toBe(expected);
    expect(verdict(user)).toBe(end);
  });
});

describe("a user who may not sign in", () => {
  test.each<[Mapping, Record<string, JsonValue>, readonly string[]]>([
    [{ disabled: "blocked" }, { blocked: true }, ["disable"]],
    [{ disabled: "blocked" }, { blocked: "odd" }, ["disable"]],
    [{ disabled: "blocked" }, { blocked: null }, []],
    [{ enabled: "active" }, { active: 0 }, ["disable"]],
    [{ enabled: "active" }, { active: "yes" }, []],
    [{ disabled: { present: "locked_at" } }, { locked_at: "2024-01-01" }, ["disable"]],
    [
      { disabled: "blocked", groups: "roles" },
      { blocked: true, roles: ["crew"] },
      ["disable", "add-to-group"],
    ],
  ])("by %j with %j is disabled before anything else", (rule, fields, steps) => {
    const attributes = { email: "email", email_verified: "email_verified" };
    const user = decideOne(fields, { config: { username: "username", attributes, ...rule } });
    expect(user.followUps.map(({ kind }) => kind)).toEqual(steps);
  });
});

describe("a secret", () => {
  const SECRET = "correct-horse";

  test.each<[string, string]>([
    ["password", `username,email,email_verified,password\nada,a@example.com,true,${SECRET}\n`],
    ["totp_secret", `username,email,email_verified,totp_secret\nada,a@example.com,true,${SECRET}\n`],
    ["security answer", `username,email,email_verified,Security Answer\nada,a@example.com,true,${SECRET}\n`],
    ["row that cannot be read", `username,email,email_verified\nada,a@example.com,true\nbo,${SECRET}\n`],
    [
      "birthdate that is none",
      `username,email,email_verified,birthdate,password\nada,a@example.com,true,x,${SECRET}\n`,
    ],
  ])("in a %s stands in nothing that is kept or said", async (_what, content) => {
    expect(JSON.stringify(await planFile(content))).not.toContain(SECRET);
  });

  test("in a document stands in nothing that is kept or said, at any depth", async () => {
    const row = {
      username: "ada",
      credentials: [SECRET],
      mfa: [{ totp: { seed: SECRET } }],
      deep: { salt: SECRET },
    };
    const users = await planFile(`${JSON.stringify(row)}\n${JSON.stringify({ username: "bo" })}\n`, {
      type: "ndjson",
    });
    expect(JSON.stringify(users)).not.toContain(SECRET);
  });
});

describe("a user of other providers", () => {
  const config: Mapping = {
    username: "username",
    socialOnly: { path: "identities[*].provider", noneOf: ["own"] },
    linkedProviders: { list: "identities", provider: "provider", subject: "id", names: { google: "Google" } },
    attributes: { email: "email", email_verified: "email_verified" },
  };
  const google = { provider: "google", id: "109" };

  test.each<[JsonValue, StatedPolicies["socialOnly"], string, number]>([
    [[google], undefined, "skipped: user-social-only", 0],
    [[google], "create", "import-job", 1],
    [[google], "link", "import-job", 1],
    [[{ provider: "own", id: "1" }, google], undefined, "import-job", 1],
    [[{ provider: "github", id: "1" }], "link", "rejected: provider-unmapped", 0],
    [
      Array.from({ length: 5 }, (_, index) => ({ provider: "google", id: `${index}` })),
      "link",
      "import-job",
      5,
    ],
    [
      Array.from({ length: 6 }, (_, index) => ({ provider: "google", id: `${index}` })),
      "link",
      "rejected: identities-too-many",
      0,
    ],
  ])("%j with the policy %s is %s", (identities, socialOnly, expected, links) => {
    const policies = socialOnly === undefined ? {} : { socialOnly };
    const user = decideOne({ identities }, { config, policies });
    expect(verdict(user)).toBe(expected);
    expect(user.followUps.filter(({ kind }) => kind === "link-provider")).toHaveLength(links);
  });
});

describe("a time", () => {
  const epoch = { format: "epoch-ms" };

  test.each<[JsonValue, { format: string; zone?: string } | undefined, string | undefined]>([
    [1471453471, undefined, "1471453471"],
    ["1471453471.25", undefined, "1471453471"],
    [1471453471000, undefined, undefined],
    ["1471453471000", epoch, "1471453471"],
    [1471453471, epoch, "1471453"],
    [1471453471000, { format: "epoch-s" }, undefined],
    ["131159270710000000", { format: "filetime" }, "1471453471"],
    ["0", { format: "filetime" }, undefined],
    ["9223372036854775807", { format: "filetime" }, undefined],
    ["2016-08-17T17:04:31Z", undefined, "1471453471"],
    ["2016-08-17 17:04:31.000000+00", undefined, "1471453471"],
    ["2016-08-17 17:04:31", undefined, undefined],
    ["2016-08-17 17:04:31", { format: "iso" }, undefined],
    ["2016-08-17 19:04:31", { format: "iso", zone: "Europe/Paris" }, "1471453471"],
    ["1969-12-31T23:59:59Z", undefined, undefined],
    ["2100-01-01T00:00:00Z", undefined, undefined],
    ["08/17/2016", undefined, undefined],
  ])("%j, which the source writes as %j, is %j and never guessed", (value, date, expected) => {
    const attributes = {
      email: "email",
      email_verified: "email_verified",
      updated_at: date === undefined ? "when" : { date: "when", ...date },
    };
    const user = decideOne({ when: value }, { config: { username: "username", attributes } });
    expect(sent(user, "updated_at")).toBe(expected);
    expect(user.issues.map(({ attribute }) => attribute)).toEqual(
      expected === undefined ? ["updated_at"] : [],
    );
    expect(user.route).toBe("import-job");
  });
});

describe("a username that the pool does not take", () => {
  const config: Mapping = {
    username: { firstOf: ["username", { uuid: "username" }] },
    attributes: { email: "email", email_verified: "email_verified", "custom:legacy_username": "username" },
  };
  const aliases: PoolSettings = { aliasAttributes: ["email"] };
  const custom = [anAttribute("custom:legacy_username")];

  test.each<[string, PoolSettings, string]>([
    ["space cadet", {}, "username-invalid"],
    ["a".repeat(129), {}, "username-invalid"],
    ["bell\u0007", {}, "username-invalid"],
    ["Google_1", {}, "username-reserved"],
    ["SignInWithApple_000123.ab", {}, "username-reserved"],
    ["ada@example.com", aliases, "username-shaped-like-alias"],
  ])("%j is rejected with the reason, or replaced by rule and kept beside", (username, pool, code) => {
    expect(verdict(decideOne({ username }, { pool }))).toMatch(`rejected: ${code}`);
    const replaced = decideOne({ username }, { pool: { ...pool, custom }, config });
    expect(replaced.username).toMatch(/^[0-9a-f-]{36}$/);
    expect(replaced.notSent).toBeUndefined();
    expect(sent(replaced, "custom:legacy_username")).toBe(username);
  });
});

describe("a group's name", () => {
  const config: Mapping = { username: "username", groups: { from: "roles", clean: "-" } };

  test.each<[JsonValue, Mapping["groups"], readonly string[], string]>([
    [["ship's crew"], "roles", [], "import-job: group-invalid"],
    [["Ship Crew", "/Eng/Core/"], { from: "roles", clean: "-" }, ["Ship-Crew", "Eng-Core"], "import-job"],
    [["Ship Crew"], { lookup: "roles", table: { "Ship Crew": "crew" } }, ["crew"], "import-job"],
    [
      ["Ship Crew", "cook"],
      { lookup: "roles", table: { "Ship Crew": null }, keepOthers: true },
      ["cook"],
      "import-job",
    ],
    [["CN=Crew,OU=Ships,DC=example"], "roles", ["CN=Crew,OU=Ships,DC=example"], "import-job"],
    [["a".repeat(128)], "roles", ["a".repeat(128)], "import-job"],
    [["🦀".repeat(64)], "roles", ["🦀".repeat(64)], "import-job"],
    [["🦀".repeat(65)], "roles", [], "import-job: group-invalid"],
    [["a".repeat(129)], "roles", [], "import-job: group-invalid"],
    [[null, "", "crew", "crew"], "roles", ["crew"], "import-job"],
  ])("in %j by the rule %j", (roles, groups, expected, end) => {
    const user = decideOne({ roles }, { config: { username: "username", groups } });
    expect(
      user.followUps.map((followUp) => (followUp.kind === "add-to-group" ? followUp.group : "")),
    ).toEqual(expected);
    expect(verdict(user)).toBe(end);
  });

  test.each<[string, PoolSettings, boolean]>([
    ["one group", {}, true],
    ["two groups where case counts", { caseSensitive: true }, false],
  ])("and the same name in other case are %s", (_what, pool, isOne) => {
    const decide = aDecider({ pool: aPool(pool), config: { groups: "roles" } });
    decide(aRow({ roles: ["admin"] }));
    const decideOther = (): unknown => decide(aRow({ roles: ["Admin"] }));
    if (isOne)
      expect(decideOther).toThrow("The source's groups admin and Admin would both become the group Admin");
    else expect(decideOther).not.toThrow();
  });

  test("never becomes the name of another one", () => {
    const decide = aDecider({ config });
    decide(aRow({ roles: ["Ship Crew"] }));
    expect(() => decide(aRow({ roles: ["Ship-Crew"] }))).toThrow("would both become the group Ship-Crew");
  });
});

describe("a value longer than Cognito keeps", () => {
  test.each<[string, string]>([
    ["a picture in the text", `data:image/png;base64,${"A".repeat(50_000)}`],
    ["letters of two bytes", "é".repeat(1_025)],
    ["an address of many lines", "1 Quay Road, Gdynia; ".repeat(100)],
  ])("(%s) is left out whole, and its user is kept", (_what, value) => {
    const user = decideOne({ picture: value, name: "Ada" });
    expect(verdict(user)).toBe("import-job: attribute-too-long");
    expect(sent(user, "picture")).toBeUndefined();
    expect(sent(user, "name")).toBe("Ada");
  });
});

describe("a character that means something to a CSV or a spreadsheet", () => {
  test.each<[string, string]>([
    ["a, b", "import-job"],
    ["a\\, b", "import-job: value-set-after"],
    ['the "boss"', "import-job: value-set-after"],
    ["two\nlines", "import-job: value-set-after"],
    ["two\r\nlines", "import-job: value-set-after"],
    ["a\tb", "import-job: value-set-after"],
    ["=1+1", "import-job"],
    ["@SUM(A1)", "import-job"],
    ["'quoted", "import-job"],
    ["-", "import-job"],
    ["#1", "import-job"],
  ])("%j arrives as it is", (value, expected) => {
    const user = decideOne({ name: value });
    expect(sent(user, "name")).toBe(value);
    expect(verdict(user)).toBe(expected);
  });

  test("arrives as it is through a quoted cell of the source", async () => {
    const [user] = await planFile(
      'username,email,email_verified,name\nada,a@example.com,true,"=1, ""b""\nc"\n',
    );
    expect(user && sent(user, "name")).toBe('=1, "b"\nc');
  });

  test("is a space where the operator asks for that in place of line breaks", async () => {
    const config: Mapping = {
      username: "username",
      attributes: { email: "email", email_verified: "email_verified", name: "name" },
      lineBreaks: "space",
    };
    const content = 'username,email,email_verified,name\nada,a@example.com,true,"two\r\nlines"\n';
    const [user] = await planFile(content, { config });
    expect(user).toMatchObject({ route: "import-job", issues: [] });
    expect(user && sent(user, "name")).toBe("two lines");
  });
});

describe("a table as a spreadsheet, a shell or a portal writes it", () => {
  const LINES = [
    "username,email,email_verified,name",
    "ada,a@example.com,true,Zoë 陈",
    "bo,b@example.com,true,B",
  ];
  const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, "utf16le");

  test.each<[string, string | Uint8Array]>([
    ["UTF-8", LINES.join("\n")],
    ["a byte-order mark", `\ufeff${LINES.join("\n")}`],
    ["CRLF", `${LINES.join("\r\n")}\r\n`],
    ["a mark and CRLF", `\ufeff${LINES.join("\r\n")}\r\n`],
    ["lone CR", `${LINES.join("\r")}\r`],
    ["UTF-16LE", utf16(`${LINES.join("\r\n")}\r\n`)],
    ["UTF-16LE with tabs", utf16(`${LINES.join("\r\n").replaceAll(",", "\t")}\r\n`)],
    ["semicolons", LINES.join("\n").replaceAll(",", ";")],
    ["bars", LINES.join("\n").replaceAll(",", "|")],
    ["every cell in quotes", LINES.map((line) => `"${line.replaceAll(",", '","')}"`).join("\n")],
    ["empty lines", `${LINES.join("\n\n")}\n\n`],
    ["gzip", gzipSync(LINES.join("\n"))],
  ])("with %s is the same users", async (_what, content) => {
    const users = await planFile(typeof content === "string" ? Buffer.from(content) : content);
    expect(users.map(({ username, route }) => [username, route])).toEqual([
      ["ada", "import-job"],
      ["bo", "import-job"],
    ]);
    expect(users.map((user) => sent(user, "name"))).toEqual(["Zoë 陈", "B"]);
  });

  test.each<[string, string]>([
    ["a comment", "# exported on Monday"],
    ["a title", "Customers"],
  ])("with %s above the header is refused, and the line is not shown", async (_what, line) => {
    const failure = planFile(`${line}\n${LINES.join("\n")}\n`);
    await expect(failure).rejects.toMatchObject({ code: "SOURCE_FORMAT" });
    await expect(failure).rejects.not.toThrow(line);
  });
});

describe("a document under another name than its format's", () => {
  const USERS = [aRow({ username: "ada" }).record, aRow({ username: "bo" }).record];
  const ndjson = USERS.map((user) => `${JSON.stringify(user)}\n`).join("");

  test.each<[string, Settings["type"], string | Uint8Array]>([
    ["NDJSON", "ndjson", ndjson],
    ["NDJSON in gzip", "ndjson", gzipSync(ndjson)],
    ["an array", "json", JSON.stringify(USERS)],
    ["an array in gzip", "json", gzipSync(JSON.stringify(USERS))],
    ["an object around a list", "json", JSON.stringify({ kind: "users", users: USERS })],
    ["an indented object", "json", JSON.stringify({ users: USERS }, undefined, 2)],
  ])("is read by what it holds: %s", async (_what, type = "json", content) => {
    const users = await planFile(content, { type });
    expect(users.map(({ username, route }) => [username, route])).toEqual([
      ["ada", "import-job"],
      ["bo", "import-job"],
    ]);
  });

  test.each<[Settings["type"], string]>([
    ["json", ndjson],
    ["ndjson", JSON.stringify(USERS)],
    ["csv", JSON.stringify(USERS)],
    ["json", "username,email\nada,a@example.com\n"],
  ])("is refused by the source %s, and the right one is named", async (type = "json", content) => {
    await expect(planFile(content, { type })).rejects.toMatchObject({
      code: "SOURCE_FORMAT",
      hint: expect.stringContaining("--from ") as string,
    });
  });
});

describe("a value that means nothing", () => {
  test.each<[JsonValue | undefined, readonly string[] | undefined, string | undefined]>([
    [null, undefined, undefined],
    ["", undefined, undefined],
    [" \u00a0\ufeff", undefined, undefined],
    [undefined, undefined, undefined],
    ["NULL", undefined, "NULL"],
    ["NULL", ["NULL", "N/A"], undefined],
    [" N/A ", ["NULL", "N/A"], undefined],
    ["null", ["NULL"], "null"],
    ["Null Island", ["NULL", "Null"], "Null Island"],
    [0, undefined, "0"],
    [false, undefined, "false"],
  ])("%j, with the words %j for nothing, is sent as %j", (value, nullWords, expected) => {
    const attributes = { email: "email", email_verified: "email_verified", name: { firstOf: ["nick"] } };
    const config: Mapping = {
      username: "username",
      attributes,
      ...(nullWords === undefined ? {} : { nullWords: [...nullWords] }),
    };
    const user = decideOne(value === undefined ? {} : { nick: value }, { config });
    expect(sent(user, "name")).toBe(expected);
    expect(user).toMatchObject({ route: "import-job", issues: [] });
  });
});

describe("text that asks to be more than text", () => {
  test.each([
    "< file:///etc/passwd",
    ":< file:///etc/passwd",
    "=cmd|' /C calc'!A0",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "__proto__",
  ])("%j is data", (value) => {
    expect(sent(decideOne({ name: value }), "name")).toBe(value);
  });

  test("as the keys of a document is data, and changes nobody else", async () => {
    const evil =
      '{"username":"eve","email":"e@example.com","email_verified":true,"__proto__":{"name":"x","blocked":true},"constructor":{"prototype":{"name":"x"}}}';
    const users = await planFile(`${evil}\n${JSON.stringify(aRow().record)}\n`, { type: "ndjson" });
    expect(users.map((user) => [user.username, sent(user, "name")])).toEqual([
      ["eve", undefined],
      ["ada", undefined],
    ]);
    expect(users[0]?.sourceRow).toContain('"__proto__":{"name":"x","blocked":true}');
    expect({}).not.toHaveProperty("blocked");
  });
});
