import type { CreateUserPoolCommandInput } from "@aws-sdk/client-cognito-identity-provider";
import fc from "fast-check";
import { beforeEach, expect, test, vi } from "vitest";
import { readLines } from "../../emulator/import/csv.ts";
import { readHeader } from "../../emulator/import/header.ts";
import { judgeRow, type Verdict } from "../../emulator/import/row.ts";
import { splitLine } from "../../emulator/import/csv.ts";
import { ValueKeeper } from "../../emulator/import/value-keeper.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import type { Pool as LocalPool } from "../../emulator/state/pool.ts";
import { Cognito } from "../../src/cognito/cognito.ts";
import { readPool } from "../../src/cognito/read-pool.ts";
import { HASH_ALGORITHMS, type HashAlgorithm } from "../../src/core/password-hash.ts";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Pool } from "../../src/core/pool.ts";
import type { JsonObject, JsonValue } from "../../src/core/row.ts";
import { createImportRowEncoder, encodeImportHeader } from "../../src/transform/import-csv.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { aBareRow, aDecider, sentAttributes } from "../support/builders.ts";
import { expectedCell, readImportCsv } from "../support/import-csv.ts";
import { aTarget } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});

/** Every form of rule there is, over the fields of {@link fields}. */
const config: Mapping = {
  username: { firstOf: ["u", { template: "{a}.{b}" }, { uuid: "c" }] },
  sourceId: "id",
  groups: { split: "groups", at: ";" },
  mfa: "mfa",
  passwordHash: "hash",
  linkedProviders: { list: "identities", provider: "provider", subject: "id", names: { g: "Google" } },
  attributes: {
    email: "email",
    email_verified: "email_ok",
    phone_number: { phone: "phone", country: "country" },
    phone_number_verified: { present: "phone_ok" },
    name: { join: ["a", "b"], with: ", " },
    given_name: { split: "c", at: ",", take: 0 },
    family_name: { lookup: "d", table: { x: "y, z", "": "e" }, keepOthers: true },
    nickname: { firstOf: ["e", "f"] },
    middle_name: { template: "{e},{f}" },
    preferred_username: { uuid: "e" },
    birthdate: { date: "born", format: "dd.MM.yyyy" },
    updated_at: { date: "changed", format: "epoch-ms" },
    address: { firstOf: ["b", { object: { formatted: "a" } }] },
    locale: "d",
    zoneinfo: "e",
    "custom:json": { json: "g" },
    "custom:part": { parse: "h", path: "x" },
    "custom:number": "n",
    "custom:flag": { not: "flag" },
  },
};

/** The fields that each target reads (all of them are needed, or any); it is sent, explained, or they hold nothing. */
const READ_BY: readonly (readonly [target: string, every: boolean, ...fields: readonly string[]])[] = [
  ["email", true, "email"],
  ["phone_number", true, "phone"],
  ["name", false, "a", "b"],
  ["family_name", true, "d"],
  ["nickname", false, "e", "f"],
  ["middle_name", true, "e", "f"],
  ["preferred_username", true, "e"],
  ["birthdate", true, "born"],
  ["updated_at", true, "changed"],
  ["address", false, "a", "b"],
  ["locale", true, "d"],
  ["zoneinfo", true, "e"],
  ["custom:json", true, "g"],
  ["custom:number", true, "n"],
  ["custom:flag", true, "flag"],
  ["sourceId", true, "id"],
];

