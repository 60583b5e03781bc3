import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import type { RunSummary } from "../report/summary.ts";
import type { Compared } from "../sync/compare-users.ts";
import type { SyncPolicies } from "../sync/sync-policies.ts";
import type { ChangeCounts, Quarantine, SyncStore } from "../sync/sync-store.ts";
import type { Tripped } from "../sync/guards.ts";

/** The version of a sync's report: it grows when a key goes or means something else, and stays when one comes. */
export const SYNC_REPORT_VERSION = 1;

/** Why a sync ran: somebody called it, its schedule did, or somebody approved what a guard had stopped. */
export const SYNC_CAUSES = ["once", "schedule", "approval"] as const;

/** One of {@link SYNC_CAUSES}. */
export type SyncCause = (typeof SYNC_CAUSES)[number];

/**
 * What a sync read. `full`: all of the source and of the pool. `incremental`: what changed at the source. `finish`: it only
 * finished what an earlier one had left. `none`: nothing, as the sync is in quarantine.
 */
export const SYNC_KINDS = ["full", "incremental", "finish", "none"] as const;

/** Whether a sync compares everybody, or reads what changed. */
export type SyncKind = (typeof SYNC_KINDS)[number];

/** The numbers of a sync, in users unless they say otherwise; of a dry run and of what was withheld, what would be done. */
export interface SyncCounts {
  /** Who came into the pool. */
  readonly created: number;
  /** Whose attributes were changed. */
  readonly updated: number;
  /** Who was let in again. */
  readonly enabled: number;
  /** Who was locked out. */
  readonly disabled: number;
  /** Who was deleted. */
  readonly deleted: number;
  /** Memberships, as is groupsRemoved. */
  readonly groupsAdded: number;
  readonly groupsRemoved: number;
  /** Who was in the pool before and is managed from now on. */
  readonly adopted: number;
  /** Who is in the pool as the source has them. */
  readonly unchanged: number;
  /** In the pool, and not managed by this sync. */
  readonly notManaged: number;
  /** Managed users whom the source does not have. */
  readonly absent: number;
  /** Managed users who seem to be gone, and were left alone as rows cannot be read that may be theirs. */
  readonly unsure: number;
  /** Users about whom source and pool disagree. */
  readonly conflicts: number;
  /** Changes that were not carried out since a guard tripped. */
  readonly withheld: number;
  /** Users who were not created or changed as wanted. */
  readonly failed: number;
  /** Whose rows are no good. */
  readonly rejected: number;
  /** Passed over for other reasons than that they are unchanged or not managed. */
  readonly skipped: number;
}

/** A sync as `--json` prints it, sync.json holds it and the history keeps it; its layout is dist/sync-report.schema.json. */
export interface SyncSummary {
  readonly reportVersion: typeof SYNC_REPORT_VERSION;
  readonly runId: string;
  /** The folder of the sync. */
  readonly syncDir: string;
  /** The folder with the reports; undefined where nothing was looked at. */
  readonly runDir: string | undefined;
  /** The pool that follows. */
  readonly userPoolId: string;
  /** Why it ran. */
  readonly cause: SyncCause;
  /** What was compared. */
  readonly kind: SyncKind;
  /** Whether it only said what it would do. */
  readonly isDryRun: boolean;
  /** Whether the counts are of what would be done: of a dry run, and of a sync that a guard stopped. */
  readonly isOnlyPlanned: boolean;
  /** ISO 8601, as is endedAt. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Rows that were read. */
  readonly sourceRows: number;
  /** Users whom the sync manages now. */
  readonly managedUsers: number;
  /** What it did, in numbers. */
  readonly counts: SyncCounts;
  /** Users with a conflict of each kind. */
  readonly conflicts: Readonly<Record<string, number>>;
  /** What stopped this sync. */
  readonly guard: Tripped | undefined;
  /** Set while nothing is taken from anybody, until somebody approves. */
  readonly quarantine: Quarantine | undefined;
  /** How many users an approval would have to allow by what was looked at; undefined where nothing was. */
  readonly wouldRemove: number | undefined;
  /** 0, 3 where some users need a look, 5 where a guard stopped it. */
  readonly exitCode: ExitCode;
}

