import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { EXIT_CODES, FerryError, throwIfInterrupted, type ExitCode } from "../core/ferry-error.ts";
import type { Outcome } from "../core/outcome.ts";
import type { FollowUp } from "../core/follow-up.ts";
import type { Pool } from "../core/pool.ts";
import type { Ledger, WantedUser } from "../ledger/ledger.ts";
import { applyChanges } from "../load/apply-changes.ts";
import { writeOutcomeFiles } from "../report/outcome-files.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { writeSyncReports } from "../report/sync-files.ts";
import { placeKeyOf } from "../extract/place-key.ts";
import { leftAsWanted } from "../sync/compare-user.ts";
import { compareUsers, keyOfUser, noteWanted, type Compared } from "../sync/compare-users.ts";
import { judge, removalsOf, type SyncFacts, type Tripped } from "../sync/guards.ts";
import {
  withDefaultSyncPolicies,
  type StatedSyncPolicies,
  type SyncPolicies,
} from "../sync/sync-policies.ts";
import {
  type SyncStore,
  type ManagedUser,
  type Quarantine,
  type RowResult,
  type SyncAbout,
} from "../sync/sync-store.ts";
import { applyWithin } from "./apply.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { EarlyList, lookAtPool } from "./look-at-pool.ts";
import { holdSync, requireSync, type OpenSync } from "./open-sync.ts";
import { planWithin, type PlanOptions } from "./plan.ts";
import { cognitoForSync } from "./run-cognito.ts";
import type { RunObserver } from "./run-event.ts";
import { newRunId, removeLedger } from "./run-folder.ts";
import { openRun, readLedger } from "./run-ledger.ts";
import { DRY_RUN, removeOldRuns, syncDirOf } from "./sync-folder.ts";
import { folderOf, noteLedger, removeOtherLedgers, removeUnsentRun, takeOverRun } from "./sync-ledger.ts";
import { settleAccess } from "./settle-access.ts";
import {
  summariseSync,
  type SyncCause,
  type SyncEnd,
  type SyncHead,
  type SyncSummary,
} from "./sync-summary.ts";

/** What a sync is made of. */
export interface SyncOptions extends Omit<
  PlanOptions,
  "runDir" | "signUp" | "poolDescription" | "mayBeEmpty"
> {
  /** The folder of the sync, which is the same each time; `poolferry-sync/` and the pool's id when undefined. */
  readonly syncDir?: string | undefined;
  /** How the pool follows the source, and how far; each has a default. */
  readonly sync?: StatedSyncPolicies | undefined;
  /** Why it runs; `once` when undefined. */
  readonly cause?: SyncCause | undefined;
  /** Only says what it would do, and writes the reports of that. */
  readonly isDryRun?: boolean | undefined;
  /** Whether the old and new values of attributes stand in the reports, which else show their outline. */
  readonly showsValues?: boolean | undefined;
  /** Compares everybody, whatever the cursor allows. */
  readonly isFull?: boolean | undefined;
  /**
   * Ends the quarantine: so many users may be disabled, deleted, created again, let in again or lose something, all
   * together and no more, in the place of every limit. Throws SYNC_NOT_QUARANTINED where there is none.
   */
  readonly approved?: number | undefined;
}

/** What a sync is done with. */
interface Syncing {
  readonly options: SyncOptions;
  readonly policies: SyncPolicies;
  readonly store: SyncStore;
  readonly syncDir: string;
  /** Aborted when another process may have taken the sync over; `signal` is aborted then, too. */
  readonly lost: AbortSignal;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
  /** Of a sync that is carried out or looked at; its folder is below the sync's. */
  readonly runId: string;
  readonly runDir: string;
  readonly startedAt: number;
  /** One for all that it does, as each asks the account for its quotas anew. */
  readonly cognito: Cognito;
}

