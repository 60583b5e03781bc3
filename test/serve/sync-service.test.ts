import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import parsePrometheusTextFormat from "parse-prometheus-text-format";
import { expect, onTestFinished, test, vi } from "vitest";
import { FerryError, interrupted } from "../../src/core/ferry-error.ts";
import { readListenAddress } from "../../src/serve/listener.ts";
import { readSchedule } from "../../src/serve/schedule.ts";
import { MAX_SYNC_MS, ServiceState } from "../../src/serve/service-state.ts";
import { aService, aSummary, EACH_SECOND, NEVER } from "../support/service.ts";

function trouble(code: "SOURCE_NOT_FOUND" | "CONFIG_INVALID" | "RUN_BUSY" | "TOO_MANY_FAILED"): FerryError {
  return new FerryError(code, "It did not work", { hint: "Try again" });
}

/** Some syncs, one after another; the last goes on for ever. */
function inTurn<Result>(...steps: readonly (() => Promise<Result>)[]): () => Promise<Result> {
  let turn = 0;
  return async () => {
    const step = steps[Math.min(turn, steps.length - 1)];
    turn += 1;
    if (step === undefined) throw new Error("no step");
    return step();
  };
}

test("every tick runs one sync, which is told the time of the tick and not that of its begin", async () => {
  const ticks: Date[] = [];
  const service = aService({
    syncOnce: async ({ tick }) => {
      ticks.push(tick);
      return aSummary();
    },
  });
  await service.until("sync-ended", 3);
  expect(await service.stop()).toBe(0);
  for (const tick of ticks) expect(tick.getMilliseconds()).toBe(0);
  const gaps = ticks.slice(1).map((tick, index) => tick.getTime() - (ticks[index]?.getTime() ?? 0));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(1000);
  expect(service.events[0]).toMatchObject({
    kind: "service-started",
    schedule: EACH_SECOND,
    timezone: "UTC",
  });
  expect(service.events.at(-1)).toEqual({ kind: "service-ended", exitCode: 0 });
});

test("a tick that falls into a running sync is skipped, told and counted", async () => {
  let running = 0;
  const release = Promise.withResolvers<void>();
  const service = aService({
    syncOnce: async () => {
      running += 1;
      expect(running).toBe(1);
      await release.promise;
      running -= 1;
      return aSummary();
    },
  });
  await service.until("tick-skipped", 2);
  expect(service.told("tick-skipped")[0]).toMatchObject({ reason: "overlap", ticks: 1 });
  expect(await (await service.get("/healthz")).json()).toMatchObject({ status: "ok", state: "running" });
  expect(await service.metric("poolferry_sync_running")).toBe(1);
  expect(await service.metric('poolferry_sync_ticks_skipped_total{reason="overlap"}')).toBeGreaterThan(1);
  release.resolve();
  await service.until("sync-ended", 2);
});

test("two services on one ledger run each tick once", async () => {
  const claimed = new Set<number>();
  const ran: number[] = [];
  const options = {
    claimTick: async (tick: Date) => {
      if (claimed.has(tick.getTime())) return false;
      claimed.add(tick.getTime());
      return true;
    },
    syncOnce: async ({ tick }: { readonly tick: Date }) => {
      ran.push(tick.getTime());
      return aSummary();
    },
  };
  const services = [aService(options), aService(options)];
  await vi.waitFor(() => expect(ran.length).toBeGreaterThan(3), { timeout: 60_000 });
  for (const service of services) await service.stop();
  expect(new Set(ran).size).toBe(ran.length);
  const skips = services.flatMap((service) => service.told("tick-skipped"));
  expect(skips.length).toBeGreaterThan(1);
  expect(skips.every(({ reason }) => reason === "claimed" || reason === "missed")).toBe(true);
});

test("a process that ends between tick and sync has not claimed the tick", async () => {
  const claimTick = vi.fn(async () => true);
  // By chance below a second once in a million.
  const service = aService({ jitterMs: 1_000_000_000, claimTick });
  await service.until("tick-skipped");
  expect(service.told("tick-skipped")[0]).toMatchObject({ reason: "overlap" });
  expect(await service.stop()).toBe(0);
  expect(claimTick).not.toHaveBeenCalled();
  expect(service.told("sync-started")).toEqual([]);
});

