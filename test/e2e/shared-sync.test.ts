import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { SyncHistory } from "../../src/run/sync-history.ts";
import type { EmulatorOptions } from "../support/emulator.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { expectEachTickOnce, Service, SERVICE_DEADLINE_MS } from "../support/service-process.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { people, seenIn, type Person } from "../support/sync.ts";
import { aTarget, type Target } from "../support/target.ts";

const LONG = SERVICE_DEADLINE_MS;

let database: TestPostgres;
beforeAll(async () => {
  database = await startPostgres();
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.run("DROP TABLE IF EXISTS poolferry.request_rate"));

/** A sync on a computer of its own: its folder is there alone, and all computers have the database. */
function aComputer(target: Target, list: readonly Person[]): SyncCommand {
  const config = { ledger: "postgres:LEDGER_URL", sync: { fullEveryHours: 24 } } as const;
  const command = new SyncCommand(target, config, { env: { LEDGER_URL: database.url } });
  command.write(list);
  return command;
}

async function aStage(count: number, options: EmulatorOptions = {}) {
  const target = await aTarget({}, { quotas: "off", ...options });
  const list = people(count);
  return { target, list, computers: [aComputer(target, list), aComputer(target, list)] as const };
}

async function historyOf(command: SyncCommand): Promise<SyncHistory> {
  return JSON.parse((await command.run("history", "--json")).stdout) as SyncHistory;
}

/** The ledgers of runs that are in the database: each holds users of the source. */
const ledgers = async (): Promise<readonly unknown[]> =>
  database.run("SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'poolferry_run_%'");

test(
  "a sync goes on from any computer: who is managed, its quarantine and its history are in the database",
  { timeout: LONG },
  async () => {
    const {
      target,
      list,
      computers: [one, other],
    } = await aStage(40);
    expect((await one.sync()).summary).toMatchObject({ counts: { created: 40 }, exitCode: 0 });
    expect(existsSync(join(one.syncDir, "sync.db"))).toBe(false);
    expect(await ledgers()).toEqual([]);
    expect((await other.sync()).summary).toMatchObject({ counts: { unchanged: 40, created: 0 } });

    other.write(list.with(0, { ...list[0]!, name: "Changed" }).slice(0, 38));
    expect((await other.sync()).summary).toMatchObject({ counts: { updated: 1, disabled: 2 } });
    expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Changed");

    other.write(list.slice(0, 5));
    const held = await other.sync();
    expect(held).toMatchObject({ exitCode: 5, summary: { guard: { code: "source-shrunk" } } });
    expect((await one.sync("--dry-run")).summary).toMatchObject({ quarantine: { code: "source-shrunk" } });
    one.write(list.slice(0, 38));
    expect((await one.sync()).exitCode).toBe(5);
    expect((await one.approve(0)).summary).toMatchObject({ exitCode: 0 });

    const [mine, theirs] = [await historyOf(one), await historyOf(other)];
    expect(mine.runs).toEqual(theirs.runs);
    expect(mine.runs.map(({ cause }) => cause)).toEqual(["approval", "once", "once", "once", "once", "once"]);
    expect(await ledgers()).toEqual([]);
  },
);

test(
  "what a killed sync has left in its middle is finished by another computer",
  { timeout: LONG },
  async () => {
    let creations = 0;
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const hooks = {
      beforeEffect: ({ operation }: { readonly operation: string }) => {
        if (operation !== "AdminCreateUser") return undefined;
        creations += 1;
        if (creations === 30) reach();
        return creations >= 30 && creations < 40 ? ({ kind: "delay", delayMs: 300 } as const) : undefined;
      },
    };
    const {
      target,
      list,
      computers: [one, other],
    } = await aStage(0, { hooks });
    const unverified = people(80).map((person) => ({ ...person, email_verified: false }));
    expect(list).toEqual([]);
    for (const command of [one, other]) command.write(unverified);
    const { child, ended } = one.start();
    onTestFinished(() => void child.kill("SIGKILL"));
    await reached;
    child.kill("SIGKILL");
    await ended;
    expect(await ledgers()).toHaveLength(1);
    // The first seconds it is taken for being at work.
    expect((await other.sync()).summary.error).toMatchObject({ code: "RUN_BUSY" });
    await vi.waitFor(async () => expect((await other.sync()).exitCode).toBe(0), {
      timeout: 40_000,
      interval: 1_000,
    });
    expect(seenIn(target).size).toBe(80);
    expect(creations).toBeLessThan(80 + 15);
    expect((await other.sync()).summary).toMatchObject({
      counts: { unchanged: 80, created: 0, disabled: 0 },
    });
    expect(await ledgers()).toEqual([]);
    expect((await historyOf(one)).runs.map(({ kind }) => kind)).toContain("finish");
  },
);

test(
  "a sync that was frozen and taken over says nothing of its own in the history when it wakes",
  { timeout: LONG },
  async () => {
    let creations = 0;
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const hooks = {
      beforeEffect: ({ operation }: { readonly operation: string }) => {
        if (operation !== "AdminCreateUser") return undefined;
        creations += 1;
        if (creations === 20) reach();
        return creations >= 20 && creations < 30 ? ({ kind: "delay", delayMs: 300 } as const) : undefined;
      },
    };
    const {
      computers: [one, other],
    } = await aStage(0, { hooks });
    const unverified = people(60).map((person) => ({ ...person, email_verified: false }));
    for (const command of [one, other]) command.write(unverified);
    const { child, ended } = one.start();
    onTestFinished(() => void child.kill("SIGKILL"));
    await reached;
    child.kill("SIGSTOP");
    await vi.waitFor(async () => expect((await other.sync()).exitCode).toBe(0), {
      timeout: 60_000,
      interval: 1_000,
    });
    const before = (await historyOf(other)).runs;
    child.kill("SIGCONT");
    const { exitCode } = await ended;
    expect(exitCode).toBe(4);
    expect((await historyOf(other)).runs).toEqual(before);
    expect(before.map(({ what }) => what).join()).not.toContain("INTERRUPTED");
  },
);

test("two services on two computers run each tick once", { timeout: LONG }, async () => {
  const { target, computers } = await aStage(20);
  const services = computers.map((command) => new Service(command, "--schedule", "*/3 * * * * *"));
  await expectEachTickOnce(services);
  expect(seenIn(target).size).toBe(20);
  expect(await ledgers()).toEqual([]);
});

test("a folder that has a sync of its own is not begun anew in a database", { timeout: LONG }, async () => {
  const target = await aTarget({}, { quotas: "off" });
  const command = new SyncCommand(target, {}, { env: { LEDGER_URL: database.url } });
  command.write(people(2));
  expect((await command.sync()).exitCode).toBe(0);
  const refused = await command.sync("--ledger", "postgres:LEDGER_URL");
  expect(refused.exitCode).toBe(2);
  expect(refused.summary.error).toMatchObject({ code: "SYNC_MISMATCH" });
  const absent = await command.run("history", "--ledger", "postgres:LEDGER_URL", "--json");
  expect(absent.stdout).toContain("SYNC_NOT_FOUND");
});

test("a folder whose sync is in a database is not begun anew in itself", { timeout: LONG }, async () => {
  const {
    computers: [one],
  } = await aStage(3);
  expect((await one.sync()).exitCode).toBe(0);
  one.configure({});
  const refused = await one.sync();
  expect(refused).toMatchObject({ exitCode: 2, summary: { error: { code: "SYNC_MISMATCH" } } });
  expect(refused.stderr).toContain("ledger.json");
  expect(existsSync(join(one.syncDir, "sync.db"))).toBe(false);
});
