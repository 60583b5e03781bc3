import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { apply, plan, type RunSummary } from "../../src/index.ts";
import { jsonOf, runCli } from "../support/cli.ts";
import { aFile, aFolder } from "../support/files.ts";
import { aMemberConfig, members } from "../support/member-file.ts";
import { aTarget, LOGS_ROLE_ARN, type Target } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Texts that files and programs get wrong, none of which Cognito changes or refuses. */
const text = fc.oneof(
  fc.constantFrom(
    "=1+1",
    "+49 30",
    "-0",
    "@SUM(A1)",
    "007",
    "1e3",
    "true",
    "null",
    '"',
    '""',
    "'",
    "a,b;c\td|e",
    "#",
    "\uFEFFx",
    "[1]",
    '{"a":1}',
    " x ",
  ),
  fc.string({
    unit: fc.constantFrom("a", "é", "e\u0301", "陈", "🦀", " ", '"', ",", ";", "\\", "'", "=", "|"),
    minLength: 1,
    maxLength: 12,
  }),
);

const LINES = fc.constantFrom("one\ntwo", "one\r\ntwo", "\n", "one\rtwo");

/** What a user has beside its name: a text that goes into the pool, another that nothing reads, and nested values. */
const person = fc.record({
  note: text,
  free: fc.oneof(text, LINES, fc.constant("")),
  profile: fc.record(
    { nickname: text, tags: fc.array(text, { maxLength: 3 }), rank: fc.option(fc.double({ noNaN: true })) },
    { requiredKeys: ["nickname"] },
  ),
});

type Person = typeof person extends fc.Arbitrary<infer Value> ? Value : never;

const people = fc.array(person, { minLength: 1, maxLength: 12 });

/** A pool of its own with an attribute for whatever text. */
async function aPool(): Promise<Target> {
  return aTarget({ Schema: [{ Name: "note", AttributeDataType: "String", Mutable: true }] });
}

interface Source {
  readonly type: "csv" | "ndjson";
  readonly path: string;
  readonly separator?: string;
  readonly skipLines?: number;
}

async function planned(target: Target, source: Source, mapping: object): Promise<RunSummary> {
  return plan({
    source,
    mapping: { username: "login", attributes: { email: "mail", "custom:note": "note", ...mapping } },
    userPoolId: target.userPoolId,
    endpointUrl: target.emulator.url,
    logsRoleArn: LOGS_ROLE_ARN,
    policies: { unsafeValues: "set-after" },
    runDir: join(aFolder(), "run"),
  });
}

const CSV_COLUMNS = ["login", "mail", "note", "free", "poolferry_note"];
const FOREIGN = "; of the old shop\n";

function csvText(list: readonly Person[], loginOf: (index: number) => string): string {
  const rows = list.map(({ note, free }, index) => [
    loginOf(index),
    `u${index}@example.com`,
    note,
    free,
    "mine",
  ]);
  return FOREIGN + stringify([CSV_COLUMNS, ...rows], { delimiter: ";" });
}

test(
  "whoever is rejected of a CSV or of JSON is migrated from the mended file with the same mapping, value for value",
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(people, fc.constantFrom("csv" as const, "ndjson" as const), async (list, type) => {
        const target = await aPool();
        const spoiled = (index: number): string => `u ${index}`;
        const documents = list.map((each, index) => ({
          login: spoiled(index),
          mail: `u${index}@example.com`,
          ...each,
          poolferry_note: "mine",
        }));
        const isCsv = type === "csv";
        const content = isCsv
          ? csvText(list, spoiled)
          : documents.map((each) => `${JSON.stringify(each)}\n`).join("");
        const source = { type, path: aFile(content), ...(isCsv ? { separator: ";", skipLines: 1 } : {}) };
        const mapping = isCsv ? {} : { nickname: "profile.nickname" };
        const { runDir, outcomes } = await planned(target, source, mapping);
        expect(outcomes.rejected).toBe(list.length);
        const file = readFileSync(join(runDir, isCsv ? "rejected.csv" : "rejected.ndjson"), "utf8");
        expectSourceIn(file, type, list);
        const mended = aFile(mend(file, type));
        const again = await planned(target, { ...source, path: mended }, mapping);
        expect(again.outcomes.rejected).toBe(0);
        expect(again.source.unusedFields).not.toContain("poolferry_row");
        expect((await apply({ runDir: again.runDir })).outcomes).toMatchObject({
          imported: list.length,
          failed: 0,
        });
        const users = new Map(
          target.users("custom:note", "nickname").map((user) => [user["username"], user]),
        );
        list.forEach(({ note, profile }, index) => {
          expect(users.get(`u${index}`)).toMatchObject({
            "custom:note": inPool(note),
            ...(isCsv ? {} : { nickname: inPool(profile.nickname) }),
          });
        });
      }),
      { numRuns: Number(process.env["ROUND_TRIPS"] ?? 8) },
    );
  },
);

