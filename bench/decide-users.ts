// Reads a source of users to its end, and decides each as a plan does, with its censuses but without a ledger; or reads it
// alone: node decide-users.ts TYPE PATH decide | read
import type { Pool, PoolAttribute } from "../src/core/pool.ts";
import type { RowBatch } from "../src/core/row.ts";
import { findSource, openSource } from "../src/extract/open-source.ts";
import { IssueCensus } from "../src/forecast/issue-census.ts";
import { RowCensus } from "../src/forecast/row-census.ts";
import { FieldCensus } from "../src/run/field-census.ts";
import { MisreadFlags } from "../src/run/misread-flags.ts";
import { compileMapping } from "../src/transform/compile-mapping.ts";
import { createUserDecider } from "../src/transform/decide-user.ts";
import { withDefaultPolicies } from "../src/transform/policies.ts";

const [, , type = "", path = "", mode = ""] = process.argv;

function attribute(name: string, over: Partial<PoolAttribute> = {}): PoolAttribute {
  return { name, type: "String", required: false, mutable: true, min: 0, max: 2048, ...over };
}

const unbounded = { min: undefined, max: undefined } as const;
const attributes = [
  ..."name given_name family_name nickname website email gender zoneinfo locale phone_number"
    .split(" ")
    .map((name) => attribute(name)),
  attribute("email_verified", { type: "Boolean", ...unbounded }),
  attribute("phone_number_verified", { type: "Boolean", ...unbounded }),
  attribute("birthdate", { min: 10, max: 10 }),
  attribute("updated_at", { type: "Number", max: undefined }),
];

/** As an ordinary pool is: it verifies addresses, and the names of users are their own. */
const pool: Pool = {
  id: "eu-west-1_Bench0001",
  name: "bench",
  attributes,
  csvHeader: [...attributes.map(({ name }) => name), "cognito:mfa_enabled", "cognito:username"],
  autoVerified: ["email"],
  usernameAttributes: [],
  aliasAttributes: [],
  caseSensitive: false,
  mfa: "OFF",
};

const spec = { type, path };
await using source = await openSource(await findSource(spec), spec, {
  signal: new AbortController().signal,
});
const mapping = compileMapping({ preset: undefined, config: undefined }, source.shape, pool);
const decide = createUserDecider({
  pool,
  mapping,
  shape: source.shape,
  policies: withDefaultPolicies(),
});
const fields = new FieldCensus(source.shape, mapping.usedFields);
const [misread, issues, rows] = [new MisreadFlags(), new IssueCensus(), new RowCensus(pool)];
const routes = { none: 0, "import-job": 0, "admin-create": 0, "sign-up": 0 };
let users = 0;

function decideAll(batch: RowBatch): void {
  fields.count(batch);
  const decided = batch.map(decide);
  misread.count(decided);
  issues.count(decided);
  rows.count(decided);
  for (const { route } of decided) routes[route] += 1;
}

for await (const batch of source.batches()) {
  users += batch.length;
  if (mode === "decide") decideAll(batch);
}
console.log(JSON.stringify({ users, routes }));