/**
 * Makes a pool follow its source, once: whoever is new at the source is created, whoever differs is changed, and whoever
 * is gone is disabled, and deleted later where that is wanted. Only users whom it has created or adopted are changed. What
 * a crash has left unfinished is finished first. A guard that trips puts the sync in quarantine: then nothing is taken
 * from anybody until somebody approves it. Throws FerryError.
 *
 * @example
 * ```ts
 * import { sync } from "poolferry";
 *
 * const { counts, quarantine } = await sync({
 *   source: { type: "csv", path: "customers.csv" },
 *   userPoolId: "eu-central-1_AbCd12345",
 *   logsRoleArn: "arn:aws:iam::123456789012:role/poolferry-import-log",
 *   mapping: { username: "login", sourceId: "id", attributes: { email: "mail", email_verified: "confirmed" } },
 *   sync: { absent: "disable" },
 * });
 * console.log(counts.created, "created,", counts.updated, "changed,", counts.disabled, "disabled");
 * if (quarantine !== undefined) console.error("somebody must look at it:", quarantine.code);
 * ```
 */
export async function sync(options: SyncOptions): Promise<SyncSummary> {
  const syncDir = syncDirOf(options);
  // Where nothing was ever synced there is nothing to approve, and the folder is most likely another one.
  if (options.approved !== undefined) await requireSync(options);
  try {
    await using open = await holdSync(options);
    try {
      return await syncIn(open, syncDir, options);
    } catch (error) {
      throw open.lost.aborted ? resumable(open.lost.reason) : error;
    }
  } catch (error) {
    throw explainDiskError(explainServiceError(error), syncDir);
  }
}

async function syncIn(
  { store, rate, lost }: OpenSync,
  syncDir: string,
  options: SyncOptions,
): Promise<SyncSummary> {
  const now = new Date();
  const runId = newRunId(now, randomBytes(3).toString("hex"));
  const observe = options.observe ?? (() => undefined);
  const signal = AbortSignal.any([lost, ...(options.signal === undefined ? [] : [options.signal])]);
  await using cognito = await cognitoForSync(options, { rate, observe, signal });
  const syncing: Syncing = {
    cognito,
    options,
    policies: withDefaultSyncPolicies(options.sync),
    store,
    syncDir,
    signal,
    lost,
    observe,
    runId,
    runDir: options.isDryRun === true ? join(syncDir, DRY_RUN) : join(syncDir, "runs", runId),
    startedAt: now.getTime(),
  };
  await requireSameSync(syncing);
  const left = await store.fact("current");
  await removeOtherLedgers(syncing, left?.isApplying === true ? left.id : undefined);
  const quarantine = await store.fact("quarantine");
  if (options.approved !== undefined && quarantine === undefined) throw notQuarantined(syncDir);
  const held = options.approved === undefined ? quarantine : undefined;
  if (options.isDryRun === true) return await carryOut(syncing, held);
  if (held !== undefined && stopsAll(held, syncing)) return await stillQuarantined(syncing, held);
  await finishEarlier(syncing, held);
  return await carryOut(syncing, held);
}

/** Whether a quarantine lets nothing pass; what failed too often is not tried again before somebody has looked. */
function stopsAll({ code }: Quarantine, { policies }: Syncing): boolean {
  return policies.whenGuarded === "stop" || code === "too-many-failures";
}

/** In a pool that has lost its users, those who would be made again may be somebody else's doing. */
const mayCreateIn = (quarantine: Quarantine | undefined): boolean => quarantine?.code !== "pool-shrunk";

/** Throws SYNC_MISMATCH where the folder is of another pool or source. */
async function requireSameSync({ store, options, syncDir }: Syncing): Promise<void> {
  const about = aboutOf(options);
  const known = await store.fact("about");
  if (known === undefined) return;
  if (known.userPoolId === about.userPoolId && known.source === about.source) return;
  throw new FerryError(
    "SYNC_MISMATCH",
    `The sync in ${syncDir} is of ${known.source} into ${known.userPoolId}, not of ${about.source} into ${about.userPoolId}`,
    {
      hint: "Name another folder with --sync-dir: to this one the users of another source are strangers, and its own would be gone",
    },
  );
}

/** What a sync is of. A file may lie elsewhere tomorrow, or have the day in its name. */
function aboutOf({ userPoolId, source: { type, path } }: SyncOptions): SyncAbout {
  const isFile = placeKeyOf(type) === "path";
  return { userPoolId, source: isFile ? type : `${type}:${[path].flat().join(", ")}` };
}

