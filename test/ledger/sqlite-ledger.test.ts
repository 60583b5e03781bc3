import Database from "better-sqlite3";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { lockRun } from "../../src/ledger/run-lock.ts";
import { createSqliteLedger, openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { aPlannedUser, describeLedger, someClaims } from "../contract/ledger-contract.ts";
import { someFacts, SOME_SOURCE } from "../support/builders.ts";
import { aFolder } from "../support/files.ts";

describeLedger("the SQLite ledger", () => {
  const path = join(aFolder(), "ledger.db");
  return {
    create: async (facts) => createSqliteLedger(path, facts),
    reopen: async () => openSqliteLedger(path),
  };
});

async function aLedgerFile(): Promise<string> {
  const path = join(aFolder(), "ledger.db");
  await using ledger = await createSqliteLedger(path, someFacts());
  await ledger.addUsers(Array.from({ length: 500 }, (_, index) => aPlannedUser(index + 1)));
  return path;
}

test("a ledger and the files beside it are for their owner only", async () => {
  const folder = aFolder();
  const path = join(folder, "ledger.db");
  await using ledger = await createSqliteLedger(path, someFacts());
  await ledger.addUsers([aPlannedUser(1)]);
  const seen = new Set<string>();
  const look = (): void => {
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600);
      seen.add(name);
    }
  };
  look();
  await ledger.rejectClashes("reject-all");
  look();
  expect([...seen].sort()).toEqual(["ledger.db", "ledger.db-journal", "ledger.db-shm", "ledger.db-wal"]);
});

test("what a killed plan was writing is taken back, also for those who only look", async () => {
  const folder = aFolder();
  const path = join(folder, "ledger.db");
  const killed = join(folder, "killed.db");
  await using ledger = await createSqliteLedger(path, someFacts());
  const name = "x".repeat(2_000);
  const batch = (from: number) =>
    Array.from({ length: 1_000 }, (_, index) => aPlannedUser(from + index, { attributes: [["name", name]] }));
  await ledger.addUsers(batch(1));
  expect((await ledger.counts()).rows).toBe(1_000);
  // Not committed yet, and more than stays in memory.
  await ledger.addUsers(batch(1_001));
  await ledger.addUsers(batch(2_001));
  cpSync(path, killed);
  cpSync(`${path}-journal`, `${killed}-journal`);
  await using reader = await openSqliteLedger(killed, "read");
  expect(await reader.progress()).toMatchObject({ state: "planning", users: 1_000 });
});

function countThreads(): number {
  const tasks = readdirSync("/proc/self/task").map((task) => `/proc/self/task/${task}/comm`);
  return tasks.filter((path) => readFileSync(path, "utf8").startsWith("WorkerThread")).length;
}

describe("tens of thousands of users", () => {
  const USERS = 50_000;
  const various = (seq: number): PlannedUser =>
    aPlannedUser(seq, {
      ...(seq % 3 === 0 ? { passwordHash: { algorithm: "BCRYPT", value: `$2b$10$${seq}` } as const } : {}),
      ...(seq % 5 === 0 ? { followUps: [{ kind: "add-to-group", group: `naïve ${seq % 7}` }] as const } : {}),
      ...(seq % 7 === 0
        ? { issues: [{ code: "user-social-only", attribute: "email", message: `${seq}` }] }
        : {}),
      ...(seq % 11 === 0
        ? { username: undefined, claims: undefined, notSent: { kind: "rejected", causes: [] } as const }
        : {}),
    });
  const rowsOf = (path: string, table: string): readonly unknown[] => {
    using file = Object.assign(new Database(path, { readonly: true }), {
      [Symbol.dispose](this: Database.Database) {
        this.close();
      },
    });
    return file.prepare(`SELECT * FROM ${table}`).all();
  };

  async function aLedgerOf(
    users: number,
    between: (ledger: Ledger, done: number) => Promise<unknown>,
  ): Promise<string> {
    const path = join(aFolder(), "ledger.db");
    await using ledger = await createSqliteLedger(path, someFacts());
    for (let done = 0; done < users; done += 500) {
      await ledger.addUsers(Array.from({ length: 500 }, (_, index) => various(done + index + 1)));
      await between(ledger, done);
    }
    expect(await ledger.counts()).toMatchObject({ rows: users });
    return path;
  }

  test("that a thread appends are those that were appended without", async () => {
    const threads: number[] = [];
    const [beside, alone] = [
      await aLedgerOf(USERS, async () => void threads.push(countThreads())),
      await aLedgerOf(USERS, (ledger) => ledger.progress()),
    ];
    // Not for a few, and gone with the plan.
    expect(threads.at(10)).toBe(countThreads());
    expect(threads.at(-1)).toBe(countThreads() + 1);
    for (const table of ["users", "source_rows", "issue", "follow_up"]) {
      const [appended, meant] = [rowsOf(beside, table), rowsOf(alone, table)];
      expect(appended.length, table).toBeGreaterThan(1_000);
      expect(JSON.stringify(appended) === JSON.stringify(meant), table).toBe(true);
    }
  });
});

test("what does not fit into memory is sorted in the folder of the run, whatever its name", async () => {
  const folder = join(aFolder(), "the crew's run");
  mkdirSync(folder);
  await using _ledger = await createSqliteLedger(join(folder, "ledger.db"), someFacts());
  // The setting is the process's, so any connection tells it.
  const other = new Database(":memory:");
  expect(other.pragma("temp_store_directory", { simple: true })).toBe(folder);
  other.close();
});

