import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { finish, jsonOf, LOCAL_ENV, runCli, startCli, type CommandResult } from "../support/cli.ts";
import { aFolder } from "../support/files.ts";
import { HAS_MARIADB, startMariadb, type TestMariadb } from "../support/mariadb.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aTarget, type Target } from "../support/target.ts";

let postgres: TestPostgres;
let mariadb: TestMariadb | undefined;
beforeAll(async () => {
  postgres = await startPostgres();
  mariadb = HAS_MARIADB ? await startMariadb() : undefined;
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await mariadb?.[Symbol.asyncDispose]();
});

const TABLE =
  "DROP TABLE IF EXISTS people; CREATE TABLE people (id int PRIMARY KEY, username varchar(50), email varchar(90), email_verified boolean, version int)";
const PEOPLE =
  "INSERT INTO people VALUES (1, 'ada', 'ada@example.com', true, 1), (2, 'bo', 'bo@example.com', true, 2), (3, 'cy', 'cy@example.com', false, 3)";

interface Planned {
  readonly runDir: string;
  readonly args: readonly string[];
}

/** A plan over the database with this config. */
async function aPlan(target: Target, type: string, source: object): Promise<Planned> {
  const folder = aFolder();
  const runDir = join(folder, "run");
  const config = join(folder, "ferry.yaml");
  writeFileSync(config, JSON.stringify({ source: { type, urlEnv: "DATABASE_URL", ...source } }));
  return { runDir, args: ["plan", "--config", config, ...target.flags, "--run-dir", runDir, "--json"] };
}

/** The secret of the address must be nowhere, be it as it is or as it stands in a URL. */
function expectNoAddress({ stdout, stderr }: CommandResult, runDir: string): void {
  const files = existsSync(runDir) ? readdirSync(runDir, { recursive: true, withFileTypes: true }) : [];
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));
  for (const text of [stdout, stderr, ...texts])
    expect(text).not.toMatch(/fixture-secret|\bferry[:@]|127\.0\.0\.1:\d+\/(?:postgres|app)/);
}

describe.each(["postgres", "mysql"] as const)("a plan from %s", (type) => {
  const server = () => (type === "postgres" ? postgres : mariadb);
  const isHere = type === "postgres" || HAS_MARIADB;
  const sleeping = type === "postgres" ? "pg_sleep(60)::text" : "SLEEP(60)";

  test.runIf(isHere)("goes on behind the plan before, and keeps the address to itself", async () => {
    const database = server();
    await database?.run(`${TABLE}; ${PEOPLE}`);
    const target = await aTarget();
    const env = { DATABASE_URL: database?.url ?? "" };
    const source = { query: "SELECT * FROM people", cursorColumn: "version" };
    const first = await aPlan(target, type, source);
    const result = await runCli(first.args, { env });
    expect(jsonOf(result)).toMatchObject({
      exitCode: 0,
      source: { rows: 3, unusedFields: ["id"] },
      routes: { "import-job": 2, "admin-create": 1 },
    });
    expectNoAddress(result, first.runDir);
    const report = JSON.parse(readFileSync(join(first.runDir, "report.json"), "utf8")) as {
      readonly source: { readonly cursor: string };
    };
    await database?.run("INSERT INTO people VALUES (4, 'di', 'di@example.com', true, 4)");
    const later = await aPlan(target, type, { ...source, after: report.source.cursor });
    expect(jsonOf(await runCli(later.args, { env }))).toMatchObject({ exitCode: 0, source: { rows: 1 } });
  });

  test.runIf(isHere)("whose connection is lost in the middle leaves none behind", async () => {
    const database = server();
    await database?.run(`${TABLE}; ${PEOPLE}`);
    const target = await aTarget();
    const query = `SELECT id, username, email, CASE id WHEN 3 THEN ${sleeping} END AS note FROM people ORDER BY id`;
    const { args, runDir } = await aPlan(target, type, { query });
    const child = startCli(args, { env: { DATABASE_URL: database?.url ?? "" } });
    const finished = finish(child);
    await expect.poll(() => database?.connections(), { timeout: 60_000 }).toBe(1);
    await expect.poll(() => asleep(type), { timeout: 60_000 }).toBe(1);
    await database?.terminate();
    const result = await finished;
    expect(jsonOf(result)).toMatchObject({ exitCode: 2, error: { code: "SOURCE_UNREACHABLE" } });
    expectNoAddress(result, runDir);
    expect(existsSync(runDir)).toBe(false);
  });

  test.runIf(isHere)("that is interrupted leaves no query behind on the server", async () => {
    const database = server();
    const target = await aTarget();
    const { args, runDir } = await aPlan(target, type, { query: `SELECT ${sleeping} AS id` });
    const child = startCli(args, { env: { DATABASE_URL: database?.url ?? "" } });
    const finished = finish(child);
    await expect.poll(() => asleep(type), { timeout: 60_000 }).toBe(1);
    child.kill("SIGINT");
    expect(await finished).toMatchObject({ exitCode: 130 });
    await expect.poll(() => asleep(type)).toBe(0);
    expect(existsSync(runDir)).toBe(false);
  });

  test("needs the environment variable that it names", async () => {
    const { args } = await aPlan(await aTarget(), type, { query: "SELECT 1" });
    expect(jsonOf(await runCli(args))).toMatchObject({
      exitCode: 2,
      error: { code: "USAGE", message: "The environment variable DATABASE_URL is not set" },
    });
  });
});

/** How many of the source's queries the server works on. */
async function asleep(type: "postgres" | "mysql"): Promise<number> {
  const rows =
    type === "postgres"
      ? await postgres.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
      : await mariadb?.run("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'");
  return rows?.length ?? 0;
}

test("a database that refuses the password ends with the server's words, and without the address", async () => {
  const { args, runDir } = await aPlan(await aTarget(), "postgres", { query: "SELECT 1 AS id" });
  const result = await runCli(args, {
    env: { DATABASE_URL: postgres.url.replace("fixture", "fixture-secret-") },
  });
  expect(jsonOf(result)).toMatchObject({
    exitCode: 2,
    error: { code: "SOURCE_REFUSED", message: expect.stringContaining("28P01") as string },
  });
  expectNoAddress(result, runDir);
});

describe("without the optional packages", () => {
  /** The built command where these packages are not installed. */
  function withoutPackages(...missing: readonly string[]): string {
    const folder = aFolder();
    for (const part of ["bin", "dist", "package.json"]) cpSync(part, join(folder, part), { recursive: true });
    mkdirSync(join(folder, "node_modules"));
    for (const name of readdirSync("node_modules")) {
      if (missing.includes(name)) continue;
      symlinkSync(join(process.cwd(), "node_modules", name), join(folder, "node_modules", name));
    }
    return join(folder, "bin/poolferry.cjs");
  }

  test.each([
    ["postgres", ["pg", "pg-cursor"], "npm install pg pg-cursor"],
    ["postgres", ["pg-cursor"], "npm install pg pg-cursor"],
    ["mysql", ["mysql2"], "npm install mysql2"],
  ])("a plan from %s without %s says what to install", async (type, missing, hint) => {
    const bin = withoutPackages(...missing);
    const { args } = await aPlan(await aTarget(), type, { query: "SELECT 1 AS id" });
    const env = { ...LOCAL_ENV, DATABASE_URL: "postgres://x@127.0.0.1:1/x" };
    const result = await finish(spawn(process.execPath, [bin, ...args], { env }));
    expect(jsonOf(result)).toMatchObject({
      exitCode: 2,
      error: { code: "DRIVER_MISSING", hint: expect.stringContaining(hint) as string },
    });
  });
});