/** What the sync was told: with other rules everybody is compared anew. */
function rulesOf({ source, mapping, policies, sync: stated }: SyncOptions): string {
  const { connectionUrl: _connectionUrl, bindPassword: _bindPassword, ...rest } = source;
  return createHash("sha256")
    .update(JSON.stringify([rest, mapping, policies, stated?.conflicts, stated?.adopt, stated?.messages]))
    .digest("hex");
}

function notQuarantined(syncDir: string): FerryError {
  return new FerryError("SYNC_NOT_QUARANTINED", `The sync in ${syncDir} is not in quarantine`, {
    hint: "There is nothing to approve: poolferry sync does what is to be done",
  });
}

async function stillQuarantined(syncing: Syncing, quarantine: Quarantine): Promise<SyncSummary> {
  const { store, runId, startedAt, options, policies, observe } = syncing;
  observe({ kind: "sync-quarantined", code: quarantine.code, since: quarantine.since });
  await store.beginRun({ id: runId, cause: options.cause ?? "once", kind: "none", startedAt });
  const summary = await summariseSync(store, headOf(syncing), { kind: "none", quarantine, policies });
  await store.endRun({ id: runId, endedAt: Date.now(), summary });
  return summary;
}

function headOf({ options, runId, runDir, syncDir, startedAt }: Syncing): SyncHead {
  return {
    runId,
    runDir,
    syncDir,
    startedAt,
    userPoolId: options.userPoolId,
    cause: options.cause ?? "once",
    isDryRun: options.isDryRun ?? false,
  };
}

/** What a sync reads, and from where. */
interface Reading {
  readonly kind: "full" | "incremental";
  /** Why everybody is compared, for the operator. */
  readonly why: string | undefined;
  readonly cursor: string | undefined;
}

async function readingOf({ options, policies, store, startedAt }: Syncing): Promise<Reading> {
  const full = (why: string): Reading => ({ kind: "full", why, cursor: undefined });
  if (options.isFull === true) return full("it was asked for");
  if (options.approved !== undefined) return full("what was approved is counted anew");
  const [cursor, last, must] = [
    await store.fact("cursor"),
    await store.fact("last-full"),
    await store.fact("must-be-full"),
  ];
  if (cursor === undefined || last === undefined) return full("the source tells no changes");
  if (must !== undefined) return full(must);
  if ((await store.fact("rules")) !== rulesOf(options)) return full("the config has changed");
  // A clock that was put back says nothing of the time that has passed.
  const isTime = startedAt - last.at >= policies.fullEveryHours * HOUR_MS || last.at > startedAt;
  if (isTime) return full("it is time for it");
  return { kind: "incremental", why: undefined, cursor };
}

const HOUR_MS = 3_600_000;

/** Looks, judges, and does what may be done; whatever ends it is in the history. */
async function carryOut(syncing: Syncing, quarantine: Quarantine | undefined): Promise<SyncSummary> {
  const { store, options, runId, startedAt, observe, runDir } = syncing;
  const reading = await readingOf(syncing);
  const isDryRun = options.isDryRun === true;
  if (isDryRun) {
    await requireNothingLeft(syncing);
    await rm(runDir, { recursive: true, force: true });
  } else {
    await store.beginRun({ id: runId, cause: options.cause ?? "once", kind: reading.kind, startedAt });
    await store.setFact("current", { id: runId, isApplying: false });
    await noteLedger(syncing);
  }
  observe({ kind: "sync-begun", runId, reading: reading.kind, why: reading.why });
  try {
    const looked = await look(syncing, reading);
    const summary = isDryRun
      ? await endDryRun(syncing, looked)
      : await doWhatMayBeDone(syncing, looked, quarantine);
    await removeOldRuns(syncing.syncDir, { keepRuns: syncing.policies.keepRuns, runId });
    return summary;
  } catch (error) {
    // Whoever has taken the sync over says in the history what came of it.
    if (syncing.lost.aborted) throw error;
    const isApplying = (await store.fact("current"))?.isApplying === true;
    if (!isApplying) await removeUnsentRun(syncing);
    const explained = isApplying ? resumable(error) : withoutEffect(explainServiceError(error));
    if (!isDryRun) await endWithTrouble(syncing, explained, isApplying);
    throw explained;
  }
}

