import { globSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { SourceOptions } from "../../src/extract/source.ts";
import { openSpec } from "../contract/source-contract.ts";
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

async function plan({
  type,
  file,
  options,
  settings,
}: {
  readonly type: string;
  readonly file: string;
  readonly options: SourceOptions;
  readonly settings: PoolSettings;
}) {
  const path = `fixtures/${file}`;
  const pool = aPool(settings);
  const besides = Object.fromEntries(
    (["groups", "passwordHashes", "usermeta"] as const).flatMap((key) =>
      options[key] === undefined ? [] : [[key, join(dirname(path), options[key])]],
    ),
  );
  const source = await openSpec({ type, path, ...options, ...besides });
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

/** A file of a fixture folder, as its cases.json says it. */
interface Case {
  readonly type: string;
  readonly file: string;
  readonly expected: string;
  /** Options of the source; those that name files are of the same folder. */
  readonly options?: SourceOptions;
  readonly pool?: PoolSettings;
}

const CASES: readonly Case[] = globSync("fixtures/*/cases.json").flatMap((path) => {
  const folder = basename(dirname(path));
  const inFolder = (name: string): string => `${folder}/${name}`;
  return (JSON.parse(readFileSync(path, "utf8")) as readonly Case[]).map((each) => ({
    ...each,
    file: inFolder(each.file),
    expected: inFolder(each.expected),
  }));
});

describe.each(CASES)(
  "the fixture $type:$file",
  ({ type, file, expected, options = {}, pool: settings = {} }) => {
    test("becomes exactly what stands beside it", async () => {
      const { users } = await plan({ type, file, options, settings });
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
      expect(found).toEqual(await expectedOf(expected));
    });

    test("leaves none of its secrets in what is kept or sent", async () => {
      expect((await readFile(`fixtures/${file}`)).includes("fixture-secret")).toBe(true);
      const { pool, users } = await plan({ type, file, options, settings });
      const encodeRow = createImportRowEncoder(pool, undefined);
      const rows = users.map(({ username = "", attributes }) =>
        encodeRow(anImportRow({ username, attributes })),
      );
      expect(JSON.stringify(users) + rows.join("")).not.toContain("fixture-secret");
    });
  },
);