/** What becomes of a text that no rule changes on its way into a pool. */
function inPool(value: string): string | undefined {
  const normal = value.normalize("NFC").trim();
  return normal === "" ? undefined : normal;
}

/** The file holds what the source held, to the letter, and behind it what was added. */
function expectSourceIn(file: string, type: Source["type"], list: readonly Person[]): void {
  if (type === "csv") {
    const [header, ...rows] = parse(file);
    expect(header).toEqual([...CSV_COLUMNS, ...ADDED]);
    expect(
      file.replaceAll(/"(?:[^"]|"")*"/g, ""),
      "an end of a line within a value that is not quoted",
    ).not.toContain("\r");
    expect(rows.map((cells) => cells.slice(2, 5))).toEqual(
      list.map(({ note, free }) => [note, free, "mine"]),
    );
    return;
  }
  const documents = file
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(documents.map(({ note, free, profile }) => ({ note, free, profile }))).toEqual(
    JSON.parse(JSON.stringify(list), longIntegerAsText),
  );
  expect(Object.keys(documents[0] ?? {}).slice(-4)).toEqual(ADDED);
}

/** An integer that other programs would round has its digits in quotes. */
function longIntegerAsText(_key: string, value: unknown): unknown {
  const isLong = Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(String(value));
  return isLong ? String(value) : value;
}

const ADDED = ["poolferry_row", "poolferry_line", "poolferry_reason", "poolferry_message"];

