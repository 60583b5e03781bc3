import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { describePool, readPool } from "../cognito/read-pool.ts";
import type { AppClient } from "../cognito/sign-up.ts";
import { EXIT_CODES, FerryError } from "../core/ferry-error.ts";
import type { LoadStep } from "../core/load-step.ts";
import { poolFingerprint } from "../core/pool.ts";
import type { Ledger, LedgerCheck, RunFacts } from "../ledger/ledger.ts";
import type { Importing } from "../load/import-part.ts";
import { Allowance } from "../load/allowance.ts";
import { hasWork, loadRun } from "../load/load-run.ts";
import { Spool, type PartLimits } from "../load/spool.ts";
import { writeOutcomeFiles } from "../report/outcome-files.ts";
import { writeRunFiles } from "../report/run-files.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { MAX_PART_BYTES, MAX_PART_ROWS } from "../transform/import-csv.ts";
import { readClientSecret, type Environment } from "./client-secret.ts";
import { borrowCognito } from "./borrow-cognito.ts";
import { measureRun } from "./measure-run.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { requireAccount } from "./require-account.ts";
import type { RunObserver } from "./run-event.ts";
import { cognitoForRun } from "./run-cognito.ts";
import {
  holdRunFolder,
  removeParts,
  requireNotUndone,
  requireRun,
  runFolderAt,
  type RunFolder,
} from "./run-folder.ts";
import { joinRun, openRun, type OpenRun, type RunToJoin } from "./run-ledger.ts";
import { requireSameSource } from "./source-file.ts";

