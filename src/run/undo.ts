import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { ImportJobs, isFinalStatus } from "../cognito/import-job.ts";
import { readPoolPlace, type PoolPlace } from "../cognito/pool-place.ts";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import { UNDO_RESULTS, type UndoAction } from "../core/undo.ts";
import type { Job, Ledger, Undoing, UndoCounts } from "../ledger/ledger.ts";
import { undoUsers } from "../load/undo-users.ts";
import { notUndone } from "../report/summary.ts";
import { writeUndoneUsers } from "../report/undo-file.ts";
import type { Environment } from "./client-secret.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { requireAccount } from "./require-account.ts";
import type { RunObserver } from "./run-event.ts";
import {
  holdRunFolder,
  removeParts,
  requireNotPurged,
  requireRun,
  runFolderAt,
  type RunFolder,
} from "./run-folder.ts";
import { cognitoForRun } from "./run-cognito.ts";
import { openRun } from "./run-ledger.ts";
import { withCredentials } from "./with-credentials.ts";
import { withoutRun } from "./without-run.ts";

/** What looking at an undo before it begins needs. */
export interface UndoPreviewOptions {
  /** The folder of a run that was applied, in whole or in part. */
  readonly runDir: string;
  /** The AWS account in which the pool must be, 12 digits; the plan's when undefined. */
  readonly expectAccount?: string | undefined;
  /** Takes the place of the plan's profile. */
  readonly profile?: string | undefined;
  /** Where the address of a ledger in a database is looked up, by the name of its variable. */
  readonly environment?: Environment | undefined;
  /** Interrupts between two users; the undo can be repeated. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
}

/** What an undo needs beside the run's ledger. */
export interface UndoOptions extends UndoPreviewOptions {
  /** What is done to the users whom the run has created. */
  readonly action: UndoAction;
  /** The run's id, so that nobody undoes another run by mistake. */
  readonly confirm: string;
  /** Whether users who were changed since the run are taken back too; they are kept when undefined. */
  readonly includeChanged?: boolean | undefined;
}

/** What an undo would be about. */
export interface UndoPreview {
  /** What {@link UndoOptions.confirm} must be. */
  readonly runId: string;
  readonly userPoolId: string;
  /** The name that the pool has in the console. */
  readonly userPoolName: string;
  readonly region: string;
  /** The id of the AWS account; undefined where the service does not say. */
  readonly account: string | undefined;
  /** How many users the run has created, without those whom an earlier undo deleted. */
  readonly created: number;
  /** How many more it may have created when it was stopped. */
  readonly uncertain: number;
}

/** The version of an undo's report: it grows when a key goes or means something else, and stays when one comes. */
export const UNDO_REPORT_VERSION = 1;

/** What an undo made of the users whom a run has created, as `--json` prints it; the layout is dist/undo-report.schema.json. */
export interface UndoSummary {
  readonly reportVersion: typeof UNDO_REPORT_VERSION;
  readonly runId: string;
  /** Absolute path of the run folder, where undo.csv is. */
  readonly runDir: string;
  readonly userPoolId: string;
  /** What was to be done. */
  readonly action: UndoAction;
  /** Users by what became of them. */
  readonly results: UndoCounts;
  /** 0, or 3 when users were left as they are. */
  readonly exitCode: ExitCode;
}

/** Tells what an undo of a run would be about; changes nothing. Throws FerryError, as {@link undo} would before it begins. */
export async function previewUndo(options: UndoPreviewOptions): Promise<UndoPreview> {
  return withUndo(options, async ({ ledger, place, undoing }) => {
    const { runId, pool } = ledger.facts;
    const { name, region, account } = place;
    return { runId, userPoolId: pool.id, userPoolName: name, region, account, ...(await undoing.count()) };
  });
}

/**
 * Deletes or disables exactly the users whom a run has created and nobody changed since, also of a run that was stopped;
 * from then on the run can no longer be applied. Groups stay. Can be repeated after whatever stopped it. Writes undo.csv.
 * AWS's list of what makes a monthly active user names neither call (documented), nor does it rule them out. Throws FerryError:
 * CONFIRMATION_WRONG, RUN_UNSENT for a plan of which nothing was sent, IMPORT_JOB_ACTIVE while a job of the run goes on.
 *
 * @example
 * ```ts
 * import { previewUndo, undo } from "poolferry";
 *
 * const { runId, created } = await previewUndo({ runDir: "night" });
 * console.log("about to delete", created, "users");
 * const { results } = await undo({ runDir: "night", action: "delete", confirm: runId });
 * console.log(results.deleted, "deleted,", results.kept, "kept");
 * ```
 */
export async function undo(options: UndoOptions): Promise<UndoSummary> {
  return withUndo(options, async (open) => {
    const { ledger, folder } = open;
    const { runId, pool } = ledger.facts;
    if (options.confirm !== runId) {
      throw new FerryError(
        "CONFIRMATION_WRONG",
        `${options.confirm} is not the id of the run in ${folder.path}`,
        {
          hint: "Nothing was undone; poolferry status shows the run's id",
        },
      );
    }
    try {
      await takeBack(open, options);
    } catch (error) {
      throw repeatable(explainDiskError(explainServiceError(error), folder.path), folder, options);
    }
    const results = (await ledger.undoCounts()) ?? NOBODY;
    const exitCode = notUndone(results) > 0 ? EXIT_CODES.incomplete : EXIT_CODES.ok;
    return {
      reportVersion: UNDO_REPORT_VERSION,
      runId,
      runDir: folder.path,
      userPoolId: pool.id,
      action: options.action,
      results,
      exitCode,
    };
  });
}

const NOBODY = Object.fromEntries(UNDO_RESULTS.map((result) => [result, 0])) as UndoCounts;

interface Open {
  readonly folder: RunFolder;
  readonly ledger: Ledger;
  readonly cognito: Cognito;
  readonly place: PoolPlace;
  readonly undoing: Undoing;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

async function withUndo<Result>(
  options: UndoPreviewOptions,
  work: (open: Open) => Promise<Result>,
): Promise<Result> {
  const folder = runFolderAt(options.runDir, options.environment);
  try {
    await requireSent(folder);
    using _hold = await holdRunFolder(folder);
    await requireSent(folder);
    await using run = await openRun(folder, "alone");
    const { ledger } = run;
    const { facts } = ledger;
    const { observe = () => undefined, signal = new AbortController().signal } = options;
    const connection = withCredentials(facts.connection, options.profile);
    await using cognito = cognitoForRun(run, { connection }, observe);
    const place = await readPoolPlace(cognito, facts.pool.id, signal);
    const { account } = place;
    requireAccount(
      { id: facts.pool.id, account },
      { expected: options.expectAccount, planned: facts.pool.account },
    );
    observe({ kind: "pool-read", userPoolId: facts.pool.id, name: place.name });
    await requireEndedJobs(ledger, new ImportJobs(cognito, facts.pool.id, signal), folder);
    await using undoing = await ledger.beginUndo();
    return await work({ folder, ledger, cognito, place, undoing, signal, observe });
  } catch (error) {
    if (error instanceof Repeatable) throw error.trouble;
    throw withoutRun(
      explainDiskError(explainServiceError(error), folder.path),
      "Interrupted; no user was touched",
    );
  }
}

/** Throws RUN_UNSENT for a plan, of which nobody was created, and RUN_PURGED where it is not known who was. */
async function requireSent(folder: RunFolder): Promise<void> {
  const state = await requireRun(folder);
  requireNotPurged(folder, state);
  if (state !== "planning" && state !== "planned") return;
  throw new FerryError("RUN_UNSENT", `Nothing was sent of the plan in ${folder.path}`, {
    hint: "There is nothing to undo; delete the folder, or carry the plan out with poolferry apply",
  });
}

/**
 * Throws IMPORT_JOB_ACTIVE while a job of the run goes on creating users. Of jobs that ended behind the run's back it is
 * noted from when to when they worked, as that tells whom they may have created.
 */
async function requireEndedJobs(ledger: Ledger, jobs: ImportJobs, folder: RunFolder): Promise<void> {
  const spooled = (await ledger.parts()).filter(({ state }) => state === "spooled");
  const open: Job[] = [];
  for (const { id } of spooled) open.push(...(await ledger.jobsOf(id)).filter(mayHaveWorked));
  for (const job of open) {
    const { jobId, status, startedAt, completedAt } = await jobs.describe(job.jobId ?? "");
    if (status !== "Created" && !isFinalStatus(status)) {
      throw new FerryError(
        "IMPORT_JOB_ACTIVE",
        `The import job ${jobId} of this run is ${status} and creates users`,
        {
          hint: `Let it end with: poolferry resume --run-dir ${folder.path}, or stop it with poolferry jobs stop, and repeat the command`,
        },
      );
    }
    await ledger.changeJob(job.id, {
      startedAt: startedAt ?? job.startedAt,
      endedAt: completedAt ?? job.endedAt,
    });
  }
}

function mayHaveWorked({ state, jobId }: Job): boolean {
  return jobId !== undefined && (state === "starting" || state === "started" || state === "ended");
}

async function takeBack(open: Open, { action, includeChanged = false }: UndoOptions): Promise<void> {
  const { folder, ledger, cognito, place, undoing, signal, observe } = open;
  const { pool } = ledger.facts;
  await ledger.setState("undoing");
  // Nobody will be sent any more.
  await ledger.eraseSecrets();
  await removeParts(folder);
  await undoUsers({
    cognito,
    pool,
    undoing,
    poolUsers: place.users,
    signal,
    observe,
    action,
    includeChanged,
  });
  await ledger.setState("undone");
  await writeUndoneUsers(folder.path, ledger.undoneUsers());
}

/** Trouble after the undo began: the same command goes on with it. */
class Repeatable extends Error {
  readonly trouble: unknown;

  constructor(trouble: unknown) {
    super("the undo was stopped");
    this.trouble = trouble;
  }
}

function repeatable(error: unknown, folder: RunFolder, { action }: UndoOptions): unknown {
  if (!(error instanceof FerryError)) return new Repeatable(error);
  const { code, message, cause } = error;
  const exitCode = error.exitCode === EXIT_CODES.usage ? EXIT_CODES.stopped : error.exitCode;
  const goOn = `Go on with: poolferry undo --run-dir ${folder.path} --${action}`;
  const hint = code === "INTERRUPTED" ? goOn : `${error.hint}. ${goOn}`;
  return new Repeatable(new FerryError(code, message, { hint, cause, exitCode }));
}