const HASHES = [
  "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
  "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
  "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
  "$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ",
];

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 24 }),
  fc.string({ unit: "grapheme", maxLength: 24 }),
  fc.string({
    unit: fc.oneof(
      fc.constantFrom(",", "\\", '"', "\\,", "'", ";", "=", "|", " ", "\u00a0", "\ufeff", "\u200d"),
      fc.constantFrom("\n", "\r", "\t", "\0", "\u0085", "\u2028", "\ud83e", "\udd80", "\u0301", "é", "陈"),
      fc.constantFrom("a", "B", "7"),
    ),
    maxLength: 12,
  }),
);
const plainText = fc.stringMatching(/^[a-zA-Z0-9,.'|éß陈-]{1,14}$/);
const oneIn = <T>(many: number, odd: fc.Arbitrary<T>, usual: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 1, arbitrary: odd }, { weight: many - 1, arbitrary: usual });
const anyValue = fc.oneof<fc.Arbitrary<JsonValue>[]>(
  anyText,
  fc.jsonValue({ maxDepth: 2, stringUnit: "binary" }) as fc.Arbitrary<JsonValue>,
);
const text = oneIn<JsonValue>(12, anyValue, plainText);
const email = fc
  .tuple(fc.stringMatching(/^[a-zA-Z0-9+_'é-]{1,10}$/), fc.nat(999))
  .map(([name, n]) => `${name}@Example${n}.com`);

const fields = fc
  .record(
    {
      u: oneIn<JsonValue>(8, anyValue, fc.oneof(plainText, email, email)),
      id: text,
      a: text,
      b: text,
      c: text,
      d: text,
      e: oneIn<JsonValue>(6, fc.constantFrom("Europe/Paris", "utc"), text),
      f: text,
      g: oneIn<JsonValue>(4, anyValue, fc.integer()),
      h: oneIn<JsonValue>(
        4,
        anyValue,
        plainText.map((x) => JSON.stringify({ x })),
      ),
      n: oneIn<JsonValue>(6, anyValue, fc.maxSafeInteger()),
      flag: oneIn<JsonValue>(6, anyValue, fc.boolean()),
      email: oneIn<JsonValue>(12, anyValue, email),
      email_ok: oneIn<JsonValue>(12, anyValue, fc.constantFrom<JsonValue>(true, "yes", 1)),
      phone: oneIn<JsonValue>(
        6,
        anyValue,
        fc.constantFrom<JsonValue>("+48 601 555 010", "22 44 22 22", null),
      ),
      phone_ok: oneIn<JsonValue>(6, anyValue, fc.constantFrom<JsonValue>("2024-01-01", "", null)),
      country: oneIn<JsonValue>(6, anyValue, fc.constantFrom("NO", "Norway")),
      born: oneIn<JsonValue>(6, anyValue, fc.constantFrom("31.12.1975", "29.02.2024")),
      changed: oneIn<JsonValue>(6, anyValue, fc.integer({ min: 0, max: 4e12 })),
      groups: oneIn<JsonValue>(6, anyValue, fc.constantFrom("crew", "cook;crew", "")),
      mfa: oneIn<JsonValue>(6, anyValue, fc.constantFrom<JsonValue>("sms", false, "none")),
      hash: oneIn<JsonValue>(6, anyValue, fc.constantFrom(...HASHES)),
      identities: oneIn<JsonValue>(6, anyValue, fc.constant([{ provider: "g", id: "109" }])),
    },
    { requiredKeys: ["u", "b", "email", "email_ok", "hash"], noNullPrototype: true },
  )
  .chain((record) =>
    // Where addresses are usernames the two must be equal.
    fc.boolean().map((isSame) => (isSame ? { ...record, email: record.u } : record) as JsonObject),
  );

const SCHEMA: NonNullable<CreateUserPoolCommandInput["Schema"]> = [
  ...["json", "part"].map((Name) => ({ Name, AttributeDataType: "String" as const })),
  { Name: "number", AttributeDataType: "Number" },
  { Name: "flag", AttributeDataType: "Boolean" },
];

const POOLS: readonly (readonly [string, Partial<CreateUserPoolCommandInput>])[] = [
  ["plain usernames", {}],
  [
    "aliases and either contact verified",
    {
      AliasAttributes: ["email", "phone_number", "preferred_username"],
      AutoVerifiedAttributes: ["email", "phone_number"],
      MfaConfiguration: "OPTIONAL",
      SmsConfiguration: { SnsCallerArn: "arn:aws:iam::123456789012:role/sms" },
    },
  ],
  [
    "addresses as usernames, where case counts",
    { UsernameAttributes: ["email"], UsernameConfiguration: { CaseSensitive: true } },
  ],
  [
    "addresses or numbers as usernames",
    { UsernameAttributes: ["email", "phone_number"], AutoVerifiedAttributes: ["email", "phone_number"] },
  ],
];

const NOWHERE = { region: undefined, profile: undefined, endpointUrl: undefined, logsEndpointUrl: undefined };

/** One pool, as the local Cognito has it and as poolferry reads it. */
async function aPool(
  settings: Partial<CreateUserPoolCommandInput>,
): Promise<{ local: LocalPool; pool: Pool }> {
  const { emulator, userPoolId } = await aTarget({ Schema: SCHEMA, ...settings });
  await using cognito = new Cognito({ ...NOWHERE, region: emulator.region, endpointUrl: emulator.url });
  const pool = await readPool(cognito, userPoolId, new AbortController().signal);
  const local = emulator.state.pools.get(userPoolId);
  if (local === undefined) throw new Error("there is no such pool");
  return { local, pool };
}

/** The part that these users make, with one algorithm or none. */
function encodePart(
  users: readonly PlannedUser[],
  pool: Pool,
  algorithm: HashAlgorithm | undefined,
): Uint8Array {
  const encodeRow = createImportRowEncoder(pool, algorithm);
  const rows = users.map(({ username = "", attributes, smsMfa, passwordHash }) =>
    encodeRow({ username, attributes, smsMfa, passwordHash: passwordHash?.value }),
  );
  return Buffer.from(encodeImportHeader(pool, algorithm) + rows.join(""));
}

/** What must stand in the row of a user, under this header. */
function cellsOf(
  { username, attributes, smsMfa, passwordHash }: PlannedUser,
  header: readonly string[],
): readonly string[] {
  const values = new Map(attributes);
  const own = new Map([
    ["cognito:username", username ?? ""],
    ["cognito:mfa_enabled", smsMfa ? "TRUE" : "FALSE"],
    ["password_hash", passwordHash?.value ?? ""],
  ]);
  return header.map((column) => own.get(column) ?? expectedCell(column, values.get(column)));
}

/** What the local Cognito makes of each row, by itself. */
function judge(
  part: Uint8Array,
  local: LocalPool,
  hashAlgorithm: HashAlgorithm | undefined,
): readonly Verdict[] {
  const [header = "", ...lines] = readLines(part);
  const rules = DEFAULT_RULES;
  const reading = readHeader(header, { pool: local, rules, hashAlgorithm });
  if (reading.kind !== "columns") throw new Error(reading.why);
  const reader = { pool: local, rules, columns: reading.columns, hashAlgorithm, keeper: new ValueKeeper() };
  return lines.map((line) => judgeRow(reader, splitLine(line)));
}

/** What the pool must hold of a user, to be compared with what it holds. */
function wanted({ username, attributes, passwordHash }: PlannedUser, { usernameAttributes }: Pool): object {
  return {
    kind: "created",
    username: usernameAttributes.length > 0 ? "a UUID" : username,
    // A row has no blank flag; that one which the source does not say is false.
    attributes: Object.fromEntries(attributes.filter(([, value]) => value !== "false")),
    hash: passwordHash?.value,
  };
}

function held(verdict: Verdict, { usernameAttributes }: Pool): object {
  if (verdict.kind !== "created") return verdict;
  const { username, attributes, credential } = verdict.user;
  const pairs: [string, string][] = [];
  for (let index = 0; index < attributes.length; index += 2)
    pairs.push([attributes[index] ?? "", attributes[index + 1] ?? ""]);
  return {
    kind: "created",
    username: usernameAttributes.length > 0 ? "a UUID" : username,
    attributes: Object.fromEntries(pairs.filter(([, value]) => value !== "false")),
    hash: credential?.kind === "hash" ? credential.hash : undefined,
  };
}

test.each(POOLS)(
  "whatever the rows hold, a pool with %s takes every row of a part, and holds exactly what was decided",
  async (_what, settings) => {
    const { local, pool } = await aPool(settings);
    const sent = new Map<HashAlgorithm | undefined, number>();
    fc.assert(
      fc.property(fc.array(fields, { minLength: 1, maxLength: 8 }), (records) => {
        const decide = aDecider({ pool, config });
        const users = records.map((record) => decide(aBareRow(record)));
        for (const algorithm of [undefined, ...HASH_ALGORITHMS]) {
          const part = users.filter(
            ({ route, passwordHash }) => route === "import-job" && passwordHash?.algorithm === algorithm,
          );
          const bytes = encodePart(part, pool, algorithm);
          const [header = [], ...rows] = readImportCsv(bytes);
          expect(rows).toEqual(part.map((user) => cellsOf(user, header)));
          const found = judge(bytes, local, algorithm);
          expect(found.map((verdict) => held(verdict, pool))).toEqual(part.map((user) => wanted(user, pool)));
          sent.set(algorithm, (sent.get(algorithm) ?? 0) + part.length);
        }
      }),
      { numRuns: 400 },
    );
    // A property over rejected rows alone would say nothing.
    for (const algorithm of [undefined, ...HASH_ALGORITHMS]) expect(sent.get(algorithm)).toBeGreaterThan(5);
  },
);

test.each(POOLS)(
  "whatever the rows hold, nothing is left out in silence in a pool with %s",
  async (_what, settings) => {
    const { pool } = await aPool(settings);
    fc.assert(
      fc.property(fields, (record) => {
        const user = aDecider({ pool, config })(aBareRow(record));
        expect(silenceOf(user, record)).toEqual([]);
        if (user.route === "none") expect(user.notSent?.causes).not.toEqual([]);
        else if (user.route === "admin-create") expect(user.issues).not.toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  },
);

/** What of the record is neither sent nor explained. */
function silenceOf(user: PlannedUser, record: JsonObject): readonly string[] {
  const sent = new Set(sentAttributes(user).keys());
  if (user.sourceId !== undefined) sent.add("sourceId");
  const explained = new Set(user.issues.map(({ attribute }) => attribute));
  const silent: string[] = READ_BY.filter(([target, every, ...names]) => {
    const isThere = every
      ? names.every((name) => isValue(record[name]))
      : names.some((name) => isValue(record[name]));
    return isThere && !sent.has(target) && !explained.has(target);
  }).map(([target]) => target);
  if (isHash(record["hash"]) && !isHashSettled(user, explained)) silent.push("hash");
  const groups = typeof record["groups"] === "string" ? record["groups"].split(";").filter(isValue) : [];
  const joined = new Set(
    user.followUps.flatMap((followUp) => (followUp.kind === "add-to-group" ? [followUp.group] : [])),
  );
  const isJoined = (group: string): boolean => joined.has(group.trim().normalize("NFC").trim());
  if (user.notSent === undefined && !groups.every(isJoined) && !explained.has("groups"))
    silent.push("groups");
  return silent;
}

/** Whether a text claims to be a hash: `!…` and `*` say that there is no password, and lists can be empty in many ways. */
function isHash(value: JsonValue | undefined): boolean {
  return typeof value === "string" && isValue(value) && !/^\s*([![]|\*\s*$)/u.test(value);
}

function isHashSettled(
  { passwordHash, issues, notSent }: PlannedUser,
  explained: ReadonlySet<string | undefined>,
): boolean {
  return (
    passwordHash !== undefined ||
    notSent !== undefined ||
    explained.has("passwordHash") ||
    issues.some(({ code }) => code === "password-not-carried")
  );
}

/** Whether there is anything in a field: not nothing, nor white space, nor a list or an object without any. */
function isValue(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "string") return value.normalize("NFC").trim() !== "";
  return typeof value !== "object" || Object.values(value).some(isValue);
}