/** What a sync came to, beside what its store knows. */
export interface SyncEnd {
  readonly kind: SyncKind;
  readonly compared?: Compared | undefined;
  /** The run that creates users. */
  readonly run?: RunSummary | undefined;
  readonly guard?: Tripped | undefined;
  readonly wouldRemove?: number | undefined;
  readonly quarantine?: Quarantine | undefined;
  /** Whether nothing was carried out, so that what is planned counts. */
  readonly isOnlyPlanned?: boolean | undefined;
  readonly hasReports?: boolean | undefined;
  readonly policies: Pick<SyncPolicies, "conflicts">;
}

/** What a summary says of the sync itself. */
export interface SyncHead {
  readonly runId: string;
  readonly syncDir: string;
  readonly runDir: string;
  readonly userPoolId: string;
  readonly cause: SyncCause;
  readonly isDryRun: boolean;
  readonly startedAt: number;
}

/** Sums a sync up from its store. */
export async function summariseSync(store: SyncStore, head: SyncHead, end: SyncEnd): Promise<SyncSummary> {
  const { compared, run, guard, quarantine, kind, isOnlyPlanned = false } = end;
  const changes = await store.changeCounts();
  const conflicts = await store.conflictCounts();
  const of = (name: keyof ChangeCounts): number =>
    isOnlyPlanned ? changes[name].planned : changes[name].done;
  const because = (...reasons: readonly string[]): number =>
    (run?.reasons ?? [])
      .filter(({ reason }) => reasons.includes(reason))
      .reduce((total, { count }) => total + count, 0);
  const outcomes = run?.outcomes;
  const created = isOnlyPlanned ? (compared?.toCreate ?? 0) : (outcomes?.imported ?? 0);
  const counts: SyncCounts = {
    created,
    updated: await store.countUpdated(isOnlyPlanned ? "planned" : "done"),
    enabled: of("enable"),
    disabled: of("disable"),
    deleted: of("delete"),
    groupsAdded: of("add-to-group"),
    groupsRemoved: of("remove-from-group"),
    adopted: compared?.adopted ?? 0,
    unchanged: compared?.unchanged ?? 0,
    notManaged: compared?.notManaged ?? 0,
    absent: compared?.absent ?? 0,
    unsure: compared?.unsure ?? 0,
    conflicts: conflicts.reduce((total, { users }) => total + users, 0),
    withheld: Object.values(changes).reduce((total, { withheld }) => total + withheld, 0),
    failed: (outcomes?.failed ?? 0) + because("follow-up-failed") + (await store.countFailedWithoutRow()),
    rejected: outcomes?.rejected ?? 0,
    skipped: (outcomes?.skipped ?? 0) - because("unchanged", "not-managed"),
  };
  return {
    reportVersion: SYNC_REPORT_VERSION,
    runId: head.runId,
    syncDir: head.syncDir,
    runDir: end.hasReports === true ? head.runDir : undefined,
    userPoolId: head.userPoolId,
    cause: head.cause,
    kind,
    isDryRun: head.isDryRun,
    isOnlyPlanned,
    startedAt: new Date(head.startedAt).toISOString(),
    endedAt: new Date().toISOString(),
    sourceRows: compared?.rows ?? 0,
    managedUsers: await store.countManaged(),
    counts,
    conflicts: Object.fromEntries(conflicts.map(({ kind: name, users }) => [name, users])),
    guard,
    wouldRemove: end.wouldRemove,
    quarantine,
    exitCode: exitCodeOf(guard ?? quarantine, counts, unsettled(conflicts, end.policies)),
  };
}

/** Users whom the source wants otherwise, and nobody has decided that they stay as they are. */
function unsettled(
  conflicts: Awaited<ReturnType<SyncStore["conflictCounts"]>>,
  policies: Pick<SyncPolicies, "conflicts">,
): number {
  const decided = ["code-sent", "disabled-in-pool"];
  const byPolicy = policies.conflicts === "report" ? [] : ["pool-changed", "gone-from-pool"];
  return conflicts
    .filter(({ kind }) => ![...decided, ...byPolicy].includes(kind))
    .reduce((total, { standing }) => total + standing, 0);
}

function exitCodeOf(guard: Tripped | undefined, counts: SyncCounts, standing: number): ExitCode {
  if (guard !== undefined) return EXIT_CODES.guarded;
  // Whoever is not managed does not follow the source, and whoever may be gone is not looked after.
  const unwanted = counts.failed + counts.rejected + counts.notManaged + counts.unsure + standing;
  return unwanted > 0 ? EXIT_CODES.incomplete : EXIT_CODES.ok;
}