test("of a user who is rejected for a clash, neither the password hash nor what was to follow is kept", async () => {
  const path = join(aFolder(), "ledger.db");
  await using ledger = await createSqliteLedger(path, someFacts());
  const passwordHash = { algorithm: "BCRYPT", value: "$2b$10$hash" } as const;
  const user = { passwordHash, followUps: [{ kind: "add-to-group", group: "crew" }] } as const;
  const twin = { ...user, claims: someClaims({ username: "x" }) };
  await ledger.addUsers([aPlannedUser(1, twin), aPlannedUser(2, twin), aPlannedUser(3, user)]);
  await ledger.rejectClashes("first");
  const reader = new Database(path, { readonly: true });
  onTestFinished(() => void reader.close());
  expect(reader.prepare("SELECT seq FROM users WHERE password_hash IS NOT NULL").pluck().all()).toEqual([
    1, 3,
  ]);
  expect(reader.prepare("SELECT seq FROM users WHERE hash_algorithm IS NOT NULL").pluck().all()).toEqual([
    1, 3,
  ]);
  expect(reader.prepare("SELECT seq FROM follow_up").pluck().all()).toEqual([1, 3]);
});

test("a ledger is never made over another one", async () => {
  const path = await aLedgerFile();
  await expect(createSqliteLedger(path, someFacts())).rejects.toThrow("EEXIST");
});

test("a missing ledger is a run that is not there", async () => {
  await expect(openSqliteLedger(join(aFolder(), "ledger.db"))).rejects.toMatchObject({
    code: "RUN_NOT_FOUND",
  });
});

test.each([
  {
    what: "a file of text",
    spoil: (path: string) =>
      writeFileSync(path, "not a database, but long enough to be read as one".repeat(40)),
  },
  { what: "a ledger that was cut short", spoil: (path: string) => truncateSync(path, 20_000) },
  {
    what: "a ledger with a page overwritten",
    spoil: (path: string) => {
      const bytes = readFileSync(path);
      bytes.fill(0x5a, 4096 * 3, 4096 * 9);
      writeFileSync(path, bytes);
    },
  },
  {
    what: "another SQLite database",
    spoil: (path: string) => {
      writeFileSync(path, "");
      new Database(path).exec("CREATE TABLE user (id INTEGER)").close();
    },
  },
  {
    what: "a ledger of another version",
    spoil: (path: string) => {
      const database = new Database(path);
      database.pragma("user_version = 99");
      database.close();
    },
  },
])("$what is refused with a clear error, never guessed at", async ({ spoil }) => {
  const path = await aLedgerFile();
  spoil(path);
  await expect(openSqliteLedger(path)).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
  await expect(openSqliteLedger(path, "read")).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
});

describe("a large ledger is checked beside what else is done", () => {
  async function aLargeLedger(): Promise<string> {
    const path = join(aFolder(), "ledger.db");
    await using ledger = await createSqliteLedger(path, someFacts());
    const attributes = [["name", "x".repeat(8_000)]] as const;
    for (let first = 1; first < 5_000; first += 500)
      await ledger.addUsers(
        Array.from({ length: 500 }, (_, index) => aPlannedUser(first + index, { attributes })),
      );
    await ledger.finishPlan(SOME_SOURCE);
    return path;
  }

  test("and found whole", async () => {
    await using ledger = await openSqliteLedger(await aLargeLedger(), "load");
    await using check = ledger.checkBeside();
    await check?.done();
    expect(check?.broken.aborted).toBe(false);
  });

  test("and one letter of a user ends it", async () => {
    const path = await aLargeLedger();
    const database = new Database(path);
    database.exec("UPDATE users SET attributes = replace(attributes, 'xx', 'xy') WHERE seq = 4000");
    database.close();
    await using ledger = await openSqliteLedger(path, "load");
    await using check = ledger.checkBeside();
    await expect(check?.done()).rejects.toThrow("user 4000 is not as it was written");
    expect(check?.broken.reason).toMatchObject({ name: "BrokenRow" });
  });

  test("and nobody waits for it any more once it is disposed of", async () => {
    await using ledger = await openSqliteLedger(await aLargeLedger(), "load");
    const check = ledger.checkBeside();
    await check?.[Symbol.asyncDispose]();
    await check?.done();
    expect(check?.broken.aborted).toBe(false);
  });

  test("and a small one is not", async () => {
    await using ledger = await openSqliteLedger(await aLedgerFile(), "load");
    expect(ledger.checkBeside()).toBeUndefined();
  });
});

test("a run can be read while another process writes it", async () => {
  const path = await aLedgerFile();
  await using writer = await openSqliteLedger(path);
  await using reader = await openSqliteLedger(path, "read");
  await writer.addUsers([aPlannedUser(501)]);
  expect((await reader.counts()).rows).toBe(501);
});

test("an erased password hash is in no file of the ledger any more", async () => {
  const folder = aFolder();
  const path = join(folder, "ledger.db");
  const isInFiles = (): boolean =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes("$2b$10$secret"));
  await using ledger = await createSqliteLedger(path, someFacts());
  const passwordHash = (seq: number) => ({ algorithm: "BCRYPT", value: `$2b$10$secret${seq}` }) as const;
  await ledger.addUsers(
    Array.from({ length: 3_000 }, (_, index) => aPlannedUser(index, { passwordHash: passwordHash(index) })),
  );
  await ledger.finishPlan(SOME_SOURCE);
  expect(isInFiles()).toBe(true);
  await ledger.eraseSecrets();
  expect(isInFiles()).toBe(false);
});

test("a run is held once at a time, and free again when it was let go", () => {
  const path = join(aFolder(), "run.lock");
  const held = lockRun(path);
  const busy = {
    code: "RUN_BUSY",
    message: "Another process is working on this run",
    hint: "Wait for it, or look at it with: poolferry status",
  };
  expect(() => lockRun(path)).toThrow(expect.objectContaining(busy) as Error);
  held[Symbol.dispose]();
  lockRun(path)[Symbol.dispose]();
});
