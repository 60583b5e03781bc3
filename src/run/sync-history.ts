import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import type { Quarantine } from "../sync/sync-store.ts";
import { openSync, requireSync, type SyncPlace } from "./open-sync.ts";
import { syncDirOf } from "./sync-folder.ts";
import type { SyncSummary } from "./sync-summary.ts";

/** Which sync's history is wanted. */
export interface HistoryOptions extends SyncPlace {
  /** How many of the last syncs; 20 when undefined. */
  readonly limit?: number | undefined;
}

/** One sync of the history. */
export interface PastSync {
  /** The id of the sync. */
  readonly runId: string;
  /** Why it ran. */
  readonly cause: string;
  /** What was compared. */
  readonly kind: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** How long it took; undefined while it runs, and where it was killed. */
  readonly seconds: number | undefined;
  readonly exitCode: ExitCode | undefined;
  /** What it did, in words. */
  readonly what: string;
  /** Undefined where it ended with trouble, or not at all. */
  readonly summary: SyncSummary | undefined;
}

/** The version of a history's report: it grows when a key goes or means something else, and stays when one comes. */
export const HISTORY_REPORT_VERSION = 1;

/** The last syncs of a pool, the newest first, as `--json` prints them; the layout is dist/history-report.schema.json. */
export interface SyncHistory {
  readonly reportVersion: typeof HISTORY_REPORT_VERSION;
  readonly syncDir: string;
  /** Set while a guard holds syncs back. */
  readonly quarantine: Quarantine | undefined;
  /** The newest first. */
  readonly runs: readonly PastSync[];
  readonly exitCode: ExitCode;
}

/** What the history keeps of a sync that ended with trouble. */
interface Trouble {
  readonly error: { readonly code: string; readonly message: string };
  readonly exitCode: ExitCode;
}

/** Reads the history of a sync, also while one runs. Throws SYNC_NOT_FOUND. */
export async function syncHistory(options: HistoryOptions): Promise<SyncHistory> {
  const syncDir = syncDirOf(options);
  await requireSync(options);
  await using store = await openSync(options);
  const runs = await store.runs<SyncSummary | Trouble>(options.limit ?? 20);
  return {
    reportVersion: HISTORY_REPORT_VERSION,
    syncDir,
    quarantine: await store.fact("quarantine"),
    exitCode: EXIT_CODES.ok,
    runs: runs.map(({ id, cause, kind, startedAt, endedAt, summary }) => ({
      runId: id,
      cause,
      kind: summary !== undefined && "kind" in summary ? summary.kind : kind,
      startedAt: new Date(startedAt).toISOString(),
      seconds: endedAt === undefined ? undefined : Math.round((endedAt - startedAt) / 100) / 10,
      exitCode: summary?.exitCode,
      what: whatOf(summary),
      summary: summary !== undefined && "counts" in summary ? summary : undefined,
    })),
  };
}

function whatOf(summary: SyncSummary | Trouble | undefined): string {
  if (summary === undefined) return "running, or killed";
  if ("error" in summary) return `${summary.error.code}: ${summary.error.message}`;
  const { counts, guard, quarantine, isOnlyPlanned, kind } = summary;
  const stopped = guard ?? quarantine;
  const parts = Object.entries(counts)
    // Of a sync that was stopped all is withheld.
    .filter(([name, count]) => count > 0 && !(isOnlyPlanned && name === "withheld"))
    .map(([name, count]) => `${count} ${name}`);
  const what = parts.join(", ") || "nothing to do";
  if (stopped === undefined) return what;
  if (kind === "none") return `in quarantine (${stopped.code})`;
  return isOnlyPlanned ? `stopped by ${stopped.code}, would be: ${what}` : `${what}, held by ${stopped.code}`;
}