/** Takes the blanks out of the usernames; a table is saved as a spreadsheet of another country does. */
function mend(file: string, type: Source["type"]): string {
  if (type === "ndjson") return file.replaceAll(/^\{"login":"u (\d+)"/gm, '{"login":"u$1"');
  const rows = parse(file).map(([login = "", ...cells]) => [login.replace(" ", ""), ...cells]);
  return stringify(rows, { delimiter: ";", record_delimiter: "windows", quoted_match: /[\r\n]/ });
}

test("a field that only others have may be missing from a mended file, and a preset comes with it by its name", async () => {
  const target = await aTarget();
  const record = (number: number, more: object): string =>
    `${JSON.stringify({ user_id: `auth0|${number}`, username: `u${number}`, email: `u${number}@example.com`, email_verified: true, ...more })}\n`;
  const path = aFile(record(1, { shoe: "41" }) + record(2, { username: "u 2" }), "export.ndjson");
  const config = (source: string): string =>
    aFile(
      `source: { ${source} }\nmapping: { username: username, attributes: { nickname: shoe } }\n`,
      "ferry.yaml",
    );
  const runDir = join(aFolder(), "run");
  const args = ["--yes", "--json", ...target.flags];
  const first = await runCli([
    "migrate",
    "--config",
    config(`type: auth0, path: ${path}`),
    ...args,
    "--run-dir",
    runDir,
  ]);
  expect(jsonOf(first)).toMatchObject({ outcomes: { imported: 1, rejected: 1 } });
  const mended = aFile(
    readFileSync(join(runDir, "rejected.ndjson"), "utf8").replace("u 2", "u2"),
    "mended.ndjson",
  );
  const again = join(aFolder(), "run");
  const source = `type: ndjson, preset: auth0, path: ${mended}`;
  const second = await runCli(["migrate", "--config", config(source), ...args, "--run-dir", again]);
  expect(jsonOf(second)).toMatchObject({ outcomes: { imported: 1, rejected: 0 } });
  expect(target.users("email_verified").map(({ username }) => username)).toEqual(["u1", "u2"]);
  const unknown = await runCli([
    "plan",
    "--config",
    config(`type: ndjson, preset: auth1, path: ${mended}`),
    ...target.flags,
    "--json",
  ]);
  expect(jsonOf(unknown).error).toMatchObject({ code: "USAGE", message: "There is no preset auth1" });
});

test("a mended table in which a rule of another thing than passwords reads a secret is refused, as somebody could be let in", async () => {
  const target = await aTarget();
  const source = (path: string): object => ({ type: "csv", path });
  const config = (path: string): string =>
    aFile(
      JSON.stringify({ source: source(path), mapping: { disabled: { prefixed: "passwd", with: "!" } } }),
      "ferry.yaml",
    );
  const path = aFile("username,email,email_verified,passwd\nu 1,u1@example.com,true,!x\n", "users.csv");
  const runDir = join(aFolder(), "run");
  const planned = await runCli([
    "plan",
    "--config",
    config(path),
    ...target.flags,
    "--run-dir",
    runDir,
    "--json",
  ]);
  expect(jsonOf(planned)).toMatchObject({ outcomes: { rejected: 1 } });
  const mended = aFile(readFileSync(join(runDir, "rejected.csv"), "utf8").replace("u 1", "u1"), "mended.csv");
  const again = await runCli([
    "plan",
    "--config",
    config(mended),
    ...target.flags,
    "--run-dir",
    join(aFolder(), "run"),
    "--json",
  ]);
  expect(jsonOf(again).error).toMatchObject({ code: "MAPPING_INVALID" });
  expect(jsonOf(again).error?.message).toContain("mapping.disabled");
});

/** The columns that docs/reports.md promises, by the files. */
const PROMISED = new Map(
  readFileSync("docs/reports.md", "utf8")
    .split("\n")
    .filter((line) => /^\| `[^|]+\.csv`/.test(line))
    .flatMap((line) => {
      const [, files = "", columns = ""] = line.split("|");
      const names = [...columns.matchAll(/`(\w+)`/g)].map(([, name]) => name);
      return [...files.matchAll(/`([\w-]+\.csv)`/g)].map(([, file]) => [file ?? "", names] as const);
    }),
);

test(
  "every CSV of a run reads strictly, with the columns that the docs promise, whatever its users are called",
  { timeout: 60_000 },
  async () => {
    const target = await aTarget();
    target.emulator.control.planFault({
      operation: "AdminLinkProviderForUser",
      fault: { kind: "error", status: 400, type: "ResourceNotFoundException", message: 'No "group",\nhere.' },
    });
    const odd = ['=cmd|"x"!A1', "a,b", 'q"q', "ü陈", "-1"];
    const list = members(7, (number) => ({
      username: odd[number - 1] ?? "m6",
      birthdate: number === 1 ? "no, day" : "1990-01-02",
      teams: ['crew "A"'],
      identities: number === 2 ? [{ provider: "google", id: 'x,"y"\nz' }] : [],
    }));
    const runDir = join(aFolder(), "run");
    const place = ["--run-dir", runDir, "--json"];
    const { runId } = jsonOf(
      await runCli(["migrate", "--yes", "--config", aMemberConfig(list), ...target.flags, ...place]),
    );
    const pool = target.emulator.state.pools.get(target.userPoolId);
    const changed = pool?.users.byUsername("a,b");
    if (changed === undefined) throw new Error("a,b is not in the pool");
    changed.enabled = false;
    await runCli(["verify", ...place]);
    await runCli(["undo", ...place, "--delete", "--confirm", runId]);
    const added = PROMISED.get("failed.csv") ?? [];
    expect(PROMISED.size).toBe(9);
    for (const [name, columns] of PROMISED) {
      const [header = [], ...rows] = parse(readFileSync(join(runDir, name)));
      const own = ["failed.csv", "skipped.csv", "rejected.csv"].includes(name);
      expect(own ? header.slice(-added.length) : header, name).toEqual(columns);
      expect(rows.every((row) => row.length === header.length)).toBe(true);
      if (!["failed.csv", "skipped.csv"].includes(name))
        expect(rows.length, `${name} says nothing here`).toBeGreaterThan(0);
    }
  },
);