/** What a look at source and pool came to. */
interface Looked {
  readonly reading: Reading;
  readonly compared: Compared;
  readonly tripped: Tripped | undefined;
  readonly wouldRemove: number;
  /** Where the next incremental reading begins; undefined of a source that does not tell changes. */
  readonly cursor: string | undefined;
  readonly poolUsers: number | undefined;
}

async function look(syncing: Syncing, reading: Reading): Promise<Looked> {
  const { cognito, options, policies, store, signal, observe, runDir, startedAt } = syncing;
  const {
    ledger: place,
    syncDir: _syncDir,
    sync: _sync,
    cause: _cause,
    isDryRun: _isDryRun,
    isFull: _isFull,
    showsValues: _showsValues,
    approved,
    ...rest
  } = options;
  const source = { ...options.source, after: reading.cursor };
  // How many of them are to be sent, only the comparison knows.
  const quieter: RunObserver = (event) => event.kind !== "planned" && observe(event);
  // What is only looked at needs to outlive nothing.
  const ledgerPlace = options.isDryRun === true ? undefined : place;
  const isFull = reading.kind === "full";
  await store.beginNoting();
  await using early = new EarlyList();
  const planned = await planWithin(
    { ...rest, runDir, source, ledger: ledgerPlace, mayBeEmpty: true, signal, observe: quieter },
    {
      cognito,
      runId: syncing.runId,
      hasNoForecast: true,
      hasNoPage: true,
      onPool: (pool) => void (isFull && early.begin({ cognito, store, pool, signal, observe })),
    },
  );
  await store.forgetLastLook();
  await using run = await openRun(folderOf(syncing), "alone");
  const { ledger } = run;
  const { pool } = ledger.facts;
  const groups = new Set(await store.managedGroups());
  const wanted = () => ledger.wantedUsers();
  const { unidentified, withoutId } = await noteWanted(withGroups(wanted(), groups), { store, pool });
  if (withoutId > 0) observe({ kind: "known-by-name", users: withoutId });
  throwIfInterrupted(signal);
  const poolUsers = await lookAtPool({
    cognito,
    store,
    pool,
    isFull,
    wanted,
    groups,
    early,
    signal,
    observe,
  });
  const compared = await compareUsers(wanted(), {
    store,
    pool,
    policies,
    isFull,
    unidentified,
    now: startedAt,
    settle: (outcomes) => ledger.settle(outcomes),
  });
  const facts: SyncFacts = {
    ...compared,
    kind: reading.kind,
    lastRows: (await store.fact("last-full"))?.rows,
    managed: (await store.countManaged()) + compared.adopted,
  };
  const tripped = judge(facts, policies, approved);
  observe({
    kind: "sync-compared",
    rows: compared.rows,
    toCreate: compared.toCreate,
    unchanged: compared.unchanged,
    toRemove: compared.disables + compared.deletions,
  });
  return {
    reading,
    compared,
    tripped,
    wouldRemove: removalsOf(facts),
    cursor: planned.source.followsChanges ? planned.source.cursor : undefined,
    poolUsers,
  };
}

async function* withGroups(
  pages: AsyncIterable<readonly WantedUser[]>,
  names: Set<string>,
): AsyncIterable<readonly WantedUser[]> {
  for await (const page of pages) {
    for (const { groups } of page) for (const group of groups) names.add(group);
    yield page;
  }
}

/** A dry run would overwrite what an unfinished run is still to do. */
async function requireNothingLeft({ store, syncDir }: Syncing): Promise<void> {
  const current = await store.fact("current");
  if (current?.isApplying !== true) return;
  const isBroken = (await store.fact("quarantine"))?.code === "too-many-failures";
  throw new FerryError("RUN_UNFINISHED", `The sync in ${syncDir} was stopped in its middle`, {
    hint: isBroken
      ? "Mend what failed, and finish it first: poolferry sync approve --max-deletions 0"
      : "Finish it first: poolferry sync",
  });
}

async function endDryRun(
  syncing: Syncing,
  { reading, compared, tripped, wouldRemove }: Looked,
): Promise<SyncSummary> {
  const { store } = syncing;
  const summary = await sumUp(syncing, {
    kind: reading.kind,
    compared,
    run: await runSummaryOf(syncing),
    guard: tripped,
    wouldRemove,
    quarantine: await store.fact("quarantine"),
    isOnlyPlanned: true,
  });
  await removeLedger(folderOf(syncing));
  return summary;
}

