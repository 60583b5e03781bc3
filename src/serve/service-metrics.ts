import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import { EXIT_NAMES } from "../core/ferry-error.ts";
import { nextTick, type Schedule } from "./schedule.ts";
import { SKIP_REASONS, type ServiceEvent } from "./service-event.ts";
import type { ServiceState } from "./service-state.ts";
import type { SyncSummary } from "./sync-once.ts";

/** What a sync changes in the pool, by the name of its count. */
const CHANGES = {
  created: "created",
  updated: "updated",
  enabled: "enabled",
  disabled: "disabled",
  deleted: "deleted",
  added_to_group: "groupsAdded",
  removed_from_group: "groupsRemoved",
} as const;

/** How users stand after a sync, by the name of its count. */
const STATES = {
  unchanged: "unchanged",
  conflict: "conflicts",
  failed: "failed",
  rejected: "rejected",
  skipped: "skipped",
} as const;

/** From an incremental sync of a few users to the first full one of a large pool. */
const DURATION_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 3 * 3_600, 12 * 3_600];

/** Often enough to see a stall of seconds, seldom enough to let the machine sleep. */
const EVENT_LOOP_PRECISION_MS = 100;

/** The metrics of the service for Prometheus. Their labels hold words of ours only. */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #runs = this.#counter("poolferry_sync_runs_total", "Syncs that ended, by how.", "result");
  readonly #skipped = this.#counter(
    "poolferry_sync_ticks_skipped_total",
    "Ticks of the schedule that ran no sync in this process, by why.",
    "reason",
  );
  readonly #changes = this.#counter(
    "poolferry_sync_changes_total",
    "Changes that syncs made to the user pool, by their kind.",
    "kind",
  );
  readonly #guards = this.#counter(
    "poolferry_sync_guard_tripped_total",
    "Times that a guard stopped a sync, by its reason.",
    "code",
  );
  readonly #durations = new Histogram({
    name: "poolferry_sync_duration_seconds",
    help: "How long syncs took that came to a summary, by whether they compared everything.",
    labelNames: ["kind"],
    buckets: DURATION_BUCKETS,
    registers: [this.#registry],
  });

  constructor(state: ServiceState, schedule: Schedule) {
    // From the beginning, so that a rate sees the first of them.
    for (const result of EXIT_NAMES) this.#runs.inc({ result }, 0);
    for (const reason of SKIP_REASONS) this.#skipped.inc({ reason }, 0);
    for (const kind of Object.keys(CHANGES)) this.#changes.inc({ kind }, 0);
    this.#gauge("poolferry_sync_running", "1 while a sync runs.", () => Number(state.isRunning));
    this.#gauge(
      "poolferry_sync_quarantined",
      "1 while a guard holds syncs back until somebody approves.",
      () => Number(state.quarantine !== undefined),
    );
    this.#gauge(
      "poolferry_sync_last_success_timestamp_seconds",
      "When a sync last came to its end, as Unix time; 0 if none ever did.",
      () => secondsOf(state.lastSuccessAt),
    );
    this.#gauge(
      "poolferry_sync_next_tick_timestamp_seconds",
      "The next tick of the schedule, as Unix time.",
      () => nextTick(schedule, new Date()).getTime() / 1000,
    );
    this.#gauge(
      "poolferry_sync_source_rows",
      "Rows of the source that the last sync read.",
      () => state.lastSummary?.sourceRows ?? 0,
    );
    this.#addUsers(state);
    collectDefaultMetrics({
      register: this.#registry,
      eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS,
    });
  }

  /** The type of {@link text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }

  observe(event: ServiceEvent): void {
    switch (event.kind) {
      case "tick-skipped":
        this.#skipped.inc({ reason: event.reason }, event.ticks);
        return;
      case "sync-ended":
        this.#runs.inc({ result: event.result });
        this.#count(event.summary);
        return;
      case "sync-failed":
        this.#runs.inc({ result: event.result });
        if (event.result === "guarded") this.#guards.inc({ code: event.code });
        return;
      case "quarantined":
        this.#guards.inc({ code: event.code });
        return;
      case "service-started":
      case "sync-started":
      case "quarantine-lifted":
      case "service-draining":
      case "service-ended":
    }
  }

  #count({ kind, startedAt, endedAt, counts }: SyncSummary): void {
    this.#durations.observe({ kind }, Math.max(0, secondsOf(endedAt) - secondsOf(startedAt)));
    for (const [change, count] of Object.entries(CHANGES))
      this.#changes.inc({ kind: change }, counts[count] ?? 0);
  }

  #addUsers(state: ServiceState): void {
    const gauge: Gauge<"state"> = new Gauge({
      name: "poolferry_sync_users",
      help: "Users after the last sync: managed by poolferry, and those whom it looked at, by how they stand.",
      labelNames: ["state"],
      registers: [this.#registry],
      collect: () => {
        const summary = state.lastSummary;
        gauge.set({ state: "managed" }, summary?.managedUsers ?? 0);
        for (const [name, count] of Object.entries(STATES))
          gauge.set({ state: name }, summary?.counts[count] ?? 0);
      },
    });
  }

  #counter<Label extends string>(name: string, help: string, label: Label): Counter<Label> {
    return new Counter({ name, help, labelNames: [label], registers: [this.#registry] });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }
}

function secondsOf(time: string | undefined): number {
  return time === undefined ? 0 : Date.parse(time) / 1000;
}
