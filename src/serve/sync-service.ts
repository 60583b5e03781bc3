import { EXIT_CODES, exitNameOf, FerryError, type ErrorCode, type ExitCode } from "../core/ferry-error.ts";
import { readListenAddress, startListener, type Answer, type Pages } from "./listener.ts";
import { nextTick, pause, readSchedule, ticksOf, type Schedule } from "./schedule.ts";
import type { ServiceObserver, SkipReason } from "./service-event.ts";
import { ServiceMetrics } from "./service-metrics.ts";
import { ServiceState } from "./service-state.ts";
import type { Quarantine, SyncHistory, SyncOnce, SyncSummary } from "./sync-once.ts";

/** When and how the service runs. */
export interface ServiceSettings {
  /** A cron pattern, see {@link readSchedule}. */
  readonly schedule: string;
  /** An IANA time zone; UTC unless given. */
  readonly timezone?: string | undefined;
  /** Every sync begins up to so many milliseconds after its tick, by chance; 0 unless given. */
  readonly jitterMs?: number | undefined;
  /** Where health and metrics are, see {@link readListenAddress}; nowhere unless given. */
  readonly listen?: string | undefined;
  /** Begin with the last tick before the start, if nobody has claimed it. */
  readonly catchUp?: boolean | undefined;
}

/** What the service runs, and whom it tells. */
export interface SyncService extends ServiceSettings {
  readonly syncOnce: SyncOnce;
  /**
   * Takes a tick for this process, durably; false when it is taken. Two processes on one ledger ask for the same times, so
   * that each tick runs once.
   */
  readonly claimTick: (tick: Date) => Promise<boolean>;
  /** What the ledger knows of earlier syncs; asked at the start, and after another process has taken a tick. */
  readonly readHistory: () => Promise<SyncHistory>;
  readonly observe: ServiceObserver;
  /** Tells the operator of the error of one sync, after which the service goes on; must not throw. */
  readonly tellError: (error: unknown) => void;
  /** Once aborted no sync begins, and one that runs gets it too and is waited for. */
  readonly signal: AbortSignal;
}

/**
 * Errors of the first sync that end the service: what a process reads once, as it starts, so that no later tick could fare
 * better. A source that is not there yet, or a right that is missing, can be mended while it runs.
 */
const ENDS_AT_START: ReadonlySet<ErrorCode> = new Set([
  "ACCOUNT_MISMATCH",
  "CONFIG_INVALID",
  "CONFIG_NOT_FOUND",
  "CREDENTIALS_MISSING",
  "DRIVER_MISSING",
  "ENDPOINT_UNSUPPORTED",
  "HOOK_NOT_FOUND",
  "LEDGER_UNREADABLE",
  "MAPPING_INVALID",
  "POOL_DESCRIPTION_INVALID",
  "REGION_MISMATCH",
  "REGION_MISSING",
  "USAGE",
]);

/** Throws USAGE for settings that cannot be used, before anything is opened. */
export function checkServiceSettings({ schedule, timezone, listen }: ServiceSettings): void {
  readSchedule(schedule, timezone);
  if (listen !== undefined) readListenAddress(listen);
}

/**
 * Runs syncs by a schedule until the signal is aborted: one at a time, each tick once among all processes that share a
 * ledger. Trouble of a sync is told and the next tick tries again, except for what no later one could mend, which is
 * thrown if the first sync meets it. Gives the exit code: 0, or that of an interruption if a sync was cut short.
 */
export async function serveSync(service: SyncService): Promise<ExitCode> {
  const schedule = readSchedule(service.schedule, service.timezone);
  const address = service.listen === undefined ? undefined : readListenAddress(service.listen);
  const syncs = new ScheduledSyncs(service, schedule);
  await syncs.restore();
  await using listener = address === undefined ? undefined : await startListener(address, syncs.pages());
  // Awaited here: the listener is closed when this returns.
  return await syncs.run(listener?.url);
}

/** The syncs of one service, and what they tell. */
class ScheduledSyncs {
  readonly #service: SyncService;
  readonly #schedule: Schedule;
  readonly #state: ServiceState;
  readonly #metrics: ServiceMetrics;
  /** Aborted by what ends the service from within. */
  readonly #end = new AbortController();
  #hasSynced = false;
  #wasCutShort = false;

  constructor(service: SyncService, schedule: Schedule) {
    this.#service = service;
    this.#schedule = schedule;
    this.#state = new ServiceState(schedule);
    this.#metrics = new ServiceMetrics(this.#state, schedule);
  }

