import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aFilledPool, settle } from "../support/filled-pool.ts";
import { HAS_MARIADB, startMariadb, type TestMariadb } from "../support/mariadb.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { aDirectory, ADMIN, HAS_SLAPD, SUFFIX } from "../support/slapd.ts";
import { SyncCommand, type SyncConfig } from "../support/sync-command.ts";
import { seenIn } from "../support/sync.ts";
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

const FAST = {
  categories: { UserList: 100_000, UserUpdate: 100_000, UserCreation: 100_000, UserResourceUpdate: 100_000 },
};

/** A pool of users u1 to uN, as the tables of {@link fill} have them. */
async function aPoolOf(count: number): Promise<Target> {
  const inhabitants = Array.from({ length: count }, (_, index) => ({
    username: `u${index + 1}`,
    attributes: { email: `u${index + 1}@example.com`, email_verified: "true", name: `User ${index + 1}` },
  }));
  return aFilledPool(inhabitants, {}, { quotas: FAST });
}

interface Database {
  readonly url: string;
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** A table of people, read through a view that a test can spoil. */
async function fill(database: Database, type: "postgres" | "mysql", count: number): Promise<void> {
  const numbers =
    type === "postgres"
      ? `generate_series(1, ${count}) AS id`
      : `(SELECT seq AS id FROM seq_1_to_${count}) AS s`;
  await database.run(
    `DROP VIEW IF EXISTS source; DROP TABLE IF EXISTS people;
     CREATE TABLE people (id int PRIMARY KEY, name varchar(90), is_gone boolean NOT NULL, version int NOT NULL);
     INSERT INTO people SELECT id, concat('User ', id), false, id FROM ${numbers}`,
  );
  await setView(database, "");
}

const COLUMNS =
  "id, concat('u', id) AS username, concat('u', id, '@example.com') AS email, true AS email_verified, name, is_gone, version";

async function setView(database: Database, where: string, more = ""): Promise<void> {
  await database.run(
    `DROP VIEW IF EXISTS source; CREATE VIEW source AS SELECT ${COLUMNS}${more} FROM people ${where}`,
  );
}

function aConfig(type: string, source: object = {}, sync: object = {}): SyncConfig {
  return {
    source: { type, urlEnv: "DATABASE_URL", query: "SELECT * FROM source ORDER BY id", ...source },
    mapping: { sourceId: "id", deleted: "is_gone", attributes: { name: "name" } },
    sync: { adopt: "matching", ...sync },
  };
}

/** What was asked of the service since, by operation. */
function callsSince({ emulator }: Target): () => Readonly<Record<string, number>> {
  const before = new Map(emulator.requestCounts);
  return () =>
    Object.fromEntries(
      [...emulator.requestCounts]
        .map(([operation, count]) => [operation, count - (before.get(operation) ?? 0)] as const)
        .filter(([operation, count]) => count > 0 && !/^(Describe|GetCSV|GetProv)/.test(operation)),
    );
}

const disabledIn = (target: Target): readonly string[] =>
  [...seenIn(target)].filter(([, { enabled }]) => !enabled).map(([username]) => username);

describe.each(["postgres", "mysql"] as const)("a sync from %s", (type) => {
  const isHere = type === "postgres" || HAS_MARIADB;
  const server = (): TestPostgres | TestMariadb => {
    const found = type === "postgres" ? postgres : mariadb;
    if (found === undefined) throw new Error("there is no server");
    return found;
  };
  const sleepAt = (id: number): string =>
    `, CASE id WHEN ${id} THEN ${type === "postgres" ? "pg_sleep(60)::text" : "SLEEP(60)"} END AS note`;

  test.runIf(isHere)(
    "takes nobody for absent whose connection is lost at row 5,000 of 10,000",
    async () => {
      const database = server();
      await fill(database, type, 10_000);
      const target = await aPoolOf(10_000);
      const command = new SyncCommand(target, aConfig(type), { env: { DATABASE_URL: database.url } });
      expect(await command.sync()).toMatchObject({
        exitCode: 0,
        summary: { counts: { adopted: 10_000, unchanged: 10_000 } },
      });
      const calls = callsSince(target);
      await setView(database, "", sleepAt(5_001));
      const { ended } = command.start();
      await expect.poll(() => asleep(type), { timeout: 60_000 }).toBe(1);
      await database.terminate();
      const broken = await ended;
      expect(broken).toMatchObject({ exitCode: 4, summary: { error: { code: "SOURCE_UNREACHABLE" } } });
      expect(broken.stdout + broken.stderr).not.toContain("fixture-secret");
      // The pool is listed while the source is read; nothing else was done.
      const { ListUsers: _pages, ...others } = calls();
      expect(others).toEqual({});
      // The next one has it all, and sees it.
      const callsOfNext = callsSince(target);
      await setView(database, "");
      await database.run("UPDATE people SET name = 'Other' WHERE id = 7000");
      expect(await command.sync()).toMatchObject({
        exitCode: 0,
        summary: { counts: { updated: 1, unchanged: 9_999, absent: 0 } },
      });
      expect(callsOfNext()).toEqual({ AdminUpdateUserAttributes: 1, ListUsers: Math.ceil(10_000 / 60) });
      expect(disabledIn(target)).toEqual([]);
    },
    120_000,
  );

  test.runIf(isHere)("is stopped where a filter matches nobody, and where it matches too few", async () => {
    const database = server();
    await fill(database, type, 300);
    const target = await aPoolOf(300);
    const command = new SyncCommand(target, aConfig(type), { env: { DATABASE_URL: database.url } });
    await command.sync();
    await setView(database, "WHERE name = 'Nobody'");
    expect(await command.sync()).toMatchObject({
      exitCode: 5,
      summary: { guard: { code: "source-empty" }, sourceRows: 0 },
    });
    await setView(database, "WHERE id <= 230");
    expect(await command.approve(0)).toMatchObject({
      exitCode: 5,
      summary: { guard: { code: "above-approved" }, counts: { withheld: 70 } },
    });
    expect(disabledIn(target)).toEqual([]);
    await setView(database, "");
    expect(await command.approve(0)).toMatchObject({ exitCode: 0, summary: { counts: { unchanged: 300 } } });
  });

  test.runIf(isHere)(
    "with a column that tells changes reads and writes only what changed",
    async () => {
      const database = server();
      await fill(database, type, 1_000);
      const target = await aPoolOf(1_000);
      const cursor = { query: "SELECT * FROM source", cursorColumn: "version" };
      const command = new SyncCommand(target, aConfig(type, cursor), { env: { DATABASE_URL: database.url } });
      expect(await command.sync()).toMatchObject({ summary: { kind: "full", counts: { adopted: 1_000 } } });

      const quiet = callsSince(target);
      expect(await command.sync()).toMatchObject({
        exitCode: 0,
        summary: { kind: "incremental", sourceRows: 0 },
      });
      expect(quiet()).toEqual({});

      const calls = callsSince(target);
      await database.run(
        `UPDATE people SET name = 'Changed', version = 1001 WHERE id = 3;
         UPDATE people SET is_gone = true, version = 1002 WHERE id = 4;
         UPDATE people SET name = 'Changed too', version = 1003 WHERE id = 5;
         INSERT INTO people VALUES (1001, 'User 1001', false, 1004)`,
      );
      const result = await command.sync();
      expect(result).toMatchObject({
        exitCode: 0,
        summary: {
          kind: "incremental",
          sourceRows: 4,
          managedUsers: 1_001,
          counts: { updated: 2, disabled: 1, created: 1, absent: 1, failed: 0 },
        },
      });
      const { AdminUpdateUserAttributes, AdminDisableUser, ListUsers = 0 } = calls();
      expect([AdminUpdateUserAttributes, AdminDisableUser]).toEqual([2, 1]);
      // One search for each, and those of the import job.
      expect(ListUsers).toBeLessThanOrEqual(4 + 1 + 1);
      expect(disabledIn(target)).toEqual(["u4"]);

      // Who is deleted from the table without a word is found by the full comparison alone.
      await database.run("DELETE FROM people WHERE id = 6");
      expect(await command.sync()).toMatchObject({ summary: { kind: "incremental", counts: { absent: 0 } } });
      command.configure(aConfig(type, cursor, { fullEveryHours: 0 }));
      const full = await command.sync();
      expect(full.stderr).toContain("everybody is compared, as it is time for it");
      expect(full).toMatchObject({
        exitCode: 0,
        summary: { kind: "full", counts: { disabled: 1, absent: 2, unchanged: 999 } },
      });
      expect(disabledIn(target)).toEqual(["u4", "u6"]);
    },
    60_000,
  );
});

/** How many of the source's queries the server works on. */
async function asleep(type: "postgres" | "mysql"): Promise<number> {
  const rows =
    type === "postgres"
      ? await postgres.run("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
      : await mariadb?.run("SELECT 1 FROM information_schema.processlist WHERE state = 'User sleep'");
  return rows?.length ?? 0;
}

describe("the cursor of a sync", () => {
  /** A sync of 200 users with a cursor, of whom one cannot be changed while `isBroken`. */
  async function aSync(sync: object = {}) {
    await fill(postgres, "postgres", 200);
    const state = { isBroken: true };
    const inhabitants = Array.from({ length: 200 }, (_, index) => ({
      username: `u${index + 1}`,
      attributes: { email: `u${index + 1}@example.com`, email_verified: "true", name: `User ${index + 1}` },
    }));
    const beforeEffect = async ({ operation }: { readonly operation: string }) =>
      state.isBroken && operation === "AdminUpdateUserAttributes"
        ? ({ kind: "error", status: 400, type: "InvalidParameterException", message: "no" } as const)
        : undefined;
    const target = await aFilledPool(inhabitants, {}, { quotas: FAST, hooks: { beforeEffect } });
    const config = aConfig("postgres", { query: "SELECT * FROM source", cursorColumn: "version" }, sync);
    const command = new SyncCommand(target, config, { env: { DATABASE_URL: postgres.url } });
    expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { kind: "full" } });
    return { state, target, command };
  }

  test("leaves nobody behind it for whom something failed", async () => {
    const { state, target, command } = await aSync();
    await postgres.run("UPDATE people SET name = 'Changed', version = 201 WHERE id = 9");
    expect(await command.sync()).toMatchObject({
      exitCode: 3,
      summary: { kind: "incremental", counts: { failed: 1 } },
    });
    // Nor does a full comparison in which it fails again.
    expect(await command.sync()).toMatchObject({
      exitCode: 3,
      summary: { kind: "full", counts: { failed: 1 } },
    });
    state.isBroken = false;
    const next = await command.sync();
    expect(next.stderr).toContain("everybody is compared, as the last one had failures");
    expect(next).toMatchObject({ exitCode: 0, summary: { kind: "full", counts: { updated: 1 } } });
    expect(seenIn(target).get("u9")?.attributes["name"]).toBe("Changed");
    expect(await command.sync()).toMatchObject({ summary: { kind: "incremental", sourceRows: 0 } });
  });

  test("stays where it was through a quarantine", async () => {
    const { target, command, state } = await aSync({ maxDisables: 3 });
    state.isBroken = false;
    await postgres.run(
      "UPDATE people SET is_gone = true, version = 300 + id WHERE id <= 4; UPDATE people SET name = 'Changed', version = 400 WHERE id = 9",
    );
    expect(await command.sync()).toMatchObject({
      exitCode: 5,
      summary: { kind: "incremental", guard: { code: "too-many-disables" }, counts: { withheld: 5 } },
    });
    expect(await command.approve(4)).toMatchObject({
      exitCode: 0,
      summary: { kind: "full", counts: { disabled: 4, updated: 1 } },
    });
    expect(disabledIn(target)).toEqual(["u1", "u2", "u3", "u4"]);
    expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { kind: "incremental" } });
  });

  test("is that of the last sync, and what a kill left behind it is not lost", async () => {
    const { target, command, state } = await aSync();
    state.isBroken = false;
    await postgres.run("UPDATE people SET name = 'Changed', version = 200 + id WHERE id <= 50");
    const { child, ended } = command.start();
    await expect
      .poll(() => [...seenIn(target).values()].some(({ attributes }) => attributes["name"] === "Changed"), {
        interval: 1,
        timeout: 60_000,
      })
      .toBe(true);
    child.kill("SIGKILL");
    await ended;
    expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { kind: "full" } });
    const names = [...seenIn(target).values()].map(({ attributes }) => attributes["name"]);
    expect(names.filter((name) => name === "Changed")).toHaveLength(50);
  });
});

