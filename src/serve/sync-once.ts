/** Why a sync runs: the schedule says so. `tick` is the time of the schedule, not the time at which it runs. */
interface SyncTrigger {
  readonly kind: "schedule";
  readonly tick: Date;
}

/** The numbers of one sync. Holds nothing of a user. */
export interface SyncSummary {
  readonly runId: string;
  /** Whether all of the source was compared, or what changed in it since the last sync. */
  readonly kind: "full" | "incremental";
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601. */
  readonly endedAt: string;
  readonly exitCode: number;
  /** Whether nothing was carried out, so that the counts are of what would have been done. */
  readonly isOnlyPlanned?: boolean | undefined;
  /**
   * How many users, or memberships: created, updated, enabled, disabled, deleted, groupsAdded, groupsRemoved, unchanged,
   * conflicts, failed, rejected, skipped. What is left out is 0.
   */
  readonly counts: Readonly<Record<string, number>>;
  /** The guard that holds the sync back until somebody approves, and since when (ISO 8601). */
  readonly quarantine: Quarantine | undefined;
  /** Rows of the source that this sync read. */
  readonly sourceRows: number;
  /** Users of the pool who are poolferry's to change. */
  readonly managedUsers: number;
}

/** A sync that waits for an approval. */
export interface Quarantine {
  /** The guard's reason. */
  readonly code: string;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * Runs one sync to its end, or, once the signal is aborted, to its next safe point. Throws a FerryError for the sync's
 * trouble: RUN_BUSY where another process syncs at the moment, INTERRUPTED where the signal cut it short.
 */
export type SyncOnce = (trigger: SyncTrigger, signal: AbortSignal) => Promise<SyncSummary>;

/** What the ledger knows of earlier syncs, whichever process ran them. */
export interface SyncHistory {
  readonly last?: SyncSummary | undefined;
  /** The last one that came to its end: exit code 0 or 3. */
  readonly lastSuccess?: SyncSummary | undefined;
}