async function doWhatMayBeDone(
  syncing: Syncing,
  looked: Looked,
  before: Quarantine | undefined,
): Promise<SyncSummary> {
  const { store, policies, runId, observe, options, startedAt } = syncing;
  const { compared, tripped, reading } = looked;
  const isApproval = options.approved !== undefined;
  if (tripped !== undefined) observe({ kind: "guard-tripped", code: tripped.code, message: tripped.message });
  const quarantine = quarantineOf(
    syncing,
    tripped,
    before ?? (isApproval ? await store.fact("quarantine") : undefined),
  );
  const isStopped = quarantine !== undefined && (policies.whenGuarded === "stop" || isApproval);
  const isHeld = quarantine !== undefined;
  if (isHeld) await store.withhold(isStopped ? "all" : "harmful");
  await store.setFact("about", aboutOf(options));
  await store.setFact("quarantine", quarantine);
  let run: RunSummary;
  if (!isStopped) {
    const mayCreate = mayCreateIn(quarantine);
    await store.setFact("current", { id: runId, isApplying: true, mayCreate });
    run = await applyAll(syncing, { mayCreate });
  } else run = await runSummaryOf(syncing);
  const summary = await sumUp(syncing, {
    kind: reading.kind,
    compared,
    run,
    guard: tripped,
    wouldRemove: looked.wouldRemove,
    quarantine,
    isOnlyPlanned: isStopped,
  });
  const isFull = reading.kind === "full";
  await store.endRun(
    { id: runId, endedAt: Date.now(), summary },
    {
      ...(isHeld
        ? {}
        : {
            cursor: looked.cursor,
            rules: rulesOf(options),
            "must-be-full": mustBeFull(summary, looked, run),
          }),
      ...(isFull && !isHeld ? { "last-full": { at: startedAt, rows: compared.rows } } : {}),
      ...(looked.poolUsers === undefined ? {} : { "pool-users": looked.poolUsers }),
      current: undefined,
    },
  );
  await removeLedger(folderOf(syncing));
  return summary;
}

function quarantineOf(
  { runId, options }: Syncing,
  tripped: Tripped | undefined,
  before: Quarantine | undefined,
): Quarantine | undefined {
  // Only an approval ends it.
  if (tripped === undefined) return options.approved === undefined ? before : undefined;
  if (tripped.code === "above-approved" && before !== undefined)
    return { ...before, wouldRemove: tripped.wouldRemove };
  return { ...tripped, since: before?.since ?? new Date().toISOString(), runId: before?.runId ?? runId };
}

/** Behind the cursor nobody looks at those again for whom something failed, or who may have got a new id. */
function mustBeFull(
  { counts }: SyncSummary,
  { reading, compared }: Looked,
  run: RunSummary,
): string | undefined {
  if (counts.failed > 0) return "the last one had failures";
  if (run.reasons.some(({ reason }) => reason === WITHHELD.reason)) return "users were left to be created";
  return reading.kind === "incremental" && compared.undecided > 0 ? "an id may have changed" : undefined;
}

/** Carries out what is pending: who may not sign in first, then the other changes, then the creations. */
async function applyAll(
  syncing: Syncing,
  { mayCreate }: { readonly mayCreate: boolean },
): Promise<RunSummary> {
  const { cognito, options, store, signal, observe, runDir } = syncing;
  {
    await using run = await openRun(folderOf(syncing), "alone");
    const { ledger } = run;
    await changeUsers(syncing, ledger);
    for await (const results of store.fold()) await ledger.settle(results.map(outcomeOf));
    if (!mayCreate) await ledger.passOverUnsent(WITHHELD);
    const changed = await report(ledger, runDir);
    // Whom an earlier session has created may lack what is to follow, and is not managed yet.
    if (changed.unsettled + changed.outcomes.imported === 0) return changed;
  }
  const applyOptions = {
    runDir,
    logsRoleArn: options.logsRoleArn,
    expectAccount: options.expectAccount,
    failedShare: options.approved === undefined ? options.failedShare : 1,
    allowChangedSource: true,
    environment: options.environment,
    signal,
    observe,
  };
  const run = await applyWithin(applyOptions, { cognito, hasNoPage: true }).catch(async (error: unknown) => {
    if (!(error instanceof FerryError) || error.code !== "PLAN_STALE") throw error;
    // Whoever was not sent is looked at anew by the next sync; who was is finished as planned.
    {
      await using left = await openRun(folderOf(syncing), "alone");
      await left.ledger.passOverUnsent(WITHHELD);
    }
    return applyWithin(applyOptions, { cognito, mayBeStale: true, hasNoPage: true });
  });
  await manageCreated(syncing);
  return run;
}