/** What applying a plan needs beside its ledger. */
export interface ApplyOptions {
  /** The folder that the plan was made in; of a run that is joined, any that has no other run. */
  readonly runDir: string;
  /** A run whose plan was made on another computer. */
  readonly join?: RunToJoin | undefined;
  /** Takes the place of the plan's, or gives one to a plan that was made without. */
  readonly logsRoleArn?: string | undefined;
  /**
   * Where a plan's `clientSecretEnv` is looked up, by name, and the address of a ledger in a database; they are kept nowhere.
   */
  readonly environment?: Environment | undefined;
  /** The AWS account in which the pool must be, 12 digits; the plan's when undefined. */
  readonly expectAccount?: string | undefined;
  /** Takes the place of the plan's profile. */
  readonly profile?: string | undefined;
  /** Takes the place of the plan's share of every request quota: above 0 and up to 1. */
  readonly quotaShare?: number | undefined;
  /** How large one import job may be; Cognito's documented limits when undefined. */
  readonly partLimits?: PartLimits | undefined;
  /** How long to wait for an ended job's log, in milliseconds; two minutes when undefined. */
  readonly logWaitMs?: number | undefined;
  /** Takes the place of the plan's: how long another import job of the account is waited for, in milliseconds. */
  readonly otherJobWaitMs?: number | undefined;
  /** This step of loading and no other, but that whoever may not sign in is disabled; all steps when undefined. */
  readonly only?: LoadStep | undefined;
  /** How many users are sent at the most, by import jobs and AdminCreateUser together; all when undefined. */
  readonly maxUsers?: number | undefined;
  /** Takes the place of the plan's share of failing users above which the run stops, 0 to 1. */
  readonly failedShare?: number | undefined;
  /** Whether a plan that nobody has begun is carried out although its source has changed; false when undefined. */
  readonly allowChangedSource?: boolean | undefined;
  /** Interrupts between two steps; the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
}

const DEFAULT_LOG_WAIT_MS = 120_000;

/** What a run that is part of something larger is told by it. */
interface Within {
  /** A way to Cognito that its owner closes. */
  readonly cognito?: Cognito | undefined;
  /** Whether it is finished although the pool has other settings by now: what does not fit is refused user by user. */
  readonly mayBeStale?: boolean | undefined;
  /** Whether report.html is left out, as it would not tell all of the larger thing; false when undefined. */
  readonly hasNoPage?: boolean | undefined;
}

/**
 * Carries out the decisions of a plan and settles each user with one outcome. Applying a run that was stopped goes on
 * where it stopped: nothing is lost and nobody is sent twice. Where the ledger is in a database, many processes may do so at
 * the same time, and share the work and the request quotas; each returns when the run is done. With `only` or `maxUsers` it may end with users left, for
 * another time. Applying a finished run changes nothing and sums it up again. Throws FerryError; once something may have
 * been sent, its exit code says that the run can be resumed.
 *
 * @example
 * ```ts
 * import { apply, EXIT_CODES, FerryError } from "poolferry";
 *
 * try {
 *   const { outcomes } = await apply({ runDir: "night" });
 *   console.log(outcomes.imported, "imported,", outcomes.failed, "failed");
 * } catch (error) {
 *   if (!(error instanceof FerryError)) throw error;
 *   console.error(`${error.message}. ${error.hint}`);
 *   if (error.exitCode === EXIT_CODES.stopped) console.error("Call it again: the run goes on where it was.");
 * }
 * ```
 */
export function apply(options: ApplyOptions): Promise<RunSummary> {
  return applyWithin(options, {});
}

/** Applies a plan that is part of something larger; see {@link apply}. */
export async function applyWithin(options: ApplyOptions, within: Within): Promise<RunSummary> {
  const folder = runFolderAt(options.runDir, options.environment);
  try {
    return await applyIn(folder, options, within);
  } catch (error) {
    throw explainDiskError(error, folder.path);
  }
}

async function applyIn(folder: RunFolder, options: ApplyOptions, within: Within): Promise<RunSummary> {
  if (options.join !== undefined) await joinRun(folder, options.join);
  await requirePlanned(folder);
  using _hold = await holdRunFolder(folder);
  await using run = await openRun(folder, "share", "load");
  const { ledger } = run;
  await requireReady(folder, ledger, options);
  await using check = await checkWhole(ledger);
  requirePlannedAccount(ledger, options);
  if ((await ledger.state()) !== "done")
    await finishRun(run, { runDir: folder.path, options, within, check });
  await check.done();
  // Of parts that another worker has settled since.
  if (run.rate !== undefined && (await ledger.state()) === "done") await removeParts(folder);
  const summary = await summarise(ledger, folder.path, { mayBeUnfinished: isLimited(options) });
  await (within.hasNoPage === true ? writeOutcomeFiles : writeRunFiles)(ledger, summary);
  return summary;
}

/** Throws RUN_NOT_FOUND where there is no run, and RUN_UNPLANNED for one whose plan was not finished. */
export async function requirePlanned(folder: RunFolder): Promise<void> {
  if ((await requireRun(folder, "glance")) !== "planning") return;
  throw new FerryError("RUN_UNPLANNED", `The plan in ${folder.path} was not finished; nothing was sent`, {
    hint: "Repeat the plan or migrate command: it starts afresh in the same folder",
  });
}

/** Throws unless the ledger itself says that the run can be carried out so. */
export async function requireReady(folder: RunFolder, ledger: Ledger, options: ApplyOptions): Promise<void> {
  requireNotUndone(folder, await requireRun(folder, "glance"));
  requireStep(ledger, options);
}

/**
 * Checks all that is still to be sent: before anybody is, at first. Where the run has begun, a large ledger is checked beside
 * what goes on, in which each user is checked as it is read.
 */
async function checkWhole(ledger: Ledger): Promise<LedgerCheck> {
  const beside = (await ledger.state()) === "applying" ? ledger.checkBeside() : undefined;
  if (beside !== undefined) return beside;
  await ledger.requireWhole();
  return CHECKED;
}

const CHECKED: LedgerCheck = {
  broken: new AbortController().signal,
  done: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

/** Throws ACCOUNT_MISMATCH when another account is expected than the plan was made for, as far as the plan knows it. */
export function requirePlannedAccount({ facts: { pool } }: Ledger, { expectAccount }: ApplyOptions): void {
  if (pool.account !== undefined) requireAccount(pool, { expected: expectAccount });
}

/** Throws USAGE for a step that the plan does not have: nobody signs up, or everybody does. */
function requireStep({ facts }: Ledger, { only }: ApplyOptions): void {
  if (only === undefined || only === "follow-ups") return;
  if ((only === "sign-up") === (facts.signUp !== undefined)) return;
  throw new FerryError("USAGE", `No user of this plan goes by ${only}`, {
    hint: "Leave --only out, or name another step",
  });
}

/** How a run is finished. */
interface Finishing {
  readonly runDir: string;
  readonly options: ApplyOptions;
  readonly within: Within;
  readonly check: LedgerCheck;
}

async function finishRun(run: OpenRun, { runDir, options, within, check }: Finishing): Promise<void> {
  const { ledger, lost } = run;
  const { facts } = ledger;
  const { broken } = check;
  const signal = AbortSignal.any([lost, broken, ...(options.signal === undefined ? [] : [options.signal])]);
  const observe = options.observe ?? (() => undefined);
  const spool = new Spool(runDir, facts.pool);
  // What a crash left of parts that nobody needs any more.
  for (const { id, state } of await ledger.parts()) if (state !== "spooled") await spool.remove(id);
  if (await hasWork(ledger)) {
    const connection = { ...facts.connection, profile: options.profile ?? facts.connection.profile };
    await using borrowed = borrowCognito(within.cognito, () =>
      cognitoForRun(run, { connection, quotaShare: options.quotaShare }, observe),
    );
    const { cognito } = borrowed;
    const hasBegun = (await ledger.state()) === "applying";
    const inRun = async (error: unknown): Promise<never> => {
      throw hasBegun ? await resumable(error, runDir, ledger) : error;
    };
    const importing: Importing = {
      cognito,
      ledger,
      appClient: await readAppClient(facts, options).catch(inRun),
      spool,
      logsRoleArn: await requireRole(ledger, options),
      signal,
      observe,
      // Where processes share a run, the ledger knows what one that is gone may have done.
      isResumed: hasBegun && run.rate === undefined,
      logWaitMs: options.logWaitMs ?? DEFAULT_LOG_WAIT_MS,
      otherJobWaitMs: options.otherJobWaitMs ?? facts.limits.otherJobWaitMs,
      allowance: new Allowance(options.maxUsers),
      failedShare: options.failedShare ?? facts.limits.failedShare,
    };
    await requireFreshPlan(importing, options, within).catch(inRun);
    // Once users are on their way by the plan, it is finished as it was made.
    if (!hasBegun && options.allowChangedSource !== true)
      await requireSameSource((await ledger.source())?.files ?? [], signal);
    await ledger.prepareLoading();
    await ledger.setState("applying");
    try {
      const partLimits = options.partLimits ?? { rows: MAX_PART_ROWS, bytes: MAX_PART_BYTES };
      try {
        await using measuring = await measureRun({ ledger, cognito, observe });
        const measured: Importing = { ...importing, observe: measuring.observe };
        await loadRun(measured, { only: options.only, partLimits, isLimited: isLimited(options) });
      } finally {
        await ledger.noteWritten(cognito.serviceNow);
      }
    } catch (error) {
      const trouble: unknown = [lost, broken].find(({ aborted }) => aborted)?.reason ?? error;
      throw await resumable(explainDiskError(explainServiceError(trouble), runDir), runDir, ledger);
    }
    return;
  }
  // Those of users who were never sent.
  await ledger.eraseSecrets();
  await ledger.setState("done");
}

function isLimited({ only, maxUsers }: ApplyOptions): boolean {
  return only !== undefined || maxUsers !== undefined;
}

/** The role for the log of import jobs; empty where no import job is made. Throws LOGS_ROLE_MISSING. */
export async function requireRole(ledger: Ledger, options: ApplyOptions): Promise<string> {
  const role = options.logsRoleArn ?? ledger.facts.logsRoleArn;
  const { only = "import-jobs" } = options;
  const isNeeded = only === "import-jobs" && (await ledger.countUnsettledOfRoute("import-job")) > 0;
  if (role !== undefined || !isNeeded) return role ?? "";
  throw new FerryError("LOGS_ROLE_MISSING", "An import job needs a role that lets it write its log", {
    hint: "Give --logs-role-arn; the README shows how to make the role",
  });
}

/** The app client that the plan's users sign up with; undefined where none do. Throws CLIENT_SECRET_UNREADABLE. */
async function readAppClient(
  { signUp }: RunFacts,
  { environment = {} }: ApplyOptions,
): Promise<AppClient | undefined> {
  if (signUp === undefined) return undefined;
  const { clientId, secretAt } = signUp;
  const secret = secretAt === undefined ? undefined : await readClientSecret(secretAt, environment);
  return { id: clientId, secret };
}

/**
 * Throws ACCOUNT_MISMATCH when the pool is in another account than it should be, and PLAN_STALE when the pool is no longer as it was when the decisions were made. Where all that is known of it is a
 * file, there is nothing to compare: what does not fit any more is refused user by user.
 */
export async function requireFreshPlan(
  { cognito, ledger, signal }: Pick<Importing, "cognito" | "ledger" | "signal">,
  { expectAccount: expected }: ApplyOptions,
  { mayBeStale = false }: Within = {},
): Promise<void> {
  const { pool, signUp } = ledger.facts;
  if (signUp?.access === "client") {
    requireAccount(pool, { expected });
    return;
  }
  const read =
    signUp === undefined
      ? readPool(cognito, pool.id, signal)
      : describePool(cognito, pool.id, signal).then((described) => described.pool);
  const now = await read.catch((error: unknown) => {
    throw explainServiceError(error);
  });
  requireAccount(now, { expected, planned: pool.account });
  if (mayBeStale || poolFingerprint(now) === poolFingerprint(pool)) return;
  throw new FerryError(
    "PLAN_STALE",
    `The settings of the user pool ${pool.id} changed after the plan was made`,
    {
      hint: "Plan again in a new folder; users who are in the pool by now come out as skipped",
    },
  );
}

/** Trouble in the middle of a run ends it with the exit code of a run that can be resumed. */
async function resumable(error: unknown, runDir: string, ledger: Ledger): Promise<unknown> {
  if (!(error instanceof FerryError)) return error;
  const { code, message, cause } = error;
  const exitCode = error.exitCode === EXIT_CODES.usage ? EXIT_CODES.stopped : error.exitCode;
  const goOn = `${await whoCanStillSignIn(ledger)}Go on with: poolferry resume --run-dir ${runDir}`;
  const hint = code === "INTERRUPTED" ? goOn : `${error.hint}. ${goOn}`;
  return new FerryError(code, message, { hint, cause, exitCode });
}

/** Words about users who are not to sign in and may do so until the run goes on: in the pool, or in a job that runs on. */
async function whoCanStillSignIn(ledger: Ledger): Promise<string> {
  // Where the ledger itself is the trouble, nobody knows.
  const counts = await ledger.followUpCounts().catch(() => undefined);
  if (counts === undefined) return "";
  const { planned, done, failed } = counts.disable;
  const left = planned - done - failed;
  return left === 0 ? "" : `Do not wait: ${left} users who may not sign in are not disabled yet. `;
}