test("a service that catches up begins with the tick before its start, unless it is claimed", async () => {
  const claimed: Date[] = [];
  const options = {
    schedule: NEVER,
    catchUp: true,
    claimTick: async (tick: Date) => claimed.push(tick) === 1,
  };
  const first = aService(options);
  await first.until("sync-ended");
  const second = aService(options);
  await second.until("tick-skipped");
  expect(claimed[0]).toEqual(readSchedule(NEVER).latest(new Date()));
  expect(claimed[1]).toEqual(claimed[0]);
  expect(second.told("sync-started")).toEqual([]);
});

test("errors of syncs are told and the service goes on; unhealthy after three of them, healthy after a sync that ends", async () => {
  let works = false;
  const service = aService({
    syncOnce: async () => {
      if (works) return aSummary({ exitCode: 3 });
      throw trouble("SOURCE_NOT_FOUND");
    },
  });
  await service.until("sync-failed");
  expect(service.told("sync-failed")[0]).toMatchObject({ result: "usage", code: "SOURCE_NOT_FOUND" });
  await service.until("sync-failed", 3);
  const sick = await service.get("/healthz");
  expect(sick.status).toBe(503);
  expect(await sick.json()).toMatchObject({
    status: "failing",
    state: "idle",
    lastSync: { result: "usage", code: "SOURCE_NOT_FOUND" },
  });
  // It would mend nothing to start the process anew.
  expect((await service.get("/livez")).status).toBe(200);
  works = true;
  await service.until("sync-ended");
  const well = await service.get("/healthz");
  expect(well.status).toBe(200);
  expect(await well.json()).toMatchObject({
    status: "ok",
    failuresInARow: 0,
    lastSync: { result: "incomplete" },
  });
  expect(service.errors.length).toBe(service.told("sync-failed").length);
  expect(await service.metric('poolferry_sync_runs_total{result="usage"}')).toBe(service.errors.length);
  expect(await service.metric("poolferry_sync_last_success_timestamp_seconds")).toBeGreaterThan(1.7e9);
});

test("a bug in a sync is told with what was thrown, and the service goes on", async () => {
  const bug = new TypeError("undefined is not a user");
  const service = aService({
    syncOnce: inTurn(
      () => Promise.reject(bug),
      async () => aSummary(),
    ),
  });
  await service.until("sync-ended");
  expect(service.errors).toEqual([bug]);
  expect(service.told("sync-failed")[0]).toMatchObject({ result: "bug", code: "BUG" });
});

test("what no later sync could mend ends the service when the first one meets it", async () => {
  const error = trouble("CONFIG_INVALID");
  const service = aService({ syncOnce: async () => Promise.reject(error) });
  await expect(service.ended).rejects.toBe(error);
  expect(service.told("sync-failed")).toHaveLength(1);
  expect(service.errors).toEqual([]);
});

test("the same trouble later is told only", async () => {
  const service = aService({
    syncOnce: inTurn(
      async () => aSummary(),
      () => Promise.reject(trouble("CONFIG_INVALID")),
    ),
  });
  await service.until("sync-failed", 2);
  expect(service.errors).toHaveLength(service.told("sync-failed").length);
});

test("a sync of another process at the same time is a skipped tick and no error", async () => {
  const service = aService({ syncOnce: async () => Promise.reject(trouble("RUN_BUSY")) });
  await service.until("tick-skipped");
  expect(service.told("tick-skipped")[0]).toMatchObject({ reason: "busy" });
  expect(service.errors).toEqual([]);
  expect(await (await service.get("/healthz")).json()).toMatchObject({ status: "ok", state: "idle" });
});

test("a quarantine is healthy, shown, counted once however many syncs it lasts, and lifted", async () => {
  const quarantine = { code: "SOURCE_SHRANK", since: "2027-01-04T10:00:00.000Z" };
  const held = async () => aSummary({ exitCode: 5, quarantine, counts: { created: 2 } });
  let isApproved = false;
  const service = aService({ syncOnce: async () => (isApproved ? aSummary() : held()) });
  await service.until("sync-ended", 2);
  const health = await service.get("/healthz");
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ status: "ok", quarantine, lastSync: { result: "guarded" } });
  expect(await service.metric("poolferry_sync_quarantined")).toBe(1);
  expect(await service.metric("poolferry_sync_last_success_timestamp_seconds")).toBe(0);
  isApproved = true;
  await service.until("quarantine-lifted");
  expect(service.told("quarantined")).toEqual([{ kind: "quarantined", ...quarantine }]);
  expect(await service.metric('poolferry_sync_guard_tripped_total{code="SOURCE_SHRANK"}')).toBe(1);
  expect(await service.metric("poolferry_sync_quarantined")).toBe(0);
});

