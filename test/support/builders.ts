import type { RunFacts, SourceFacts } from "../../src/ledger/ledger.ts";
import type { Hook } from "../../src/core/hook.ts";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Pool, PoolAttribute } from "../../src/core/pool.ts";
import type { JsonObject, ReadableRow, Row, SourceShape } from "../../src/core/row.ts";
import type { Source } from "../../src/extract/source.ts";
import type { SignUpRules } from "../../src/transform/choose-sign-up.ts";
import { compileMapping } from "../../src/transform/compile-mapping.ts";
import { createUserDecider, type DecideUser } from "../../src/transform/decide-user.ts";
import type { ImportRow } from "../../src/transform/import-csv.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { withDefaultPolicies, type StatedPolicies } from "../../src/transform/policies.ts";

/** An attribute of a pool's schema: an optional string without bounds unless told otherwise. */
export function anAttribute(name: string, over: Partial<PoolAttribute> = {}): PoolAttribute {
  return {
    name,
    type: "String",
    required: false,
    mutable: true,
    min: undefined,
    max: undefined,
    ...over,
  };
}

const STRINGS = [
  "name",
  "given_name",
  "family_name",
  "nickname",
  "picture",
  "locale",
  "email",
  "phone_number",
];

/** Attributes that every pool of these tests has. */
export const STANDARD_ATTRIBUTES: readonly PoolAttribute[] = [
  anAttribute("sub", { required: true, min: 1, max: 2048 }),
  ...STRINGS.map((name) => anAttribute(name, { min: 0, max: 2048 })),
  anAttribute("email_verified", { type: "Boolean" }),
  anAttribute("phone_number_verified", { type: "Boolean" }),
  anAttribute("birthdate", { min: 10, max: 10 }),
  anAttribute("updated_at", { type: "Number", min: 0 }),
];

/** What a test says of a pool; `custom` attributes and `required` names come on top of the standard ones. */
export type PoolSettings = Partial<Omit<Pool, "attributes">> & {
  readonly custom?: readonly PoolAttribute[];
  readonly required?: readonly string[];
};

/** A pool that signs in by username and verifies e-mail addresses; its import header follows its attributes. */
export function aPool({ custom = [], required = [], ...over }: PoolSettings = {}): Pool {
  const attributes = [...STANDARD_ATTRIBUTES, ...custom].map((attribute) =>
    required.includes(attribute.name) ? { ...attribute, required: true } : attribute,
  );
  const settable = attributes.map(({ name }) => name).filter((name) => name !== "sub");
  return {
    id: "eu-west-1_Ferry0001",
    name: "crew",
    attributes,
    csvHeader: [...settable, "cognito:mfa_enabled", "cognito:username"],
    autoVerified: ["email"],
    usernameAttributes: [],
    aliasAttributes: [],
    caseSensitive: false,
    mfa: "OFF",
    ...over,
  };
}

/** A document row of a user whom a plain pool accepts, with the given fields on top. */
export function aRow(fields: JsonObject = {}): ReadableRow {
  return aBareRow({ username: "ada", email: "ada@example.com", email_verified: true, ...fields });
}

/** A document row with exactly these fields. */
export function aBareRow(fields: JsonObject): ReadableRow {
  return { seq: 1, line: 1, record: fields };
}

/** The shape of every source whose rows are JSON objects. */
export const DOCUMENTS: SourceShape = { kind: "documents" };

/** What a decider is made of; a pool by default, and fields that map by their names. */
export interface DeciderSettings {
  readonly pool?: Pool;
  readonly preset?: Mapping;
  readonly config?: Mapping;
  readonly shape?: SourceShape;
  readonly policies?: StatedPolicies;
  readonly hook?: Hook;
  readonly signUp?: SignUpRules;
}

/** The function that decides users for these settings. */
export function aDecider(settings: DeciderSettings = {}): DecideUser {
  const { pool = aPool(), preset, config, shape = DOCUMENTS, policies, hook, signUp } = settings;
  const mapping = compileMapping({ preset, config, hook }, shape, pool);
  return createUserDecider({ pool, mapping, shape, policies: withDefaultPolicies(policies), signUp });
}

/** A user as it goes into an import CSV, without a second factor or a password hash unless told otherwise. */
export function anImportRow(over: Partial<ImportRow> = {}): ImportRow {
  return { username: "ada", attributes: [], smsMfa: false, passwordHash: undefined, ...over };
}

/** All attributes that a user is to have in the end: those that it is created with, and those that are set afterwards. */
export function sentAttributes({ attributes, followUps }: PlannedUser): ReadonlyMap<string, string> {
  const after = followUps.flatMap((followUp) =>
    followUp.kind === "set-attributes" ? followUp.attributes : [],
  );
  return new Map([...attributes, ...after]);
}

/** Every row of a source, in the order in which it gives them. */
export async function rowsOf(source: Source): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of source.batches()) rows.push(...batch);
  return rows;
}

/** What a finished plan knows of a table. */
export const SOME_SOURCE: SourceFacts = {
  files: [],
  starts: [],
  cursor: "0",
  followsChanges: false,
  description: "CSV",
  fields: ["username"],
  isTable: true,
  unusedFields: [],
};

/** Facts of a run. */
export function someFacts(): RunFacts {
  return {
    runId: "20260101-000000-abc123",
    source: "csv:/users.csv",
    connection: {
      region: "eu-west-1",
      profile: undefined,
      endpointUrl: undefined,
      logsEndpointUrl: undefined,
    },
    pool: aPool(),
    logsRoleArn: undefined,
    policies: {
      failedRows: "admin-create",
      passwordHashes: "import",
      passwordAfterCreate: "random-permanent",
      forceAliasCreation: false,
      missingGroups: "create",
    },
    limits: { canaryUsers: 0, failedShare: 1, otherJobWaitMs: 0 },
  };
}
