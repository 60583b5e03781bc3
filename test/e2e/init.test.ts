import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

const LEGACY_ID = { Schema: [{ Name: "legacy_id", AttributeDataType: "String" as const, Mutable: true }] };

interface Written {
  readonly source: object;
  readonly mapping: { readonly attributes: Readonly<Record<string, unknown>> } & Readonly<
    Record<string, unknown>
  >;
}

/** The config that init prints for a file, and its text. */
async function initOf(file: string, ...flags: readonly string[]): Promise<{ text: string; config: Written }> {
  const { stdout, stderr, exitCode } = await runCli(["init", file, ...flags]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  return { text: stdout, config: parse(stdout) as Written };
}

describe.each<[string, { sent: number; rejected?: number; skipped?: number; byAdmin?: number }]>([
  ["fixtures/init/crm.csv", { sent: 0, byAdmin: 3 }],
  ["fixtures/init/clerk.csv", { sent: 1, byAdmin: 1 }],
  ["fixtures/init/devise.csv", { sent: 2, byAdmin: 1 }],
  ["fixtures/init/app.ndjson", { sent: 1, byAdmin: 1 }],
  ["fixtures/auth0/export-job.ndjson", { sent: 5, byAdmin: 2, skipped: 1 }],
])("the config that init writes for %s", (file, { sent, byAdmin = 0, skipped = 0 }) => {
  test.each([
    ["offline", false],
    ["with the pool", true],
  ])("is a plan as it stands, made %s", async (_how, withPool) => {
    const target = await aTarget(LEGACY_ID);
    const out = join(aFolder(), "ferry.yaml");
    const made = await runCli(["init", file, "--out", out, ...(withPool ? target.flags.slice(0, 4) : [])]);
    expect(made).toMatchObject({ exitCode: 0, stdout: "" });
    const runDir = join(aFolder(), "run");
    const flags = withPool ? [] : target.flags;
    const result = await runCli(["plan", "--config", out, ...flags, "--run-dir", runDir, "--json"]);
    expect(result.stderr).not.toContain("[");
    const { routes } = jsonOf(result);
    expect(routes).toMatchObject({
      "import-job": sent,
      ...(byAdmin === 0 ? {} : { "admin-create": byAdmin }),
      ...(skipped === 0 ? {} : { none: skipped }),
    });
  });

  test("holds no value of any field", async () => {
    const { text } = await initOf(file);
    const content = readFileSync(file, "utf8");
    expect(content).toMatch(/fixture-secret|Customer ID/);
    const names = file.endsWith("csv") ? (content.split("\n")[0] ?? "") : "";
    const values = [...content.slice(names.length).matchAll(/[\w.@+|-]{6,}/g)].map(([value]) => value);
    const named = new Set([...content.matchAll(/"(\w+)":/g)].map(([, key]) => key));
    for (const value of values.filter((each) => !named.has(each) && !WORDS.has(each)))
      expect(text, value).not.toContain(value);
  });
});

/** Values of the fixtures that are words of a config as well. */
const WORDS = new Set(["google-oauth2", "phone_number"]);

test("a CRM's table: fields by their names, doubts as comments", async () => {
  const { text, config } = await initOf("fixtures/init/crm.csv");
  expect(config.source).toEqual({ type: "csv", path: "fixtures/init/crm.csv" });
  expect(config.mapping).toEqual({
    username: { firstOf: ["E-Mail", "Customer ID"] },
    sourceId: "Customer ID",
    enabled: "Is Active",
    nullWords: ["N/A", "NULL"],
    attributes: {
      email: "E-Mail",
      phone_number: "Mobile",
      given_name: "First Name",
      family_name: "Last Name",
      birthdate: "Date of Birth",
      locale: "Language",
    },
  });
  for (const line of [
    "# CSV, separated by semicolon",
    "# ! Fields that read alike: E-Mail, e mail",
    "# Date of Birth: 33 % empty; dates as YYYY-MM-DD; null-like words: NULL",
    "# 1 of 2 are not written as + country code and digits",
    "# phoneCountry: DE",
    "# phone_number: { phone: Mobile, country: Country }",
    "# email_verified: { trustSource: true }",
    "# Modified: never empty; looks like epoch milliseconds",
    "# updated_at: { date: Modified, format: epoch-ms }",
    "#   Newsletter: 33 % empty; flags; null-like words: N/A",
  ])
    expect(text).toContain(line);
});

test("Clerk's export is recognised, and its preset proposed", async () => {
  const { text, config } = await initOf("fixtures/init/clerk.csv");
  expect(config.source).toEqual({ type: "clerk", path: "fixtures/init/clerk.csv" });
  expect(config.mapping).toMatchObject({
    passwordHash: { hash: "password_digest", hasher: "password_hasher", format: "clerk" },
    attributes: {
      email: "primary_email_address",
      email_verified: { listed: "primary_email_address", in: { split: "verified_email_addresses", at: "|" } },
    },
  });
  expect(text).toContain("its columns are those of Clerk's export");
  expect(text).toContain("#   unverified_email_addresses: 50 % empty");
});

test("lists like Clerk's, of no system that is known, verify the very addresses and numbers that stand in them", async () => {
  const content = readFileSync("fixtures/init/clerk.csv", "utf8").replace("id,", "user_id,");
  const { text, config } = await initOf(aFile(content, "users.csv"));
  expect(config.source).toMatchObject({ type: "csv" });
  expect(config.mapping["passwordHash"]).toEqual({ hash: "password_digest", hasher: "password_hasher" });
  expect(config.mapping.attributes).toEqual({
    email: "primary_email_address",
    email_verified: { listed: "primary_email_address", in: { split: "verified_email_addresses", at: "|" } },
    phone_number: "primary_phone_number",
    phone_number_verified: {
      listed: "primary_phone_number",
      in: { split: "verified_phone_numbers", at: "|" },
    },
    given_name: "first_name",
    family_name: "last_name",
  });
  expect(text).toContain("# verified_email_addresses: 50 % empty");
  expect(text).toContain("totp_secret: a secret by its name");
});

test("a table of Devise's is recognised, and gets the preset", async () => {
  const { text, config } = await initOf("fixtures/init/devise.csv");
  expect(config.source).toEqual({ type: "devise", path: "fixtures/init/devise.csv" });
  expect(config.mapping).toMatchObject({
    username: { firstOf: ["username", "email", "id"] },
    passwordHash: "encrypted_password",
    attributes: presetFor("devise")?.mapping.attributes,
  });
  for (const line of [
    "# CSV, separated by comma; its users have encrypted_password and Devise's other columns",
    "#   unconfirmed_email: 67 % empty",
  ])
    expect(text).toContain(line);
});

test("a time of confirmation verifies where there is one, and null words do not pass for one", async () => {
  // What tells that it is Devise's table is left out.
  const rows = readFileSync("fixtures/init/devise.csv", "utf8").replace("reset_password_token", "reset_id");
  const { text, config } = await initOf(aFile(rows, "users.csv"));
  expect(config.source).toMatchObject({ type: "csv" });
  expect(config.mapping).toMatchObject({
    username: { firstOf: ["email", "id"] },
    nullWords: ["0000-00-00 00:00:00", "NULL", "\\N"],
    passwordHash: "encrypted_password",
    attributes: { email_verified: { present: "confirmed_at" } },
  });
  expect(config.mapping.attributes).not.toHaveProperty("updated_at");
  expect(text).toContain("# updated_at: never empty; times without a zone: state it");
});

test("documents: fields in objects are found, keys made of data are not listed", async () => {
  const { text, config } = await initOf("fixtures/init/app.ndjson");
  expect(config.mapping).toMatchObject({
    username: { firstOf: ["login", "profile.email", "uuid"] },
    disabled: "blocked",
    attributes: { email: "profile.email", email_verified: "emailVerified", given_name: "profile.firstName" },
  });
  expect(text).toContain("# groups: roles");
  expect(text).toContain("! Some fields are not listed");
});

test("a German table below a title: words for yes and no become lookups of exactly those words", async () => {
  const { text, config } = await initOf("fixtures/init/kunden.csv", "--skip-lines", "2");
  expect(config.mapping).toEqual({
    username: { firstOf: ["Benutzername", "E-Mail", "Kunden-Nr."] },
    sourceId: "Kunden-Nr.",
    disabled: { lookup: "Gesperrt", table: { ja: true, nein: false } },
    passwordHash: "Passwort-Hash",
    attributes: {
      email: "E-Mail",
      email_verified: { lookup: "E-Mail bestätigt", table: { Ja: true, ja: true, nein: false } },
      phone_number: "Mobil",
      given_name: "Vorname",
      family_name: "Nachname",
    },
  });
  for (const line of [
    "# CSV, separated by semicolon",
    "# E-Mail bestätigt: never empty; words for yes and no: Ja, ja, nein",
    "# enabled: { lookup: Status, table: { aktiv: true, gesperrt: false } }",
    '# groups: { split: Rollen, at: "|" }',
    "# phone_number: { phone: Mobil, country: Land }",
    "# birthdate: { date: Geburtsdatum, format: dd.MM.yyyy }",
    "# changedAt: { date: Geändert am, format: dd.MM.yyyy HH:mm, zone: UTC }",
  ])
    expect(text).toContain(line);
  expect(text).not.toContain("no field says it of the address");
  const content = readFileSync("fixtures/init/kunden.csv", "utf8").split("\n").slice(3).join("\n");
  for (const value of content.split(/[;\n|]/).filter((each) => each.length > 5 && each !== "gesperrt"))
    expect(text, value).not.toContain(value);
});

test.each<[string, string, object]>([
  [
    "a status in words that say who may sign in",
    "email,status\na@example.com,Active\nb@example.com,suspended\n",
    { enabled: { lookup: "status", table: { Active: true, suspended: false } } },
  ],
  [
    "the same words in a field for those who may not",
    "email,blocked\na@example.com,active\nb@example.com,blocked\n",
    { disabled: { lookup: "blocked", table: { active: false, blocked: true } } },
  ],
  [
    "words and flags in one field",
    "email,actif\na@example.com,oui\nb@example.com,0\n",
    { enabled: { lookup: "actif", table: { "0": false, oui: true } } },
  ],
])("%s become a lookup", async (_what, text, mapping) => {
  expect((await initOf(aFile(text, "users.csv"))).config.mapping).toMatchObject(mapping);
});

test.each([
  ["roles with commas", 'email,roles\na@example.com,"a,b"\n', 'groups: { split: roles, at: "," }'],
  ["roles with semicolons", "email,roles\na@example.com,a;b\n", "groups: { split: roles, at: ; }"],
  ["roles as JSON", 'email,roles\na@example.com,"[""a"",""b""]"\n', "groups: { parse: roles }"],
  [
    "a status with a word of its own",
    "email,status\na@example.com,active\na@example.com,lead\n",
    "enabled: { lookup: status, table: { active: true, suspended: false } }",
  ],
  [
    "a verified flag in words of another kind",
    "email,email_verified\na@example.com,active\n",
    "email_verified: email_verified",
  ],
])("%s are a comment to look at", async (_what, text, line) => {
  const written = (await initOf(aFile(text, "users.csv"))).text;
  expect(written).toContain(`# ${line}`);
});

test.each([
  ["flags of which one is none", "email,email_verified\na@example.com,yes\nb@example.com,pending\n"],
  ["a time of which one is 0", "email,confirmed_at\na@example.com,2024-01-01 00:00:00\nb@example.com,0\n"],
  ["nothing but emptiness", "email,confirmed_at\na@example.com,\n"],
  ["a flag that may be about anything", "email,verified\na@example.com,yes\n"],
  [
    "a confirmation of either contact",
    "email,phone,confirmed_at,phone_confirmed_at\na@example.com,+4791555001,2024-01-01,\n",
  ],
])("no verified flag is proposed for %s", async (_what, text) => {
  const { config, text: written } = await initOf(aFile(text, "users.csv"));
  expect(config.mapping.attributes).not.toHaveProperty("email_verified");
  expect(written).toMatch(/# +email_verified: /);
});

test("with a pool, its custom attributes are proposed and required ones without a rule are named", async () => {
  const target = await aTarget({
    UsernameAttributes: ["email"],
    Schema: [
      { Name: "legacy_id", AttributeDataType: "String", Mutable: true },
      { Name: "newsletter", AttributeDataType: "String", Mutable: true },
      { Name: "tier", AttributeDataType: "String", Mutable: true },
      { Name: "gender", Required: true, Mutable: true },
    ],
  });
  const { text, config } = await initOf("fixtures/init/crm.csv", ...target.flags.slice(0, 4));
  expect(config).toMatchObject({
    userPool: { id: target.userPoolId, endpointUrl: target.emulator.url },
    mapping: {
      username: "E-Mail",
      attributes: { "custom:legacy_id": "Customer ID", "custom:newsletter": "Newsletter" },
    },
  });
  expect(text).toContain("# custom:tier: NAME_OF_A_FIELD");
  expect(text).toContain(
    "# ! The pool requires gender of every user: a plan needs mapping.attributes.gender",
  );
});

test("names of fields that YAML or a comment could stumble over stay what they are", async () => {
  const header = ['"e-mail"', '"first\nname"', '"yes: [no]"', '"# last name"', '"null"', '"E Mail #2"'].join(
    ",",
  );
  const file = aFile(`${header}\na@example.com,Ada,1,Li,2,3\n`, "users.csv");
  const target = await aTarget();
  const out = join(aFolder(), "ferry.yaml");
  await runCli(["init", file, "--out", out]);
  expect((parse(readFileSync(out, "utf8")) as Written).mapping.attributes).toEqual({
    email: "e-mail",
    given_name: "first\nname",
    family_name: "# last name",
  });
  const runDir = join(aFolder(), "run");
  const result = await runCli(["plan", "--config", out, ...target.flags, "--run-dir", runDir, "--json"]);
  expect(jsonOf(result).error).toBeUndefined();
});

test("a file without anything like a username still gives a config, which says what is missing", async () => {
  const { text } = await initOf(aFile("colour,size\nred,9\n", "things.csv"));
  expect(text).toContain("# ! No field was recognised as the username");
  expect(text).toContain("#   colour: never empty; text");
});

test("only the first thousand rows are looked at, and the config says so", async () => {
  const rows = Array.from({ length: 1_500 }, (_, index) => `u${index},${index < 1_000 ? "yes" : "odd"}`);
  const { text, config } = await initOf(aFile(`username,disabled\n${rows.join("\n")}\n`, "users.csv"));
  expect(text).toContain("from the first 1000 rows");
  expect(config.mapping).toMatchObject({ disabled: "disabled" });
});

test("init writes over nothing", async () => {
  const out = aFile("mine\n", "ferry.yaml");
  const result = await runCli(["init", "fixtures/init/crm.csv", "--out", out]);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain("already");
  expect(readFileSync(out, "utf8")).toBe("mine\n");
});

test.each([
  [[], "one of the two"],
  [["a.csv", "--preset", "auth0"], "one of the two"],
  [["--preset", "okra"], "The presets are: auth0"],
  [["fixtures/absent.csv"], "There is no file"],
  [["fixtures/init/crm.csv", "--user-pool-id", "nonsense"], "nonsense"],
])("init %j is a usage error that says %s", async (args, says) => {
  const result = await runCli(["init", ...args]);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain(says);
});

test("the preset that init prints plans as the preset does, also for a pool without its custom attribute", async () => {
  const target = await aTarget();
  const folder = aFolder();
  const { stdout } = await runCli(["init", "--preset", "auth0"]);
  writeFileSync(join(folder, "ferry.yaml"), stdout);
  const from = ["--from", `auth0:${resolve("fixtures/auth0/export-job.ndjson")}`, ...target.flags, "--json"];
  const plans = await Promise.all(
    [[], ["--config", join(folder, "ferry.yaml")]].map((config, index) =>
      runCli(["plan", ...from, ...config, "--run-dir", join(folder, `run-${index}`)]),
    ),
  );
  const [bare, printed] = plans.map(jsonOf);
  expect(bare?.source.rows).toBe(8);
  expect(printed).toMatchObject({ routes: bare?.routes, issues: bare?.issues, source: { rows: 8 } });
});

test.each([
  [["--skip-lines", "2"], { skipLines: 2 }],
  [["--skip-lines", "2", "--separator", ";"], { separator: ";", skipLines: 2 }],
])("init %j reads past a title and says so in the config", async (flags, stated) => {
  const file = aFile("Customers, as of 1 March\n\nusername;email\nada;ada@example.com\n", "users.csv");
  const { config } = await initOf(file, ...flags);
  expect(config).toMatchObject({
    source: { type: "csv", ...stated },
    mapping: { username: expect.anything() as object },
  });
});

test("init takes a tab by its name", async () => {
  const { config } = await initOf(aFile("email\tname, a b\n", "users.csv"), "--separator", "tab");
  expect(config).toMatchObject({ source: { separator: "\t" }, mapping: { attributes: { email: "email" } } });
});

test.each([
  [["fixtures/init/app.ndjson", "--skip-lines", "1"], "it is for csv"],
  [["fixtures/init/app.ndjson", "--separator", ";"], "it is for csv"],
  [["fixtures/init/crm.csv", "--skip-lines", "two"], "a number of lines"],
  [["fixtures/init/crm.csv", "--separator", "::"], "one character"],
])("init %j is refused and says %s", async (args, says) => {
  const result = await runCli(["init", ...args]);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain(says);
});

test("init takes the type before the file, as --from does", async () => {
  const stated = await initOf("auth0:fixtures/init/app.ndjson");
  expect(stated.config.source).toEqual({ type: "auth0", path: "fixtures/init/app.ndjson" });
  expect(stated.config.mapping).toMatchObject({ sourceId: "user_id" });
  expect(stated.text).not.toMatch(/undefined|; $/m);
  const told = await initOf("auto:fixtures/auth0/array.json");
  expect(told.config.source).toEqual({ type: "auth0", path: "fixtures/auth0/array.json" });
  expect(told.text).toContain("its users have user_id and identities");
});

test.each([
  ["postgres:DATABASE_URL", "of postgres stand in none"],
  ["cognito:eu-central-1_AbCd12345", "of cognito stand in none"],
  ["keycloak:absent.json", "There is no file absent.json"],
  ["C:absent.json", "There is no file C:absent.json"],
  ["csv:", "There is no file csv:"],
])("init %s is a usage error that says %s", async (file, says) => {
  const result = await runCli(["init", file]);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain(says);
});

test("init takes the list of users of a document with several, and plans it as it stands", async () => {
  const document = { members: [{ username: "ada", email: "ada@example.com" }], teams: [{ title: "crew" }] };
  const file = aFile(JSON.stringify(document), "export.json");
  const unsaid = await runCli(["init", file]);
  expect(unsaid).toMatchObject({ exitCode: 2, stdout: "" });
  expect(unsaid.stderr).toContain("--list");
  const { config, text } = await initOf(file, "--list", "members");
  expect(config).toMatchObject({
    source: { type: "json", path: expect.stringContaining("export.json") as string, list: "members" },
    mapping: { username: { firstOf: ["username", "email"] }, attributes: { email: "email" } },
  });
  const target = await aTarget();
  const plan = ["plan", "--config", aFile(text, "ferry.yaml"), ...target.flags];
  const planned = jsonOf(await runCli([...plan, "--run-dir", join(aFolder(), "run"), "--json"]));
  expect(planned.source.rows).toBe(1);
});

test("in Cognito's own import header the username is cognito:username", async () => {
  const header = "name,email,email_verified,cognito:mfa_enabled,cognito:username";
  const file = aFile(`${header}\nAda,ada@example.com,true,false,ada\n`, "users.csv");
  const { config } = await initOf(file);
  expect(config.mapping["username"]).toEqual({ firstOf: ["cognito:username", "email"] });
});

test("--from auto:PATH reads what the file is, and says by what it was recognised", async () => {
  const target = await aTarget();
  const runDir = join(aFolder(), "run");
  const from = ["--from", "auto:fixtures/auth0/array.json", ...target.flags];
  const result = await runCli(["plan", ...from, "--run-dir", runDir, "--json"]);
  expect(jsonOf(result).source.rows).toBe(8);
  expect(result.stderr).toContain("(auth0, as its users have user_id and identities: JSON array)");
});
