import { rmSync } from "node:fs";
import { expect, test, vi } from "vitest";
import type { SyncHistory } from "../../src/run/sync-history.ts";
import { aFilledPool } from "../support/filled-pool.ts";
import { Hold } from "../support/hold.ts";
import { expectEachTickOnce, Service, SERVICE_DEADLINE_MS } from "../support/service-process.ts";
import { EACH_SECOND } from "../support/service.ts";
import { SyncCommand } from "../support/sync-command.ts";
import { people, seenIn } from "../support/sync.ts";
import type { Target } from "../support/target.ts";
import type { EmulatorOptions } from "../support/emulator.ts";

/** Each of these tests waits for some seconds to pass. */
const LONG = SERVICE_DEADLINE_MS;

async function aSync(count: number, options: EmulatorOptions = {}) {
  const list = people(count);
  const inhabitants = list.map(({ username, email = "", name = "" }) => ({
    username,
    attributes: { email, email_verified: "true", name },
  }));
  const quotas = { categories: { UserList: 100_000, UserUpdate: 100_000 } };
  const target: Target = await aFilledPool(inhabitants, {}, { quotas, ...options });
  const command = new SyncCommand(target, { sync: { adopt: "matching" } });
  command.write(list);
  return { list, target, command };
}

async function historyOf(command: SyncCommand): Promise<SyncHistory> {
  return JSON.parse((await command.run("history", "--limit", "100", "--json")).stdout) as SyncHistory;
}

test("a service syncs each second, shows its quarantine, and ends with 0", { timeout: LONG }, async () => {
  const { list, target, command } = await aSync(60);
  const service = new Service(command, "--schedule", EACH_SECOND);
  await service.untilCounted({ adopted: 60 });
  command.write(list.with(0, { ...list[0]!, name: "Changed" }));
  await service.untilCounted({ updated: 1 });
  expect(seenIn(target).get("p1")?.attributes["name"]).toBe("Changed");
  const health = await service.get("/healthz");
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ status: "ok", lastSync: { result: "ok", kind: "full" } });
  expect(await service.metric('poolferry_sync_changes_total{kind="updated"}')).toBe(1);
  expect(await service.metric("poolferry_sync_quarantined")).toBe(0);
  expect(await service.metric('poolferry_sync_users{state="managed"}')).toBe(60);
  expect(await service.metric("poolferry_sync_source_rows")).toBe(60);

  command.write(list.slice(0, 30));
  const [held] = await service.until("quarantined");
  expect(held).toMatchObject({ level: 40, code: "source-shrunk" });
  expect(await service.metric("poolferry_sync_quarantined")).toBe(1);
  expect(await service.metric('poolferry_sync_guard_tripped_total{code="source-shrunk"}')).toBe(1);
  const quarantined = await service.get("/healthz");
  expect(quarantined.status).toBe(200);
  expect(await quarantined.json()).toMatchObject({ quarantine: { code: "source-shrunk" } });
  expect([...seenIn(target).values()].every(({ enabled }) => enabled)).toBe(true);

  // A tick may be at work, and lets nobody else in.
  await vi.waitFor(async () => expect(await command.approve(30)).toMatchObject({ exitCode: 0 }), {
    timeout: 60_000,
  });
  await service.until("quarantine-lifted");
  expect(await service.metric("poolferry_sync_quarantined")).toBe(0);
  await service.untilCounted({ unchanged: 30, absent: 30 });

  const { exitCode, signal, stdout } = await service.stop();
  expect({ exitCode, signal, stdout }).toEqual({ exitCode: 0, signal: null, stdout: "" });
  expect(service.told("service-ended")).toMatchObject([{ exitCode: 0 }]);
  const { runs } = await historyOf(command);
  expect(new Set(runs.map(({ cause }) => cause))).toEqual(new Set(["schedule", "approval"]));
  expect(runs.every((run) => run.exitCode !== undefined)).toBe(true);
});