test("a service that starts anew knows by the ledger when a sync last came to its end, and that one is held", async () => {
  const quarantine = { code: "SOURCE_EMPTY", since: "2027-01-04T10:00:00.000Z" };
  const last = aSummary({ exitCode: 5, quarantine, endedAt: "2027-01-04T10:00:00.000Z", managedUsers: 41 });
  const lastSuccess = aSummary({ endedAt: "2027-01-04T09:45:00.000Z" });
  const service = aService({ schedule: NEVER, readHistory: async () => ({ last, lastSuccess }) });
  expect(await (await service.get("/healthz")).json()).toMatchObject({
    status: "ok",
    state: "quarantined",
    lastSuccessAt: lastSuccess.endedAt,
  });
  expect(await service.metric("poolferry_sync_last_success_timestamp_seconds")).toBe(
    Date.parse(lastSuccess.endedAt) / 1000,
  );
  expect(await service.metric('poolferry_sync_users{state="managed"}')).toBe(41);
});

test("a drain gives the running sync the signal, waits for it, and answers meanwhile", async () => {
  const release = Promise.withResolvers<void>();
  const service = aService({
    syncOnce: async (_trigger, signal) => {
      if (!signal.aborted) await once(signal, "abort");
      await release.promise;
      return aSummary();
    },
  });
  await service.until("sync-started");
  const stopped = service.stop();
  await service.until("service-draining");
  expect(service.told("service-draining")).toEqual([{ kind: "service-draining", isSyncing: true }]);
  expect(await (await service.get("/healthz")).json()).toMatchObject({ state: "draining" });
  release.resolve();
  expect(await stopped).toBe(0);
  expect(service.told("sync-started")).toHaveLength(1);
  await expect(service.get("/healthz")).rejects.toThrow("fetch failed");
});

test("a sync that a drain cuts short is no error, and the exit code says that it can be resumed", async () => {
  const service = aService({
    syncOnce: async (_trigger, signal) => {
      await once(signal, "abort");
      throw interrupted();
    },
  });
  await service.until("sync-started");
  expect(await service.stop()).toBe(130);
  expect(service.errors).toEqual([]);
  expect(service.told("sync-failed")).toMatchObject([{ result: "interrupted", code: "INTERRUPTED" }]);
});

test("unhealthy when no sync comes to its end for three ticks, or one runs for a day", () => {
  const state = new ServiceState(readSchedule("0 * * * *"));
  const hours = (count: number): Date => new Date(Date.now() + count * 3_600_000);
  expect(state.health(hours(2.99))).toMatchObject({ status: "ok" });
  expect(state.health(hours(4.01))).toMatchObject({ status: "stale" });
  // A long sync is no stale one.
  state.observe({ kind: "sync-started", tick: new Date().toISOString() });
  expect(state.health(hours(20))).toMatchObject({ status: "ok", state: "running" });
  expect(state.health(new Date(Date.now() + MAX_SYNC_MS + 1000))).toMatchObject({ status: "stuck" });
});

test("metrics are of Prometheus' text format, with help and type, before any sync as after it", async () => {
  const service = aService({ schedule: NEVER });
  const response = await service.get("/metrics");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  const families = parsePrometheusTextFormat(text);
  const ours = families.filter(({ name }) => name.startsWith("poolferry_"));
  expect(Object.fromEntries(ours.map(({ name, type }) => [name, type]))).toEqual({
    poolferry_sync_changes_total: "COUNTER",
    poolferry_sync_duration_seconds: "HISTOGRAM",
    poolferry_sync_guard_tripped_total: "COUNTER",
    poolferry_sync_last_success_timestamp_seconds: "GAUGE",
    poolferry_sync_next_tick_timestamp_seconds: "GAUGE",
    poolferry_sync_quarantined: "GAUGE",
    poolferry_sync_running: "GAUGE",
    poolferry_sync_runs_total: "COUNTER",
    poolferry_sync_source_rows: "GAUGE",
    poolferry_sync_ticks_skipped_total: "COUNTER",
    poolferry_sync_users: "GAUGE",
  });
  for (const { name, help } of families) expect(help.length, name).toBeGreaterThan(10);
  expect(families.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["process_cpu_seconds_total", "process_resident_memory_bytes"]),
  );
});