  async restore(): Promise<void> {
    this.#state.restore(await this.#service.readHistory());
  }

  /** `/livez` answers as long as the process does, `/healthz` says whether syncs go as they should. */
  pages(): Pages {
    return {
      "/healthz": () => {
        const health = this.#state.health();
        return json(health.status === "ok" ? 200 : 503, health);
      },
      "/livez": () => json(200, { status: "ok" }),
      "/metrics": async () => ({
        status: 200,
        type: this.#metrics.contentType,
        body: await this.#metrics.text(),
      }),
    };
  }

  async run(url: string | undefined): Promise<ExitCode> {
    const { catchUp = false } = this.#service;
    const { pattern, timezone } = this.#schedule;
    const signal = AbortSignal.any([this.#service.signal, this.#end.signal]);
    this.#tell({ kind: "service-started", schedule: pattern, timezone, url, nextTick: this.#nextTick() });
    const onMissed = ({ latest, count }: { latest: Date; count: number }): void =>
      this.#skip(latest, "missed", count);
    let running: Promise<void> | undefined;
    for await (const tick of ticksOf(this.#schedule, { signal, catchUp, onMissed })) {
      if (running === undefined) running = this.#runTick(tick).finally(() => (running = undefined));
      else this.#skip(tick, "overlap");
    }
    this.#tell({ kind: "service-draining", isSyncing: this.#state.isRunning });
    await running;
    // What ended it from within.
    this.#end.signal.throwIfAborted();
    const exitCode = this.#wasCutShort ? EXIT_CODES.interrupted : EXIT_CODES.ok;
    this.#tell({ kind: "service-ended", exitCode });
    return exitCode;
  }

  /** Never rejects. */
  async #runTick(tick: Date): Promise<void> {
    const { jitterMs = 0, claimTick, syncOnce, signal } = this.#service;
    // Claimed after it, so that a tick is not lost with a process that ends meanwhile.
    if (!(await pause(Math.random() * jitterMs, signal))) return;
    try {
      if (!(await claimTick(tick))) {
        await this.restore();
        this.#skip(tick, "claimed");
        return;
      }
      this.#tell({ kind: "sync-started", tick: tick.toISOString() });
      this.#settle(tick, await syncOnce({ kind: "schedule", tick }, signal));
    } catch (error) {
      this.#fail(tick, error);
    }
  }

  #settle(tick: Date, summary: SyncSummary): void {
    this.#hasSynced = true;
    const before = this.#state.quarantine;
    const result = exitNameOf(summary.exitCode);
    if (result === "interrupted") this.#wasCutShort = true;
    const at = { tick: tick.toISOString(), nextTick: this.#nextTick() };
    this.#tell({ kind: "sync-ended", ...at, result, summary });
    this.#tellQuarantine(before, summary.quarantine);
  }

  #tellQuarantine(before: Quarantine | undefined, after: Quarantine | undefined): void {
    if (before !== undefined && after === undefined)
      this.#tell({ kind: "quarantine-lifted", code: before.code });
    if (after !== undefined && after.since !== before?.since) this.#tell({ kind: "quarantined", ...after });
  }

  #fail(tick: Date, error: unknown): void {
    const trouble = error instanceof FerryError ? error : undefined;
    const isFirst = !this.#hasSynced;
    if (trouble?.code === "RUN_BUSY") {
      this.#skip(tick, "busy");
      return;
    }
    this.#hasSynced = true;
    const result = exitNameOf(trouble?.exitCode ?? EXIT_CODES.bug);
    this.#tell({
      kind: "sync-failed",
      tick: tick.toISOString(),
      result,
      code: trouble?.code ?? "BUG",
      endedAt: new Date().toISOString(),
      nextTick: this.#nextTick(),
    });
    if (result === "interrupted") this.#wasCutShort = true;
    else if (isFirst && trouble !== undefined && ENDS_AT_START.has(trouble.code)) this.#end.abort(error);
    else this.#service.tellError(error);
  }

  #skip(tick: Date, reason: SkipReason, ticks = 1): void {
    this.#tell({ kind: "tick-skipped", tick: tick.toISOString(), reason, ticks });
  }

  #nextTick(): string {
    return nextTick(this.#schedule, new Date()).toISOString();
  }

  readonly #tell: ServiceObserver = (event) => {
    this.#state.observe(event);
    this.#metrics.observe(event);
    this.#service.observe(event);
  };
}

function json(status: number, value: unknown): Answer {
  return { status, type: "application/json; charset=utf-8", body: `${JSON.stringify(value)}\n` };
}