test(
  "a service whose sync is cut short by SIGTERM ends with 130, and the next goes on",
  { timeout: LONG },
  async () => {
    const hold = new Hold({ operation: "AdminUpdateUserAttributes", number: 3, side: "after" });
    const { list, target, command } = await aSync(30, { hooks: hold.hooks });
    await command.sync();
    command.write(list.map((person) => ({ ...person, name: "Changed" })));
    const service = new Service(command, "--schedule", EACH_SECOND);
    await hold.caught;
    service.child.kill("SIGTERM");
    await service.until("service-draining");
    expect(await (await service.get("/healthz")).json()).toMatchObject({ state: "draining" });
    hold.release();
    expect(await service.ended).toMatchObject({ exitCode: 130, signal: null });
    expect(await command.sync()).toMatchObject({ exitCode: 0 });
    expect([...seenIn(target).values()].every(({ attributes }) => attributes["name"] === "Changed")).toBe(
      true,
    );
  },
);

test("two services on one folder run each tick once", { timeout: LONG }, async () => {
  const { target, command } = await aSync(30);
  const schedule = ["--schedule", "*/2 * * * * *"];
  // Also where neither finds a folder.
  const services = [new Service(command, ...schedule), new Service(command, ...schedule)];
  const both = await expectEachTickOnce(services);
  expect(both("sync-failed").filter(({ result }) => result !== "interrupted")).toEqual([]);
  const ran = both("sync-ended").map(({ summary }) => (summary as { runId: string }).runId);
  const { runs } = await historyOf(command);
  const settled = runs.filter(({ summary }) => summary !== undefined).map(({ runId }) => runId);
  expect(new Set(settled)).toEqual(new Set(ran));
  expect(seenIn(target).size).toBe(30);
});

test("a service catches up with the tick that it missed, once", { timeout: LONG }, async () => {
  const { command } = await aSync(3);
  const flags = ["--schedule", "@yearly", "--catch-up"];
  const first = new Service(command, ...flags);
  const [ended] = await first.until("sync-ended");
  expect(ended).toMatchObject({ result: "ok", tick: expect.stringMatching(/^\d{4}-01-01T00:00/) as string });
  expect((await first.stop()).exitCode).toBe(0);
  const second = new Service(command, ...flags);
  await second.until("tick-skipped");
  expect(second.told("tick-skipped")).toMatchObject([{ reason: "claimed" }]);
  // What it has not run itself it knows from the ledger.
  expect(await second.metric("poolferry_sync_last_success_timestamp_seconds")).toBeCloseTo(
    Date.parse((ended?.["summary"] as { readonly endedAt: string } | undefined)?.endedAt ?? "") / 1000,
    2,
  );
  expect((await second.stop()).exitCode).toBe(0);
  expect((await historyOf(command)).runs).toHaveLength(1);
});

test("a service whose source is away says so, and goes on", { timeout: LONG }, async () => {
  const { list, command } = await aSync(3);
  const service = new Service(command, "--schedule", EACH_SECOND);
  await service.untilCounted({ adopted: 3 });
  rmSync(command.path);
  const [failed] = await service.until("sync-failed", 3);
  expect(failed).toMatchObject({ level: 40, result: "usage", code: "SOURCE_NOT_FOUND" });
  expect((await service.get("/healthz")).status).toBe(503);
  command.write(list.with(0, { ...list[0]!, name: "Changed" }));
  await service.untilCounted({ updated: 1 });
  expect((await service.get("/healthz")).status).toBe(200);
  expect((await service.stop()).exitCode).toBe(0);
});

test(
  "what a service has to be told for its syncs it may read from the config",
  { timeout: LONG },
  async () => {
    const { command } = await aSync(3);
    command.configure({ sync: { adopt: "matching", schedule: EACH_SECOND, timezone: "Europe/Berlin" } });
    const service = new Service(command);
    expect((await service.until("service-started"))[0]).toMatchObject({ timezone: "Europe/Berlin" });
    await service.until("sync-ended");
    // 130 where a sync of the next second was under way.
    expect([0, 130]).toContain((await service.stop()).exitCode);
    command.configure({ sync: { schedule: "61 * * * *" } });
    const wrong = await new Service(command).ended;
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain("cannot be used");
  },
);
