import type { SyncHistory, SyncOnce, SyncSummary as ServedSync } from "../serve/sync-once.ts";
import { EXIT_CODES } from "../core/ferry-error.ts";
import { openSync } from "./open-sync.ts";
import { sync, type SyncOptions } from "./sync.ts";
import type { SyncSummary } from "./sync-summary.ts";

/** What a service runs of a sync. */
interface ScheduledSync {
  readonly syncOnce: SyncOnce;
  readonly claimTick: (tick: Date) => Promise<boolean>;
  readonly readHistory: () => Promise<SyncHistory>;
}

/** Syncs that the history is read back for: one that came to its end is among them, or nobody needs to know. */
const RUNS_READ = 50;

/** What a sync ends with that came to its end. */
const SUCCESSES: ReadonlySet<number> = new Set([EXIT_CODES.ok, EXIT_CODES.incomplete]);

/** A sync as a service runs it, tick by tick: the store is open only for as long as each needs it. */
export function scheduledSync(options: SyncOptions): ScheduledSync {
  return {
    syncOnce: async (_trigger, signal) => toServed(await sync({ ...options, cause: "schedule", signal })),
    claimTick: async (tick) => {
      await using store = await openSync(options);
      return await store.claimTick(tick.getTime());
    },
    readHistory: async () => {
      await using store = await openSync(options);
      const runs = await store.runs<Partial<SyncSummary>>(RUNS_READ);
      const ended = runs
        .map(({ summary }) => summary)
        .filter((summary) => summary?.counts !== undefined)
        .map((summary) => toServed(summary as SyncSummary));
      return { last: ended[0], lastSuccess: ended.find(({ exitCode }) => SUCCESSES.has(exitCode)) };
    },
  };
}

function toServed(summary: SyncSummary): ServedSync {
  const { kind, counts, quarantine, ...rest } = summary;
  const { code = "", since = "" } = quarantine ?? {};
  return {
    ...rest,
    quarantine: quarantine === undefined ? undefined : { code, since },
    kind: kind === "incremental" ? "incremental" : "full",
    counts: { ...counts },
  };
}
