import type {
  AliasAttributeType,
  SchemaAttributeType,
  UsernameAttributeType,
  UserPoolMfaType,
} from "@aws-sdk/client-cognito-identity-provider";
import Database from "better-sqlite3";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findSource } from "../../src/extract/open-source.ts";
import type { RunSummary } from "../../src/report/summary.ts";
import { plan, type PlanOptions } from "../../src/run/plan.ts";
import { aFile, aFolder } from "../support/files.ts";
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
    readonly mfa?: UserPoolMfaType;
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

/** What a fixture expects of one user; an issue is a code, with its attribute before it where it has one. */
interface Expected {
  readonly username?: string;
  readonly decision: string;
  readonly followUps?: readonly string[];
  readonly issues: readonly string[];
  readonly attributes?: Readonly<Record<string, string>>;
}

function expectedIn(path: string): readonly Expected[] {
  return JSON.parse(readFileSync(path, "utf8")) as readonly Expected[];
}

/** How often each word occurs. */
function countsOf(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

/** How many users have each trouble, whatever attributes it is about. */
function issueCountsOf(users: readonly Expected[]): Readonly<Record<string, number>> {
  return countsOf(
    users.flatMap(({ issues }) => [...new Set(issues.map((issue) => issue.replace(/^.*: /, "")))]),
  );
}

/** The steps that users take, with how many do, and the look-up of whom import jobs bring. */
function stepsOf(users: readonly Expected[]): Readonly<Record<string, number>> {
  const sent = users.filter(({ decision }) => decision === "import-job" || decision === "admin-create");
  const steps = countsOf([
    ...sent.map(({ decision }) => (decision === "import-job" ? "import-jobs" : decision)),
    ...sent.flatMap(({ followUps = [] }) => followUps),
    // Fixtures list what a user has in the end, however it comes there.
    ...sent.flatMap(({ followUps = [], issues }) =>
      !followUps.includes("set-attributes") && issues.some((issue) => issue.endsWith(": value-set-after"))
        ? ["set-attributes"]
        : [],
    ),
  ]);
  const joins = steps["add-to-group"];
  return {
    ...steps,
    ...(joins === undefined ? {} : { "create-groups": joins }),
    ...(steps["import-jobs"] === undefined ? {} : { "look-up-ids": steps["import-jobs"] }),
  };
}

/** Texts of users that name them: none may stand in what everyone reads. */
function namesOf(users: readonly Expected[]): readonly string[] {
  return users.flatMap(({ username = "", attributes = {} }) =>
    [username, attributes["email"] ?? "", attributes["phone_number"] ?? ""].filter(
      ({ length }) => length > 2,
    ),
  );
}

/** A forecast is of these users, as the fixture expects them, and names none of them. */
function expectForecast(forecast: RunSummary["forecast"], users: readonly Expected[]): void {
  if (forecast === undefined) throw new Error("the plan has no forecast");
  const { steps, jobs, seconds, causes, findings, duplicates } = forecast;
  // An address is JSON and so is set afterwards; fixtures are of a pool that has no such attribute.
  const { "set-attributes": setAfter = 0, ...others } = stepsOf(users);
  const found = Object.fromEntries(steps.map((step) => [step.name, step.users]));
  expect(found).toEqual({
    ...others,
    ...(found["set-attributes"] === undefined ? {} : { "set-attributes": expect.any(Number) }),
  });
  expect(found["set-attributes"] ?? 0).toBeGreaterThanOrEqual(setAfter);
  expect(jobs > 0, `${jobs} jobs`).toBe(users.some(({ decision }) => decision === "import-job"));
  expect(seconds > 0, `${seconds} seconds`).toBe(steps.length > 0);
  const expectedIssues = issueCountsOf(users);
  const told = causes.filter(({ code }) => code !== "value-set-after" || code in expectedIssues);
  expect(Object.fromEntries(told.map((cause) => [cause.code, cause.users]))).toEqual(expectedIssues);
  for (const { code, examples, users: count } of causes)
    expect(examples.length, code).toBe(Math.min(count, 3));
  expect(duplicates).toEqual({ users: 0, groups: 0 });
  const nothingVerified = users.filter(
    ({ decision, issues }) =>
      decision === "admin-create" && issues.some((issue) => /^(?:nothing-verified|no-contact)$/.test(issue)),
  );
  expect(findings.find(({ code }) => code === "nothing-verified")?.users ?? 0).toBe(nothingVerified.length);
  const text = JSON.stringify(forecast);
  for (const name of namesOf(users)) expect(text).not.toContain(name.includes("@") ? name : `"${name}"`);
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
    const { aliasAttributes, usernameAttributes, custom, mfa = "OFF" } = pool;
    const { emulator, userPoolId } = await aTarget({
      ...(aliasAttributes === undefined ? {} : { AliasAttributes: [...aliasAttributes] }),
      ...(usernameAttributes === undefined ? {} : { UsernameAttributes: [...usernameAttributes] }),
      ...schemaOf(custom),
      MfaConfiguration: mfa,
    });
    const inFolder = (name: string): string => join(folder, name);
    const besides = Object.fromEntries(Object.entries(options).map(([key, name]) => [key, inFolder(name)]));
    const source = { type, path: inFolder(file), ...besides };
    const planned = async (more: Partial<PlanOptions> = {}): Promise<RunSummary> =>
      plan({
        source,
        userPoolId,
        endpointUrl: emulator.url,
        runDir: join(aFolder(), "run"),
        maxUnreadableShare: 1,
        ...more,
      });
    const { routes, outcomes, source: read, runDir, forecast } = await planned();
    const users = expectedIn(inFolder(expected));
    const wanted = countsOf(users.map(({ decision }) => decision));
    expect({
      rows: read.rows,
      "import-job": routes["import-job"],
      "admin-create": routes["admin-create"],
      skipped: outcomes.skipped,
      rejected: outcomes.rejected,
    }).toEqual({
      rows: users.length,
      "import-job": wanted["import-job"] ?? 0,
      "admin-create": wanted["admin-create"] ?? 0,
      skipped: wanted["skipped"] ?? 0,
      rejected: wanted["rejected"] ?? 0,
    });

    expectForecast(forecast, users);

    // From the files of a run that rejects everybody, and with no more changed than the path, they are planned alike.
    const refused = await planned({ hook: () => ({ reject: "not today" }) });
    if (type === LOCKED_BY_HASH) {
      await expect(planned({ source: { ...source, path: leftIn(refused.runDir) } })).rejects.toThrow(
        expect.objectContaining({
          code: "MAPPING_INVALID",
          message: expect.stringContaining("mapping.disabled"),
        }),
      );
      return;
    }
    const again = await planned({ source: { ...source, path: leftIn(refused.runDir) } });
    expect(decisionsOf(again.runDir, runDir)).toEqual(decisionsOf(runDir, again.runDir));
    expect(again.source.unusedFields.filter((name) => !read.unusedFields.includes(name))).toEqual([]);
  },
);

