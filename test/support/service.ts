import { expect, onTestFinished, vi } from "vitest";
import type { ServiceEvent } from "../../src/serve/service-event.ts";
import type { SyncSummary } from "../../src/serve/sync-once.ts";
import { serveSync, type SyncService } from "../../src/serve/sync-service.ts";

/** Every second. */
export const EACH_SECOND = "* * * * * *";

/** Never while a test runs. */
export const NEVER = "0 0 29 2 *";

/** Long enough for some seconds to pass on a busy machine. */
const WAIT = { timeout: 60_000, interval: 20 };

/** The summary of a sync in which nothing was to do. */
export function aSummary(summary: Partial<SyncSummary> = {}): SyncSummary {
  const now = new Date().toISOString();
  return {
    runId: "sync-1",
    kind: "incremental",
    startedAt: now,
    endedAt: now,
    exitCode: 0,
    counts: {},
    quarantine: undefined,
    sourceRows: 0,
    managedUsers: 0,
    ...summary,
  };
}

/** A service that a test has started. */
export interface StartedService {
  readonly events: readonly ServiceEvent[];
  readonly errors: readonly unknown[];
  /** Its exit code, or what it throws. */
  readonly ended: Promise<number>;
  /** Of a kind, in order. */
  told<Kind extends ServiceEvent["kind"]>(kind: Kind): readonly Extract<ServiceEvent, { kind: Kind }>[];
  /** Waits until so many events of a kind were told. */
  until(kind: ServiceEvent["kind"], count?: number): Promise<void>;
  get(path: string, method?: string): Promise<Response>;
  /** The metric's line without its name and labels. */
  metric(line: string): Promise<number>;
  stop(): Promise<number>;
}

/** Starts a service at a free port, whose syncs find nothing to do unless given, and ends it with the test. */
export function aService(options: Partial<SyncService> = {}): StartedService {
  const events: ServiceEvent[] = [];
  const errors: unknown[] = [];
  const controller = new AbortController();
  const ended: Promise<number> = serveSync({
    schedule: EACH_SECOND,
    listen: "127.0.0.1:0",
    syncOnce: async () => aSummary(),
    claimTick: async () => true,
    readHistory: async () => ({}),
    observe: (event) => events.push(event),
    tellError: (error) => errors.push(error),
    signal: controller.signal,
    ...options,
  });
  // A test that awaits it sees it all the same.
  ended.catch(() => undefined);
  const stop = async (): Promise<number> => {
    controller.abort();
    return ended;
  };
  onTestFinished(async () => {
    await stop().catch(() => undefined);
  });
  const told: StartedService["told"] = (kind) =>
    events.filter((event): event is Extract<ServiceEvent, { kind: typeof kind }> => event.kind === kind);
  const until: StartedService["until"] = (kind, count = 1) =>
    vi.waitFor(() => expect(told(kind).length, kind).toBeGreaterThanOrEqual(count), WAIT);
  const get: StartedService["get"] = async (path, method = "GET") => {
    await until("service-started");
    return fetch(`${told("service-started")[0]?.url}${path}`, { method });
  };
  const metric: StartedService["metric"] = async (line) => {
    const text = await (await get("/metrics")).text();
    const found = text.split("\n").find((each) => each.startsWith(`${line} `));
    expect(found, line).toBeDefined();
    return Number(found?.slice(line.length + 1));
  };
  return { events, errors, ended, told, until, get, metric, stop };
}
