import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import { sourceTypeNamed } from "../../src/extract/sources.ts";
import { createImportRowEncoder } from "../../src/transform/import-csv.ts";
import { presetFor } from "../../src/transform/presets/presets.ts";
import {
  aDecider,
  anImportRow,
  aPool,
  rowsOf,
  type PoolSettings,
  sentAttributes,
} from "../support/builders.ts";

/** What must come of one user of a fixture, in words a person can check against the file. */
interface Expected {
  readonly line?: number;
  readonly sourceId?: string;
  readonly username?: string;
  readonly decision: Exclude<PlannedUser["route"], "none"> | "rejected" | "skipped";
  readonly followUps?: readonly string[];
  readonly issues: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

async function plan(type: string, file: string, settings: PoolSettings) {
  const path = `fixtures/${file}`;
  const pool = aPool(settings);
  const source = await sourceTypeNamed(type).open(path, {});
  const preset = presetFor(type)?.mapping;
  const decide = aDecider({ pool, shape: source.shape, ...(preset === undefined ? {} : { preset }) });
  return { pool, users: (await rowsOf(source)).map((row) => decide(row)) };
}

function decisionOf({ route, notSent }: PlannedUser): Expected["decision"] {
  if (route !== "none") return route;
  if (notSent === undefined) throw new Error("a user goes nowhere, and nothing says why");
  return notSent.kind;
}

async function expectedOf(file: string): Promise<readonly Expected[]> {
  return JSON.parse(await readFile(`fixtures/${file}`, "utf8")) as readonly Expected[];
}

describe.each<[string, string, string, PoolSettings]>([
  ["auth0", "auth0/export-job.ndjson", "auth0/expected.json", { aliasAttributes: ["email"] }],
  ["auth0", "auth0/api-list.json", "auth0/expected.json", { aliasAttributes: ["email"] }],
  ["auth0", "auth0/array.json", "auth0/expected.json", { aliasAttributes: ["email"] }],
  ["csv", "csv/crm-export.csv", "csv/crm-export.expected.json", {}],
])("the fixture %s:%s", (type, file, expectedFile, settings) => {
  test("becomes exactly what stands beside it", async () => {
    const { users } = await plan(type, file, settings);
    const hasLines = users.some(({ line }) => line !== undefined);
    const found = users.map((user): Expected => ({
      ...(type === "csv" && hasLines ? { line: user.line ?? -1 } : {}),
      ...(user.sourceId === undefined ? {} : { sourceId: user.sourceId }),
      ...(user.username === undefined ? {} : { username: user.username }),
      decision: decisionOf(user),
      ...(user.followUps.length === 0 ? {} : { followUps: user.followUps.map(({ kind }) => kind) }),
      issues: user.issues.map(({ code, attribute }) =>
        attribute === undefined ? code : `${attribute}: ${code}`,
      ),
      ...(user.notSent === undefined ? { attributes: Object.fromEntries(sentAttributes(user)) } : {}),
    }));
    expect(found).toEqual(await expectedOf(expectedFile));
  });

  test("leaves none of its secrets in what is kept or sent", async () => {
    expect(await readFile(`fixtures/${file}`, "utf8")).toContain("fixture-secret");
    const { pool, users } = await plan(type, file, settings);
    const encodeRow = createImportRowEncoder(pool, undefined);
    const rows = users.map(({ username = "", attributes }) =>
      encodeRow(anImportRow({ username, attributes })),
    );
    expect(JSON.stringify(users) + rows.join("")).not.toContain("fixture-secret");
  });
});
