import type {
  AliasAttributeType,
  SchemaAttributeType,
  UsernameAttributeType,
} from "@aws-sdk/client-cognito-identity-provider";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findSource } from "../../src/extract/open-source.ts";
import { plan } from "../../src/run/plan.ts";
import { aFolder } from "../support/files.ts";
import { aTarget } from "../support/target.ts";

/** A file of a fixture folder, and what must come of each of its users, as test/transform/fixtures.test.ts reads them. */
interface Case {
  readonly type: string;
  readonly file: string;
  readonly expected: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly pool?: {
    readonly aliasAttributes?: readonly AliasAttributeType[];
    readonly usernameAttributes?: readonly UsernameAttributeType[];
    readonly custom?: readonly { readonly name: string }[];
  };
}

const CASES = globSync("fixtures/*/cases.json")
  .sort()
  .flatMap((path) =>
    (JSON.parse(readFileSync(path, "utf8")) as readonly Case[]).map((each) => ({
      ...each,
      folder: dirname(path),
      title: `${basename(dirname(path))}/${each.file}`,
    })),
  );

/** The attributes that a made-up pool has beside the standard ones; an empty list is refused. */
function schemaOf(custom: NonNullable<Case["pool"]>["custom"] = []): { Schema?: SchemaAttributeType[] } {
  const own = custom.filter(({ name }) => name.startsWith("custom:"));
  const schema = own.map(({ name }): SchemaAttributeType => ({
    Name: name.slice("custom:".length),
    AttributeDataType: "String",
    Mutable: true,
  }));
  return schema.length === 0 ? {} : { Schema: schema };
}

/** How many users the fixture expects of each decision. */
function decisionsIn(path: string): Readonly<Record<string, number>> {
  const users = JSON.parse(readFileSync(path, "utf8")) as readonly { readonly decision: string }[];
  const counts: Record<string, number> = {};
  for (const { decision } of users) counts[decision] = (counts[decision] ?? 0) + 1;
  return counts;
}

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test.each(CASES)(
  "$title plans with nothing said but its path and the pool",
  async ({ type, folder, file, expected, options = {}, pool = {} }) => {
    const { aliasAttributes, usernameAttributes, custom } = pool;
    const { emulator, userPoolId } = await aTarget({
      ...(aliasAttributes === undefined ? {} : { AliasAttributes: [...aliasAttributes] }),
      ...(usernameAttributes === undefined ? {} : { UsernameAttributes: [...usernameAttributes] }),
      ...schemaOf(custom),
    });
    const inFolder = (name: string): string => join(folder, name);
    const besides = Object.fromEntries(Object.entries(options).map(([key, name]) => [key, inFolder(name)]));
    const source = { type, path: inFolder(file), ...besides };
    const {
      routes,
      outcomes,
      source: read,
    } = await plan({
      source,
      userPoolId,
      endpointUrl: emulator.url,
      runDir: join(aFolder(), "run"),
      maxUnreadableShare: 1,
    });
    const wanted = decisionsIn(inFolder(expected));
    expect({
      rows: read.rows,
      "import-job": routes["import-job"],
      "admin-create": routes["admin-create"],
      skipped: outcomes.skipped,
      rejected: outcomes.rejected,
    }).toEqual({
      rows: Object.values(wanted).reduce((sum, count) => sum + count, 0),
      "import-job": wanted["import-job"] ?? 0,
      "admin-create": wanted["admin-create"] ?? 0,
      skipped: wanted["skipped"] ?? 0,
      rejected: wanted["rejected"] ?? 0,
    });
  },
);

/** Files whose keys are those of many, or of the system for whose import they were written. */
const SEEN_AS: Readonly<Record<string, string>> = {
  "authjs/snake-case.ndjson": "ndjson",
  "devise/for-fusionauth.json": "fusionauth",
};

test.each(CASES)("$title is recognised", async ({ type, folder, file, title }) => {
  const found = await findSource({ type: "auto", path: join(folder, file) });
  expect(found.type.type).toBe(SEEN_AS[title] ?? type);
});