test("a sync's numbers stand in the metrics", async () => {
  const service = aService({
    schedule: NEVER,
    catchUp: true,
    syncOnce: async () =>
      aSummary({
        startedAt: "2027-01-04T10:00:00.000Z",
        endedAt: "2027-01-04T10:00:20.000Z",
        kind: "full",
        counts: { created: 3, groupsRemoved: 2, conflicts: 1, unchanged: 90 },
        sourceRows: 96,
        managedUsers: 95,
      }),
  });
  await service.until("sync-ended");
  const numbers = {
    'poolferry_sync_changes_total{kind="created"}': 3,
    'poolferry_sync_changes_total{kind="removed_from_group"}': 2,
    'poolferry_sync_changes_total{kind="deleted"}': 0,
    'poolferry_sync_users{state="managed"}': 95,
    'poolferry_sync_users{state="conflict"}': 1,
    'poolferry_sync_users{state="unchanged"}': 90,
    poolferry_sync_source_rows: 96,
    'poolferry_sync_duration_seconds_sum{kind="full"}': 20,
    'poolferry_sync_duration_seconds_bucket{le="15",kind="full"}': 0,
    'poolferry_sync_duration_seconds_bucket{le="60",kind="full"}': 1,
    'poolferry_sync_runs_total{result="ok"}': 1,
    'poolferry_sync_runs_total{result="stopped"}': 0,
  };
  for (const [line, number] of Object.entries(numbers)) expect(await service.metric(line), line).toBe(number);
});

test("a guard that ends a sync with an error is counted by its code, and no failure is healthy", async () => {
  const service = aService({ syncOnce: async () => Promise.reject(trouble("TOO_MANY_FAILED")) });
  await service.until("sync-failed", 3);
  expect(
    await service.metric('poolferry_sync_guard_tripped_total{code="TOO_MANY_FAILED"}'),
  ).toBeGreaterThanOrEqual(3);
  expect((await service.get("/healthz")).status).toBe(503);
});

test("it answers GET and HEAD at its paths, and nothing else", async () => {
  const service = aService({ schedule: NEVER });
  const head = await service.get("/healthz", "HEAD");
  expect(head.status).toBe(200);
  expect(Number(head.headers.get("content-length"))).toBeGreaterThan(50);
  expect(await head.text()).toBe("");
  expect((await service.get("/metrics?name=x")).status).toBe(200);
  for (const path of ["/", "/metrics/", "/constructor", "/../healthz/x"])
    expect((await service.get(path)).status, path).toBe(404);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const response = await service.get("/metrics", method);
    expect(response.status, method).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD");
  }
});

test("without a host it listens on the loopback interface alone", async () => {
  expect(readListenAddress("9464")).toEqual({ host: "127.0.0.1", port: 9464 });
  expect(readListenAddress("0.0.0.0:9464")).toEqual({ host: "0.0.0.0", port: 9464 });
  expect(readListenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  const service = aService({ schedule: NEVER, listen: "0" });
  await service.until("service-started");
  expect(service.told("service-started")[0]?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([":9464", "*:9464", "localhost", "127.0.0.1:70000", "::1:9464", "http://localhost:1", ""])(
  "--listen %j is refused",
  (text) => {
    expect(() => readListenAddress(text)).toThrow(expect.objectContaining({ code: "USAGE" }));
  },
);

test("a port in use and an address that is not ours are clear errors, before any sync", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const busy = aService({ listen: `127.0.0.1:${port}` });
  await expect(busy.ended).rejects.toMatchObject({
    code: "USAGE",
    message: `Port ${port} of 127.0.0.1 is in use`,
  });
  const foreign = aService({ listen: "192.0.2.1:9464" });
  await expect(foreign.ended).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  expect([...busy.events, ...foreign.events]).toEqual([]);
});

test("without an address it serves nothing over HTTP, and syncs all the same", async () => {
  const service = aService({ listen: undefined });
  await service.until("sync-ended");
  expect(service.told("service-started")[0]?.url).toBeUndefined();
});