/** What becomes of users who are not created after all. */
const WITHHELD = {
  kind: "skipped",
  reason: "withheld",
  message: "the user was left to the next sync",
} as const;

async function changeUsers(
  { cognito, options, store, signal, observe }: Syncing,
  ledger: Ledger,
): Promise<void> {
  const { pool, limits } = ledger.facts;
  for (const turn of ["disable", "rest"] as const) {
    if ((await store.countPending(turn)) === 0) continue;
    await applyChanges(store.pendingChanges(turn), {
      cognito,
      pool,
      policies: ledger.facts.policies,
      journal: store,
      failedShare: options.approved === undefined ? limits.failedShare : 1,
      signal,
      observe,
    });
  }
}

function outcomeOf({ seq, sub, done, failed, withheld, reason, message }: RowResult): Outcome {
  if (failed > 0) return { seq, sub, kind: "failed", reason, message };
  if (done > 0 || withheld === 0) return { seq, sub, kind: "updated", reason: undefined, message: undefined };
  return { seq, sub, kind: "skipped", reason: "withheld", message: "a guard has stopped the change" };
}

/** Takes those whom the run has created into the sync's care. */
async function manageCreated(syncing: Syncing): Promise<void> {
  const { store } = syncing;
  await using ledger = await readLedger(folderOf(syncing));
  const { pool } = ledger.facts;
  const undone = new Map<number, FollowUp[]>();
  for await (const { seq, followUp } of ledger.failedFollowUps())
    undone.set(seq, [...(undone.get(seq) ?? []), followUp]);
  for await (const page of ledger.wantedUsers()) {
    const created = page.filter(({ outcome }) => outcome === "imported");
    await store.manage(created.map((user) => managedOf(user, undone.get(user.seq) ?? [], pool)));
  }
}

function managedOf(user: WantedUser, undone: readonly FollowUp[], pool: Pool): ManagedUser {
  const { username = "", sub } = user;
  const left = leftAsWanted(user);
  const lacks = (followUp: FollowUp): boolean => undone.some((each) => isDeepStrictEqual(each, followUp));
  const unset = undone.flatMap((each) => (each.kind === "set-attributes" ? each.attributes : []));
  return {
    key: keyOfUser(user, pool) ?? "",
    sub,
    username,
    origin: "created",
    attributes: left.attributes.filter(([name]) => !unset.some(([each]) => each === name)),
    groups: left.groups.filter((group) => !lacks({ kind: "add-to-group", group })),
    isDisabled: left.isDisabled && !lacks({ kind: "disable" }),
    absentSince: undefined,
    unlistedSince: undefined,
  };
}

/**
 * Finishes what a crash or an interruption has left: who was disabled, let in or deleted by it is looked up and noted, and
 * all other changes are dropped, as the next look finds them again: the source may say otherwise by now. Creations are finished
 * as planned, in a quarantine too.
 */
async function finishEarlier(syncing: Syncing, held: Quarantine | undefined): Promise<void> {
  const { store, syncDir, observe } = syncing;
  const current = await store.fact("current");
  if (current === undefined) return;
  const earlier = { ...syncing, runId: current.id, runDir: join(syncDir, "runs", current.id) };
  if (!current.isApplying) {
    await removeUnsentRun(earlier);
    await store.setFact("current", undefined);
    return;
  }
  observe({ kind: "sync-resumed", runId: current.id });
  await takeOverRun(earlier);
  const run = await finishRun(earlier, current).catch(async (error: unknown) => {
    if (earlier.lost.aborted) throw error;
    const explained = resumable(explainServiceError(error));
    await endWithTrouble(earlier, explained, true);
    throw explained;
  });
  const summary = await sumUp(earlier, { kind: "finish", run, quarantine: held });
  await store.endRun(
    { id: current.id, endedAt: Date.now(), summary },
    { current: undefined, "must-be-full": "the last one was stopped in its middle" },
  );
  await removeLedger(folderOf(earlier));
}

