import { expect, test } from "vitest";
import type { JsonObject, SourceShape } from "../../src/core/row.ts";
import { FieldCensus } from "../../src/run/field-census.ts";
import { compileMapping } from "../../src/transform/compile-mapping.ts";
import type { Mapping } from "../../src/transform/mapping.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import { anAttribute, aBareRow, aPool, DOCUMENTS } from "../support/builders.ts";

const POOL = aPool({ custom: ["custom:tier", "profile", "address"].map((name) => anAttribute(name)) });

interface Read {
  readonly preset?: string;
  readonly config?: Mapping;
  readonly rows: readonly JsonObject[];
  readonly cursorColumn?: string;
}

function censusOf({ preset, config, rows }: Read): FieldCensus {
  const mapping = compileMapping(
    { preset: preset === undefined ? undefined : presetFor(preset)?.mapping, config },
    DOCUMENTS,
    POOL,
  );
  const census = new FieldCensus(DOCUMENTS, mapping.usedFields);
  census.count(rows.map(aBareRow));
  return census;
}

const unusedOf = (read: Read): readonly string[] => censusOf(read).unused(read.cursorColumn);

test.each<[string, Read, readonly string[]]>([
  [
    "of Okta's profile",
    { preset: "okta", rows: [{ id: "1", profile: { login: "ada", department: "Sea", costCenter: "7" } }] },
    ["profile.department", "profile.costCenter"],
  ],
  [
    "of Keycloak's attributes",
    { preset: "keycloak", rows: [{ username: "ada", attributes: { tier: ["gold"], locale: ["de"] } }] },
    ["attributes.tier"],
  ],
  [
    "in any row, each once",
    {
      preset: "okta",
      rows: [{ profile: { a: 1 } }, { profile: null }, { profile: { b: 1, a: 2 } }, { x: 1 }],
    },
    ["profile.a", "profile.b", "x"],
  ],
  [
    "as a rule would name them",
    { preset: "okta", rows: [{ profile: { "a.b": 1, 'c"[d': 2 } }] },
    ['profile["a.b"]', 'profile["c\\"[d"]'],
  ],
  [
    "beside one that is read, which also bears an attribute's name",
    {
      config: { username: "u", attributes: { email: "profile.email" } },
      rows: [{ u: "ada", profile: { email: "ada@example.com", department: "Sea" } }],
    },
    ["profile.department"],
  ],
])("keys that nothing reads are named %s", (_which, read, unused) => {
  expect(unusedOf(read)).toEqual(unused);
});

test("an object of which nothing is read is named once, by its own name", () => {
  const rows = [{ email: "ada@example.com", user_metadata: { plan: "pro", theme: "dark" } }];
  expect(unusedOf({ preset: "auth0", rows })).toEqual(["user_metadata"]);
});

test.each<[string, Mapping]>([
  ["json", { attributes: { "custom:tier": { json: "meta" } } }],
  ["keys", { groups: { keys: "meta" } }],
  ["parse", { attributes: { "custom:tier": { parse: "meta", path: "tier" } } }],
  ["present", { disabled: { present: "meta" } }],
  ["a plain path for what can be an object", { attributes: { address: "meta" } }],
])("an object that a rule reads whole counts as read: %s", (_how, part) => {
  const config: Mapping = { username: "meta.name", ...part };
  expect(unusedOf({ config, rows: [{ meta: { name: "ada", tier: "gold" } }] })).toEqual([]);
});

test("elements of lists are not looked into, nor are objects that hold secrets by their name", () => {
  const rows = [
    {
      id: "1",
      credentials: { emails: [], password: {}, provider: { type: "OKTA" } },
      profile: [{ department: "Sea" }],
    },
  ];
  expect(unusedOf({ preset: "okta", rows })).toEqual([]);
});

test("keys that are data are not named, and no more than a thousand are", () => {
  const profile = { login: "ada", "ada@example.com": 1, "0b1c2d3e-aaaa-bbbb-cccc-0123456789ab": 2, tier: 3 };
  expect(unusedOf({ preset: "okta", rows: [{ profile }] })).toEqual(["profile.tier"]);
  const many = Array.from({ length: 30 }, (_, row) => ({
    profile: Object.fromEntries(Array.from({ length: 100 }, (_each, at) => [`k${row}x${at}`, 1])),
  }));
  expect(unusedOf({ preset: "okta", rows: [...many, { late: 1 }] })).toHaveLength(1_001);
});

test("the columns of reports are the fields of the rows alone", () => {
  const rows = [{ id: "1", profile: { login: "ada", department: "Sea" } }];
  expect(censusOf({ preset: "okta", rows }).reported(new Set())).toEqual(["id", "profile"]);
});

test("the column by which the source puts its rows in order is read", () => {
  const rows = [{ username: "ada", changed: 1, uSNChanged: "7", shoe: 40 }];
  expect(unusedOf({ rows, cursorColumn: "changed" })).toEqual(["uSNChanged", "shoe"]);
  expect(unusedOf({ rows, cursorColumn: "usnchanged" })).toEqual(["changed", "shoe"]);
});

test("a table has its columns, whatever dots stand in their names", () => {
  const shape: SourceShape = { kind: "table", columns: ["username", "profile.email", "profile.city"] };
  const config: Mapping = { attributes: { email: "profile.email" } };
  const { usedFields } = compileMapping({ preset: undefined, config }, shape, POOL);
  expect(new FieldCensus(shape, usedFields).unused(undefined)).toEqual(["profile.city"]);
});