/** The type whose passwords tell who is locked, which no file of a run can say. */
const LOCKED_BY_HASH = "ldif";

/** One file with all whom a run did not send, in the order of their rows; in the form in which they can be a source. */
function leftIn(runDir: string): string {
  const isTable = !existsSync(join(runDir, "rejected.ndjson"));
  const texts = ["rejected", "skipped"].map((name) =>
    readFileSync(join(runDir, `${name}.${isTable ? "csv" : "ndjson"}`), "utf8"),
  );
  if (!isTable) {
    const users = texts.flatMap((text) => text.split("\n").filter((line) => line !== ""));
    const rowOf = (line: string): number => (JSON.parse(line) as { poolferry_row: number }).poolferry_row;
    return aFile(
      `${users.toSorted((one, other) => rowOf(one) - rowOf(other)).join("\n")}\n`,
      "mended.ndjson",
    );
  }
  const [header = [], ...users] = texts.flatMap((text, at) => parse(text).slice(at === 0 ? 0 : 1));
  const at = header.indexOf("poolferry_row");
  users.sort((one, other) => Number(one[at]) - Number(other[at]));
  // As a spreadsheet of another country saves it.
  return aFile(stringify([header, ...users], { delimiter: ";" }), "mended.csv");
}

interface PlannedUser {
  readonly seq: number;
  readonly route: string;
  readonly outcome: string | null;
  readonly reason: string | null;
}

/**
 * What a plan decided about the users whom another plan of them could read, but for what hangs on their passwords, which no
 * file of a run holds: whoever signs in elsewhere too is then taken for one who has none.
 */
function decisionsOf(runDir: string, otherDir: string): readonly object[] {
  const others = new Map(usersIn(otherDir).map((user) => [user.seq, user]));
  const isRead = (user: PlannedUser | undefined): boolean =>
    user !== undefined && !UNREADABLE.has(user.reason ?? "");
  return usersIn(runDir)
    .filter((user) => isRead(user) && isRead(others.get(user.seq)))
    .map(({ route, outcome, reason, ...user }) => {
      const other = others.get(user.seq);
      const hangsOnPassword = [reason, other?.reason].includes("user-social-only");
      return hangsOnPassword ? user : { ...user, route, outcome, reason };
    });
}

/** Why of some rows nothing could be read. */
const UNREADABLE: ReadonlySet<string> = new Set(["row-ragged", "row-unreadable"]);

function usersIn(runDir: string): readonly PlannedUser[] {
  const database = new Database(join(runDir, "ledger.db"), { readonly: true });
  try {
    return database
      .prepare<[], PlannedUser>(
        `SELECT seq, source_id, username, attributes, route, sms_mfa, changed_at, outcome, reason,
           (SELECT group_concat(kind || ' ' || coalesce(target, '') || ' ' || coalesce(subject, ''), '; ')
              FROM (SELECT * FROM follow_up
                     WHERE follow_up.seq = users.seq AND kind NOT LIKE '%-password' ORDER BY id)) AS follow_ups
         FROM users ORDER BY seq`,
      )
      .all();
  } finally {
    database.close();
  }
}

/** Files whose keys are those of many, or of the system for whose import they were written. */
const SEEN_AS: Readonly<Record<string, string>> = {
  "authjs/snake-case.ndjson": "ndjson",
  "devise/for-fusionauth.json": "fusionauth",
};

test.each(CASES)("$title is recognised", async ({ type, folder, file, title }) => {
  const found = await findSource({ type: "auto", path: join(folder, file) });
  expect(found.type.type).toBe(SEEN_AS[title] ?? type);
});