/** Finishes what {@link finishEarlier} finishes of the run itself. */
async function finishRun(
  syncing: Syncing,
  { mayCreate = true }: { readonly mayCreate?: boolean | undefined },
): Promise<RunSummary> {
  const { store } = syncing;
  await store.dropUnsent();
  await settleAccess(syncing);
  // What else was on its way is compared anew: the user of that name may be another one by now.
  await store.withhold("all");
  return applyAll(syncing, { mayCreate });
}

/** Puts the trouble into the history; too many failures put the sync in quarantine. */
async function endWithTrouble(syncing: Syncing, error: unknown, isApplying: boolean): Promise<void> {
  const { store, runId } = syncing;
  const { code, message, exitCode } = error instanceof FerryError ? error : bug(error);
  const isBroken = isApplying && code === "TOO_MANY_FAILED";
  const quarantine: Quarantine | undefined = isBroken
    ? {
        code: "too-many-failures",
        message: "more of what was to be done has failed than is allowed",
        wouldRemove: 0,
        since: new Date().toISOString(),
        runId,
      }
    : undefined;
  await store.endRun(
    { id: runId, endedAt: Date.now(), summary: { error: { code, message }, exitCode } },
    {
      ...(isApplying ? {} : { current: undefined }),
      ...(quarantine === undefined ? {} : { quarantine }),
    },
  );
}

function bug(error: unknown): {
  readonly code: string;
  readonly message: string;
  readonly exitCode: ExitCode;
} {
  return { code: "BUG", message: error instanceof Error ? error.name : "unknown", exitCode: EXIT_CODES.bug };
}

/** What a run of its own would be told. */
const RESUME_HINT = /\.? *Go on with: poolferry resume.*$/;

/** Trouble in the middle of a sync ends it with the exit code of one that goes on with the next. */
function resumable(error: unknown): unknown {
  if (!(error instanceof FerryError)) return error;
  const { code, message, cause } = error;
  const exitCode = error.exitCode === EXIT_CODES.usage ? EXIT_CODES.stopped : error.exitCode;
  const hint =
    code === "TOO_MANY_FAILED"
      ? "Mend the cause; then: poolferry sync approve --max-deletions 0"
      : code === "INTERRUPTED"
        ? "The next poolferry sync goes on"
        : `${error.hint.replace(RESUME_HINT, "")}. The next poolferry sync goes on`;
  return new FerryError(code, message, { hint, cause, exitCode });
}

/** Trouble while a sync only looks: whatever the next one may do better is no wrong usage, though nothing was sent. */
function withoutEffect(error: unknown): unknown {
  if (!(error instanceof FerryError) || error.exitCode !== EXIT_CODES.usage) return error;
  const { code, message, hint, cause } = error;
  return new FerryError(code, message, { hint, cause });
}

async function runSummaryOf(syncing: Syncing): Promise<RunSummary> {
  await using ledger = await readLedger(folderOf(syncing));
  // Awaited here: the ledger is closed when this returns.
  return await report(ledger, syncing.runDir);
}

/** Sums up what came of the plan so far, and writes it into the folder of the run. */
async function report(ledger: Ledger, runDir: string): Promise<RunSummary> {
  const summary = await summarise(ledger, runDir);
  await writeOutcomeFiles(ledger, summary);
  return summary;
}

/** Sums a sync up, and writes its reports into the folder of its run. */
async function sumUp(syncing: Syncing, end: Omit<SyncEnd, "policies" | "hasReports">): Promise<SyncSummary> {
  const { store, runDir, policies, options } = syncing;
  const summary = await summariseSync(store, headOf(syncing), { ...end, policies, hasReports: true });
  await writeSyncReports(runDir, store, summary, options.showsValues === true ? "plain" : "masked");
  return summary;
}
