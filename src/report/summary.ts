import type { ActivityCause } from "../core/activity-cause.ts";
import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import type { Forecast } from "../core/forecast.ts";
import type { LoadPolicies } from "../core/load-policies.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { Route } from "../core/route.ts";
import type { UndoAction } from "../core/undo.ts";
import type {
  FollowUpCount,
  IssueCount,
  Purged,
  ReasonCount,
  ReportLedger,
  RunState,
  UndoCounts,
} from "../ledger/ledger.ts";

/**
 * The version of reports: it grows when a key goes or means something else, and stays when one comes. The layout is
 * dist/report.schema.json.
 */
export const REPORT_VERSION = 1;

/** The numbers of a run, as `--json` prints them and report.json holds them. */
export interface RunSummary {
  readonly reportVersion: typeof REPORT_VERSION;
  /** Such as `20261122-051349-a1b2c3`. */
  readonly runId: string;
  /** Absolute path of the run folder. */
  readonly runDir: string;
  /** How far the run is. */
  readonly state: RunState;
  readonly userPoolId: string;
  readonly source: {
    /** `TYPE:PATH` as the operator named it. */
    readonly name: string;
    /** What was recognised. */
    readonly description: string;
    /** Every user record read, rejected ones included. */
    readonly rows: number;
    /** Columns or top-level keys that no rule reads; of an object that is read in part, `profile.department`. */
    readonly unusedFields: readonly string[];
    /** Where rows come from several files: which row begins which file. */
    readonly files: readonly { readonly path: string; readonly firstRow: number }[];
    /** Where a later plan can go on reading the source (`source.after` in the config). */
    readonly cursor: string;
    /** Whether behind the cursor comes all that changes, and not only rows that are added at the end. */
    readonly followsChanges: boolean;
  };
  /** Users by the way that they take into the pool. */
  readonly routes: Readonly<Record<Route, number>>;
  /** Users by what came of them; with `unsettled` they add up to the rows of the source. */
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  /** Of the users whom the run has created or is still to create: with which password they get in. */
  readonly passwords: {
    /** By their hashes. */
    readonly kept: number;
    /** In plain text, by AdminSetUserPassword or SignUp. */
    readonly set: number;
    /** None: they set one anew. */
    readonly reset: number;
    /** A temporary one that nobody knows, and no way to set another: only an administrator lets them in. */
    readonly locked: number;
  };
  /** The users who count as active in the bill of the month in which the run loads them. */
  readonly activeUsers: {
    readonly count: number;
    /** All whom the run creates; whoever of them is not active stays free of charge until the first sign-in. */
    readonly of: number;
    /** Each user once, by the first of its causes. */
    readonly causes: Readonly<Record<ActivityCause, number>>;
  };
  /** What the operator decided about loading. */
  readonly policies: LoadPolicies;
  /** Users without an outcome yet. */
  readonly unsettled: number;
  /** Of an unfinished run whose ledger is in a database: how many processes are at work on it. */
  readonly workers: number | undefined;
  /**
   * Whether a process is at work on the run in this folder, so that whatever goes on with it here is refused as RUN_BUSY; undefined
   * where nobody has looked, as in the summary of the process that is at work itself.
   */
  readonly isHeld: boolean | undefined;
  /** What is to be done to users after their creation, and how far that is; what is neither done nor failed remains. */
  readonly followUps: Readonly<Record<FollowUpKind, FollowUpCount>>;
  /** Troubles found before anything was sent; a user with two of them counts twice. */
  readonly issues: readonly IssueCount[];
  /** Why users were skipped, failed or rejected, and how many of the imported lack a follow-up. */
  readonly reasons: readonly ReasonCount[];
  /**
   * What the plan told beforehand: the pool's readiness, time, permissions. It stays as it was; undefined in a ledger of before there
   * was one, of a sync's runs, and of a run that was purged.
   */
  readonly forecast: Forecast | undefined;
  /** What an undo of the run made of its users; undefined when none was begun. */
  readonly undo: UndoCounts | undefined;
  /** What an undo that is not at its end was about to do to users; undefined where there is none, or it has not come to the first. */
  readonly undoAction: UndoAction | undefined;
  /** Undefined unless the run was purged: then these numbers are all that is left of it. */
  readonly purged: Purged | undefined;
  /** What a command that prints this ends with. */
  readonly exitCode: ExitCode;
}

/** Sums a run up from its ledger. `mayBeUnfinished`: it was to end with users left, so that this is no trouble. */
export async function summarise(
  ledger: ReportLedger,
  runDir: string,
  { mayBeUnfinished = false }: { readonly mayBeUnfinished?: boolean } = {},
): Promise<RunSummary> {
  const { facts } = ledger;
  const state = await ledger.state();
  const source = await ledger.source();
  const { rows, routes, outcomes, unsettled, withHash, withPassword, withTemporary, created } =
    await ledger.counts();
  const causes = await ledger.activeUsers();
  const followUps = await ledger.followUpCounts();
  const undo = await ledger.undoCounts();
  const purged = await ledger.purged();
  const set = withPassword - followUps["set-own-password"].failed;
  const locked = facts.policies.passwordAfterCreate === "none" ? withTemporary : 0;
  const failedFollowUps = sumOf(Object.values(followUps).map((count) => count.failed));
  return {
    reportVersion: REPORT_VERSION,
    runId: facts.runId,
    runDir,
    state,
    userPoolId: facts.pool.id,
    source: {
      name: facts.source,
      description: source?.description ?? "",
      rows,
      unusedFields: source?.unusedFields ?? [],
      files: (source?.starts ?? []).map(({ path, seq }) => ({ path, firstRow: seq })),
      cursor: source?.cursor ?? "",
      followsChanges: source?.followsChanges ?? false,
    },
    routes,
    outcomes,
    passwords: { kept: withHash, set, reset: created - withHash - set - locked, locked },
    activeUsers: { count: sumOf(Object.values(causes)), of: created, causes },
    policies: facts.policies,
    unsettled,
    workers: state === "applying" ? await ledger.countWorkers() : undefined,
    isHeld: undefined,
    followUps,
    issues: await ledger.issueCounts(),
    reasons: await ledger.reasonCounts(),
    forecast: await ledger.forecast(),
    undo,
    undoAction: state === "undoing" ? await ledger.undoAction() : undefined,
    purged,
    exitCode: exitCodeOf(state === "applying" && mayBeUnfinished ? "done" : lastStateOf(state, purged), {
      // That someone who may not sign in still can is not as wanted, whoever created the user.
      unwanted: outcomes.failed + outcomes.rejected + failedFollowUps + followUps.disable.untouched,
      notUndone: notUndone(undo),
    }),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** How many users an undo left as they are; none when there was no undo. */
export function notUndone(counts: UndoCounts | undefined): number {
  return counts === undefined ? 0 : counts["changed-since"] + counts.kept + counts.failed;
}

/** The state in which a purged run ended; that of any other. */
function lastStateOf(state: RunState, purged: Purged | undefined): RunState {
  return state === "purged" && purged !== undefined ? purged.was : state;
}

function exitCodeOf(
  state: RunState,
  count: { readonly unwanted: number; readonly notUndone: number },
): ExitCode {
  switch (state) {
    case "planning":
    case "applying":
    case "undoing":
    case "purging":
    case "purged":
      return EXIT_CODES.stopped;
    case "planned":
    case "done":
      return count.unwanted > 0 ? EXIT_CODES.incomplete : EXIT_CODES.ok;
    case "undone":
      return count.notUndone > 0 ? EXIT_CODES.incomplete : EXIT_CODES.ok;
  }
}
