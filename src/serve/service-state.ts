import { exitNameOf, type ErrorCode, type ExitName } from "../core/ferry-error.ts";
import { nextTick, type Schedule } from "./schedule.ts";
import type { ServiceEvent } from "./service-event.ts";
import type { Quarantine, SyncHistory, SyncSummary } from "./sync-once.ts";

/** So many syncs that fail one after another make the service unhealthy. Our guess of when it is no passing trouble. */
export const MAX_FAILURES = 3;

/** So many ticks that pass without a sync that comes to its end make the service unhealthy. Our guess. */
export const MAX_STALE_TICKS = 3;

/** A sync that runs for longer than this makes the service unhealthy. Our guess, above what a first sync takes. */
export const MAX_SYNC_MS = 24 * 60 * 60 * 1000;

/** How the last sync ended. Times are ISO 8601. */
export interface LastSync {
  readonly result: ExitName;
  readonly endedAt: string;
  /** Of one that came to a summary. */
  readonly runId?: string;
  readonly kind?: SyncSummary["kind"];
  /** Of one that ended with an error. */
  readonly code?: ErrorCode | "BUG";
}

/** What the service answers when it is asked how it is. Times are ISO 8601. Holds nothing of a user. */
export interface Health {
  /** `failing`: the last syncs failed; `stale`: none came to its end for some ticks; `stuck`: one does not end. */
  readonly status: "ok" | "failing" | "stale" | "stuck";
  /** What it does at the moment; a sync that waits for an approval is healthy. */
  readonly state: "idle" | "running" | "quarantined" | "draining";
  readonly startedAt: string;
  readonly runningSince?: string;
  readonly lastSync?: LastSync;
  readonly lastSuccessAt?: string;
  readonly quarantine?: Quarantine;
  readonly failuresInARow: number;
  readonly nextTick: string;
}

/** Results of syncs that came to their end, whatever became of single users. */
const SUCCESSES: ReadonlySet<ExitName> = new Set(["ok", "incomplete"]);

/** Whether a sync came to its end. */
function isSuccess(result: ExitName): boolean {
  return SUCCESSES.has(result);
}

/** What is known of the syncs, by what was told of them. */
export class ServiceState {
  readonly #schedule: Schedule;
  readonly #startedAt = new Date();
  /** When a sync was last seen to be looked after: ended, or in the hands of another process. */
  #attendedAt = this.#startedAt;
  #runningSince: Date | undefined;
  #last: LastSync | undefined;
  #lastSummary: SyncSummary | undefined;
  #lastSuccessAt: string | undefined;
  #quarantine: Quarantine | undefined;
  #failuresInARow = 0;
  #isDraining = false;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  /** Takes over what the ledger knows; what this process has seen itself and is newer stays. */
  restore({ last, lastSuccess }: SyncHistory): void {
    const successAt = lastSuccess?.endedAt;
    if (successAt !== undefined && isLater(successAt, this.#lastSuccessAt)) this.#lastSuccessAt = successAt;
    if (last !== undefined && isLater(last.endedAt, this.#last?.endedAt)) this.#keep(last);
  }

  observe(event: ServiceEvent): void {
    switch (event.kind) {
      case "sync-started":
        this.#runningSince = new Date();
        return;
      case "sync-ended":
        this.#runningSince = undefined;
        this.#keep(event.summary);
        return;
      case "sync-failed":
        this.#runningSince = undefined;
        this.#last = { result: event.result, endedAt: event.endedAt, code: event.code };
        if (event.result !== "interrupted") this.#failuresInARow += 1;
        return;
      case "tick-skipped":
        if (event.reason === "busy") this.#runningSince = undefined;
        // Who has the tick says itself how its sync ends.
        if (event.reason === "busy" || event.reason === "claimed") this.#attend();
        return;
      case "service-draining":
        this.#isDraining = true;
        return;
      case "service-started":
      case "quarantined":
      case "quarantine-lifted":
      case "service-ended":
    }
  }

  get lastSummary(): SyncSummary | undefined {
    return this.#lastSummary;
  }

  get lastSuccessAt(): string | undefined {
    return this.#lastSuccessAt;
  }

  get quarantine(): Quarantine | undefined {
    return this.#quarantine;
  }

  get isRunning(): boolean {
    return this.#runningSince !== undefined;
  }

  health(now = new Date()): Health {
    return {
      status: this.#status(now),
      state: this.#state(),
      startedAt: this.#startedAt.toISOString(),
      ...(this.#runningSince && { runningSince: this.#runningSince.toISOString() }),
      ...(this.#last && { lastSync: this.#last }),
      ...(this.#lastSuccessAt !== undefined && { lastSuccessAt: this.#lastSuccessAt }),
      ...(this.#quarantine && { quarantine: this.#quarantine }),
      failuresInARow: this.#failuresInARow,
      nextTick: nextTick(this.#schedule, now).toISOString(),
    };
  }

  #keep(summary: SyncSummary): void {
    const { runId, kind, endedAt, quarantine } = summary;
    const result = exitNameOf(summary.exitCode);
    this.#last = { result, endedAt, runId, kind };
    this.#lastSummary = summary;
    this.#quarantine = quarantine;
    if (isSuccess(result)) this.#lastSuccessAt = endedAt;
    // A quarantine does what it is there for; no restart and no later tick would end it.
    if (isSuccess(result) || quarantine !== undefined) this.#attend();
    else if (result !== "interrupted") this.#failuresInARow += 1;
  }

  #attend(): void {
    this.#attendedAt = new Date();
    this.#failuresInARow = 0;
  }

  #state(): Health["state"] {
    if (this.#isDraining) return "draining";
    if (this.isRunning) return "running";
    return this.#quarantine === undefined ? "idle" : "quarantined";
  }

  #status(now: Date): Health["status"] {
    if (this.#failuresInARow >= MAX_FAILURES) return "failing";
    if (this.#runningSince !== undefined)
      return now.getTime() - this.#runningSince.getTime() > MAX_SYNC_MS ? "stuck" : "ok";
    const [due] = this.#schedule.next(this.#attendedAt, MAX_STALE_TICKS + 1).slice(MAX_STALE_TICKS);
    return due !== undefined && now > due ? "stale" : "ok";
  }
}

function isLater(time: string, than: string | undefined): boolean {
  return than === undefined || Date.parse(time) > Date.parse(than);
}