test("a user pool is followed by what changed in it", async () => {
  const old = await aPoolOf(300);
  const target = await aTarget({}, { quotas: FAST });
  const source = { type: "cognito", userPoolId: old.userPoolId, endpointUrl: old.emulator.url };
  const command = new SyncCommand(target, { source, mapping: {}, policies: { missingGroups: "create" } });
  expect(await command.sync()).toMatchObject({
    exitCode: 0,
    summary: { kind: "full", counts: { created: 300 } },
  });
  const pool = old.emulator.state.pools.get(old.userPoolId);
  const changed = [...(pool?.users ?? [])].find(({ username }) => username === "u7");
  if (changed === undefined) throw new Error("u7 is gone");
  changed.attributes = changed.attributes.map((each) => (each === "User 7" ? "Changed" : each));
  changed.modifiedMs = Date.now();
  settle(old, {
    username: "u301",
    attributes: { email: "u301@example.com", email_verified: "true" },
    madeMs: Date.now(),
  });
  const calls = callsSince(target);
  const result = await command.sync();
  expect(result).toMatchObject({
    exitCode: 0,
    summary: { kind: "incremental", sourceRows: 2, counts: { updated: 1, created: 1 } },
  });
  expect(calls()["AdminUpdateUserAttributes"]).toBe(1);
  expect(seenIn(target).get("u7")?.attributes["name"]).toBe("Changed");
  expect(seenIn(target).size).toBe(301);
});

test.runIf(HAS_SLAPD)("a directory whose filter matches nobody takes nothing from anybody", async () => {
  const people = Array.from(
    { length: 30 },
    (_, index) => `dn: uid=d${index},${SUFFIX}
objectClass: inetOrgPerson
uid: d${index}
cn: Dee ${index}
sn: Dee
mail: d${index}@example.com

`,
  );
  const { url } = await aDirectory(people.join(""));
  const config = (filter: string): SyncConfig => ({
    source: { type: "ldap", urlEnv: "DIRECTORY", bindDn: ADMIN.dn, bindPasswordEnv: "READER", filter },
    mapping: {},
  });
  const target = await aTarget({}, { quotas: FAST });
  const env = { DIRECTORY: url, READER: ADMIN.password };
  const command = new SyncCommand(target, config("(objectClass=inetOrgPerson)"), { env });
  expect(await command.sync()).toMatchObject({ exitCode: 0, summary: { counts: { created: 30 } } });
  command.configure(config("(objectClass=nothing)"));
  expect(await command.sync()).toMatchObject({ exitCode: 5, summary: { guard: { code: "source-empty" } } });
  expect(disabledIn(target)).toEqual([]);
});
