import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { listGroupNames } from "../cognito/groups.ts";
import { readPool, requirePoolId, requireRegionOfPool } from "../cognito/read-pool.ts";
import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { Hook } from "../core/hook.ts";
import { loadPoliciesOf, withDefaultLimits } from "../core/load-policies.ts";
import type { Pool } from "../core/pool.ts";
import {
  findSource,
  openSource,
  type FoundSource,
  type OpenedSource,
  type SourceSpec,
} from "../extract/open-source.ts";
import { IssueCensus } from "../forecast/issue-census.ts";
import { RowCensus } from "../forecast/row-census.ts";
import type { PlanLedger, ReportLedger, RunFacts, RunState } from "../ledger/ledger.ts";
import { writeOutcomeFiles } from "../report/outcome-files.ts";
import { writeRunFiles } from "../report/run-files.ts";
import { summarise, type RunSummary } from "../report/summary.ts";
import { compileMapping, type CompiledMapping } from "../transform/compile-mapping.ts";
import { createUserDecider } from "../transform/decide-user.ts";
import type { Mapping } from "../transform/mapping.ts";
import { withDefaultPolicies, type Policies, type StatedPolicies } from "../transform/policies.ts";
import type { Preset } from "../transform/presets/preset.ts";
import { PRESET_NAMES, presetFor } from "../transform/presets/presets.ts";
import type { Environment } from "./client-secret.ts";
import { borrowCognito } from "./borrow-cognito.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { FieldCensus } from "./field-census.ts";
import { foresee, type Learnt } from "./foresee.ts";
import { MisreadFlags } from "./misread-flags.ts";
import { cognitoFor, connectionOf } from "./planned-connection.ts";
import type { RunObserver } from "./run-event.ts";
import {
  holdRunFolder,
  newRunId,
  removeMadeFolder,
  removeRun,
  requireNothingForeign,
  requireReplaceable,
  runFolderAt,
  type RunFolder,
} from "./run-folder.ts";
import { createLedger, hasLedger, variableIn } from "./run-ledger.ts";
import { requireAccount } from "./require-account.ts";
import { readSignUpPool, requireCoherent, type SignUpOptions } from "./sign-up-pool.ts";
import { identifySource, stampOf, type FileStamp } from "./source-file.ts";
import { withoutRun } from "./without-run.ts";

/** What a plan is made of. */
export interface PlanOptions {
  /** Where users come from. */
  readonly source: SourceSpec;
  /** The pool that they are to come into, such as `eu-central-1_AbCd12345`. */
  readonly userPoolId: string;
  /** The region that the pool's id names, when undefined. */
  readonly region?: string | undefined;
  /** The AWS account in which the pool must be, 12 digits; any when undefined. */
  readonly expectAccount?: string | undefined;
  /** A profile of the AWS configuration; the SDK's own chain of credentials when undefined. */
  readonly profile?: string | undefined;
  /** A Cognito-compatible service instead of AWS, also for CloudWatch Logs unless that has an address of its own. */
  readonly endpointUrl?: string | undefined;
  /** Such a service in place of CloudWatch Logs. */
  readonly logsEndpointUrl?: string | undefined;
  /**
   * A file that describes the pool, for those who may not read it: what `aws cognito-idp describe-user-pool` prints.
   * Nothing but SignUp is called then, and no AWS credentials are used. Only with `signUp`.
   */
  readonly poolDescription?: string | undefined;
  /** Has every user sign up, instead of import jobs and AdminCreateUser. */
  readonly signUp?: SignUpOptions | undefined;
  /** The role that lets an import job write its log. A plan can do without, applying it cannot. */
  readonly logsRoleArn?: string | undefined;
  /** The folder of the run; a new one under `poolferry-runs` when undefined. */
  readonly runDir?: string | undefined;
  /**
   * Where the ledger of the run is kept: `postgres:VARIABLE`, the variable that holds the address of a PostgreSQL of version 14
   * or later; then many processes can carry the plan out together. A file in the run folder when undefined.
   */
  readonly ledger?: string | undefined;
  /** Where the address of a ledger in a database is looked up, by the name of its variable. */
  readonly environment?: Environment | undefined;
  /** Rules beside or instead of those of the source's preset. */
  readonly mapping?: Mapping | undefined;
  /** What rules cannot say, asked once for each row. */
  readonly hook?: Hook | undefined;
  /** What becomes of users who are no ordinary ones; each has a default. */
  readonly policies?: StatedPolicies | undefined;
  /** The share of rows, or of one flag in them, that cannot be read, above which the plan stops, 0 to 1; 0.2 when undefined. */
  readonly maxUnreadableShare?: number | undefined;
  /** Users who are sent first, for a trial, by each way of sending; 100 when undefined, none when 0. */
  readonly canaryUsers?: number | undefined;
  /** The share of failing users above which loading stops, 0 to 1; 0.05 when undefined. */
  readonly failedShare?: number | undefined;
  /** How long loading waits for another import job of the account, in milliseconds; an hour when undefined. */
  readonly otherJobWaitMs?: number | undefined;
  /**
   * The share of every request quota that the run will take, above 0 and up to 1; 0.8 when undefined, and the rest is
   * left to the sign-ups of production.
   */
  readonly quotaShare?: number | undefined;
  /** Interrupts the plan; nothing of it is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
  /** Whether a source without any user is no trouble, as there is a guard elsewhere; false when undefined. */
  readonly mayBeEmpty?: boolean | undefined;
}

const DEFAULT_MAX_UNREADABLE_SHARE = 0.2;

/** A plan that nobody began to apply can be made again in the same folder. */
const REPLACEABLE: readonly RunState[] = ["planning", "planned"];

/** What a plan that is part of something larger is told by it. */
interface Within {
  /** A way to Cognito that its owner closes. */
  readonly cognito?: Cognito | undefined;
  /** The run's id; a new one when undefined. */
  readonly runId?: string | undefined;
  /** Whether nobody will read what a plan tells of its being carried out; false when undefined. */
  readonly hasNoForecast?: boolean | undefined;
  /** Whether report.html is left out, as it would not tell all of the larger thing; false when undefined. */
  readonly hasNoPage?: boolean | undefined;
  /** Told the pool once nothing but the source can fail any more, before the source is read; must not throw. */
  readonly onPool?: ((pool: Pool) => void) | undefined;
}

/**
 * Reads the whole source and the pool's settings, decides for every user what will happen to it, and writes that into
 * the ledger of a run folder. Sends nothing: a plan that nobody applies is a dry run. Throws FerryError; then the folder
 * holds no run.
 *
 * @example
 * ```ts
 * import { plan } from "poolferry";
 *
 * const { routes, issues } = await plan({
 *   source: { type: "csv", path: "customers.csv" },
 *   userPoolId: "eu-central-1_AbCd12345",
 *   logsRoleArn: "arn:aws:iam::123456789012:role/poolferry-import-log",
 *   mapping: { username: "login", sourceId: "id", attributes: { email: "mail", email_verified: "confirmed" } },
 *   runDir: "night",
 * });
 * console.log(routes["import-job"], "users by import jobs", issues);
 * ```
 */
export function plan(options: PlanOptions): Promise<RunSummary> {
  return planWithin(options, {});
}

/** Makes a plan that is part of something larger; see {@link plan}. */
export async function planWithin(options: PlanOptions, within: Within): Promise<RunSummary> {
  requirePoolId(options.userPoolId);
  requireRegionOfPool(options.userPoolId, options);
  requireCoherent(options);
  const now = new Date();
  const runId = within.runId ?? newRunId(now, randomBytes(3).toString("hex"));
  const folder = runFolderAt(options.runDir ?? `poolferry-runs/${runId}`, options.environment);
  if (options.ledger !== undefined) variableIn(options.ledger);
  const signal = options.signal ?? new AbortController().signal;
  const observe = options.observe ?? (() => undefined);
  try {
    await requireReplaceable(folder, REPLACEABLE);
    requireNothingForeign(folder);
  } catch (error) {
    throw notResumable(explainDiskError(error, folder.path));
  }
  const found = await findSource(options.source);
  requireOutside(found.files, folder);
  requireOtherPool(found, options.userPoolId);
  const stamps = await Promise.all(found.files.map(stampOf));
  await using source = await openSource(found, options.source, {
    signal,
    observe,
    quotaShare: options.quotaShare,
  }).catch((error: unknown) => {
    throw notResumable(error);
  });
  const place = found.places.join(", ");
  const recognised = found.why === undefined ? "" : `${found.type.type}, as ${found.why}: `;
  observe({ kind: "source-opened", source: place, description: `${recognised}${source.description}` });

  await using borrowed = borrowCognito(within.cognito, () => cognitoFor(options, observe));
  const { cognito } = borrowed;
  const { pool, signUp } = await readReadyPool(options, { cognito, signal, observe });
  const mapping = compileMapping(
    {
      preset: presetOf(found.type.type, options.source.preset)?.mapping,
      config: options.mapping,
      hook: options.hook,
      now,
    },
    source.shape,
    pool,
  );
  if (source.lacksSecrets) mapping.requireNoSecretsRead();

  const policies = withDefaultPolicies(options.policies);
  const mayJoin = mapping.groups !== undefined || options.hook !== undefined;
  const onlyGroups =
    mayJoin && policies.missingGroups === "leave-out" && options.poolDescription === undefined
      ? await readGroups(options, { cognito, signal, observe })
      : undefined;
  const facts = {
    runId,
    source: nameOf(found),
    connection: connectionOf(options),
    pool,
    signUp,
    logsRoleArn: options.logsRoleArn,
    policies: loadPoliciesOf(policies),
    limits: withDefaultLimits(options),
    quotaShare: options.quotaShare,
  };
  const isNew = !existsSync(folder.path);
  let isReplaced = false;
  try {
    using _hold = await holdRunFolder(folder);
    // Asked again, as another process may have begun a run until the folder was ours.
    await requireReplaceable(folder, REPLACEABLE);
    isReplaced = hasLedger(folder);
    await removeRun(folder);
    within.onPool?.(pool);
    return await writePlan({
      facts,
      folder,
      source,
      place,
      stamps: stamps.filter((stamp) => stamp !== undefined),
      mapping,
      policies,
      onlyGroups,
      options,
      within,
      cognito,
      signal,
      observe,
    });
  } catch (error) {
    if (isNew && existsSync(folder.path)) await removeMadeFolder(folder);
    const explained = notResumable(explainDiskError(error, folder.path));
    throw isReplaced ? withoutEarlierPlan(explained, folder) : explained;
  }
}

/** The preset that a source is read with: the one that is named, or its type's own. Throws USAGE for one that there is not. */
function presetOf(type: string, named: string | undefined): Preset | undefined {
  const preset = presetFor(named ?? type);
  if (preset !== undefined || named === undefined) return preset;
  throw new FerryError("USAGE", `There is no preset ${named}`, {
    hint: `source.preset is one of ${PRESET_NAMES.join(", ")}`,
  });
}

/** Says that a plan that failed has taken the place of an earlier one. */
function withoutEarlierPlan(error: unknown, { path }: RunFolder): unknown {
  if (!(error instanceof FerryError)) return error;
  const { code, message, cause, exitCode } = error;
  const hint = `${error.hint}. The earlier plan in ${path} is gone: plan again`;
  return new FerryError(code, message, { hint, cause, exitCode });
}

/** `TYPE:PLACE`, a file with its absolute path, of several the first. */
function nameOf({ type, places, files }: FoundSource): string {
  const [first = "", ...others] = places;
  const place = files.length === 0 ? first : resolve(first);
  return `${type.type}:${place}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

// A plan writes its reports anew, and would write over the very file that was mended.
function requireOutside(files: readonly string[], folder: RunFolder): void {
  const path = files.find((file) => resolve(file).startsWith(`${folder.path}${sep}`));
  if (path === undefined) return;
  throw new FerryError("USAGE", `The source ${path} lies in the run folder, which the plan writes anew`, {
    hint: "Copy it elsewhere, or name another folder with --run-dir",
  });
}

// An id names one pool of all there are, whatever region or credentials stand beside it.
function requireOtherPool({ type, places }: FoundSource, userPoolId: string): void {
  if (type.place !== "user-pool" || !places.includes(userPoolId)) return;
  throw new FerryError("USAGE", `The user pool ${userPoolId} is both the source and the target`, {
    hint: "Name the pool that the users go to with --user-pool-id, and the one that they come from with --from",
  });
}

/** As {@link plan} keeps nothing when it fails, there is nothing to resume. */
function notResumable(error: unknown): unknown {
  return withoutRun(error, "Interrupted; nothing was sent, and the plan was not kept");
}

interface Planning {
  readonly facts: RunFacts;
  readonly folder: RunFolder;
  readonly source: OpenedSource;
  /** Where the source is, for the operator. */
  readonly place: string;
  /** Of the source's files, from before they were opened. */
  readonly stamps: readonly FileStamp[];
  readonly mapping: CompiledMapping;
  readonly policies: Policies;
  readonly onlyGroups: ReadonlySet<string> | undefined;
  readonly options: PlanOptions;
  readonly within: Within;
  readonly cognito: Cognito;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

async function writePlan(planning: Planning): Promise<RunSummary> {
  const { facts, folder } = planning;
  try {
    await using ledger = await createLedger(folder, facts, planning.options.ledger);
    await decideUsers(ledger, planning);
    return await report(ledger, planning);
  } catch (error) {
    await removeRun(folder);
    throw error;
  }
}

/** How the pool is asked. */
interface Asking {
  readonly cognito: Cognito;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

/** A pool that the plan's users can go to. */
async function readReadyPool(
  options: PlanOptions,
  { cognito, signal, observe }: Asking,
): Promise<Pick<RunFacts, "pool" | "signUp">> {
  const { signUp } = options;
  const read =
    signUp === undefined
      ? readPool(cognito, options.userPoolId, signal).then((pool) => ({ pool, signUp }))
      : readSignUpPool(cognito, { ...options, signUp }, signal);
  const found = await read.catch((error: unknown) => {
    throw notResumable(explainServiceError(error));
  });
  requireAccount(found.pool, { expected: options.expectAccount });
  observe({ kind: "pool-read", userPoolId: found.pool.id, name: found.pool.name });
  if (signUp === undefined) requireImportable(found.pool);
  return found;
}

function requireImportable(pool: Pool): void {
  if (pool.autoVerified.length === 0) {
    throw new FerryError(
      "POOL_UNREADY",
      `The user pool ${pool.id} verifies neither e-mail addresses nor phone numbers by itself`,
      {
        hint: "An import job needs one: turn on automatic verification (aws cognito-idp update-user-pool --auto-verified-attributes email, with the pool's other settings), then plan again",
      },
    );
  }
  if (!pool.csvHeader.includes("cognito:username")) {
    throw new FerryError(
      "ENDPOINT_UNSUPPORTED",
      `The import header of ${pool.id} has no column cognito:username`,
      {
        hint: "Check --endpoint-url: it must be a Cognito-compatible service with import jobs",
      },
    );
  }
}

/** The names of the pool's groups; undefined, which is told, where the credentials may not list them. */
async function readGroups(
  options: PlanOptions,
  { cognito, signal, observe }: Asking,
): Promise<ReadonlySet<string> | undefined> {
  try {
    return await listGroupNames(cognito, options.userPoolId, signal);
  } catch (error) {
    const isDenied = error instanceof FerryError && error.code === "ACCESS_DENIED";
    if (!isDenied) throw notResumable(explainServiceError(error));
    observe({ kind: "groups-unread", why: error.message });
    return undefined;
  }
}

/** Rows between two words of progress. */
const ROWS_PER_NOTICE = 5_000;

async function decideUsers(ledger: PlanLedger & ReportLedger, planning: Planning): Promise<void> {
  const { source, place, mapping, policies, onlyGroups, options, within, signal, observe } = planning;
  const { pool, signUp } = planning.facts;
  const decide = createUserDecider({ pool, mapping, shape: source.shape, policies, onlyGroups, signUp });
  const census = new FieldCensus(source.shape, mapping.usedFields);
  const misread = new MisreadFlags();
  const learnt =
    within.hasNoForecast === true ? undefined : { issues: new IssueCensus(), rows: new RowCensus(pool) };
  const maxShare = options.maxUnreadableShare ?? DEFAULT_MAX_UNREADABLE_SHARE;
  let rows = 0;
  let unreadable = 0;
  let firstUnreadable: string | undefined;
  let told = 0;
  for await (const batch of source.batches()) {
    throwIfInterrupted(signal);
    census.count(batch);
    // Batch by batch: what waits for a larger transaction outlives the young generation, and then fills the old one.
    const users = batch.map(decide);
    await ledger.addUsers(users);
    misread.count(users);
    learnt?.issues.count(users);
    learnt?.rows.count(users);
    for (const row of batch) {
      if (row.record !== undefined) continue;
      unreadable += 1;
      firstUnreadable ??= row.issue.message;
    }
    rows += batch.length;
    if (rows - told < ROWS_PER_NOTICE) continue;
    told = rows;
    observe({ kind: "rows-read", rows });
  }
  const mayBeEmpty = options.mayBeEmpty === true || options.source.after !== undefined;
  if (rows > 0 || !mayBeEmpty) {
    // A share of a few rows says nothing of a source of which only these were read.
    const of = options.source.after === undefined ? rows : Math.max(rows, LEAST_COUNTED);
    requireGoodSource(
      { rows, unreadable, of, firstUnreadable, place, description: source.description },
      maxShare,
    );
    misread.requireFew(of, maxShare);
    if (!source.isPart) mapping.requireFound();
  }
  await ledger.rejectClashes(policies.duplicates);
  const unusedFields = census.unused(options.source.cursorColumn);
  const lacksPasswords = source.lacksSecrets && mapping.secretFields.size > 0;
  if (learnt !== undefined) await noteForecast(ledger, { ...learnt, unusedFields, lacksPasswords }, planning);
  await ledger.finishPlan({
    files: await identifySource(planning.stamps, signal),
    starts: source.starts,
    cursor: source.cursor,
    followsChanges: source.followsChanges,
    description: source.description,
    fields: census.reported(mapping.secretFields),
    isTable: source.shape.kind === "table",
    unusedFields,
  });
}

/** Tells beforehand of the plan's being carried out; whom no credentials are at hand for, with what is documented. */
async function noteForecast(
  ledger: PlanLedger & ReportLedger,
  learnt: Learnt,
  { cognito, options, signal }: Planning,
): Promise<void> {
  const asked = options.poolDescription === undefined ? cognito : undefined;
  await ledger.noteForecast(await foresee(ledger, learnt, { cognito: asked, signal }));
}

/** Rows of which shares are at the least, where only what is behind a cursor was read. */
const LEAST_COUNTED = 100;

/** What was read of a source. */
interface ReadSource {
  readonly rows: number;
  readonly unreadable: number;
  /** What the share of them is of. */
  readonly of: number;
  /** What is wrong with the first row that cannot be read. Names its place and no value. */
  readonly firstUnreadable: string | undefined;
  readonly place: string;
  readonly description: string;
}

function requireGoodSource(
  { rows, unreadable, of, firstUnreadable, place, description }: ReadSource,
  maxShare: number,
): void {
  if (rows === 0) {
    throw new FerryError("SOURCE_FORMAT", `${place} holds no user (${description})`, {
      hint: "Check the export",
    });
  }
  if (unreadable / of <= maxShare) return;
  const example = firstUnreadable === undefined ? "" : `; the first: ${firstUnreadable}`;
  throw new FerryError(
    "TOO_MANY_BAD_ROWS",
    `${unreadable} of ${rows} rows of ${place} cannot be read as they are${example}`,
    {
      hint: `Check that the file is of the type that you named, and mend the export; limits.unreadableRows in the config allows more than ${maxShare * 100} %, and the plan then names each`,
    },
  );
}

async function report(ledger: ReportLedger, { folder, within, observe }: Planning): Promise<RunSummary> {
  const summary = await summarise(ledger, folder.path);
  observe({ kind: "planned", rows: summary.source.rows, toSend: summary.unsettled });
  await (within.hasNoPage === true ? writeOutcomeFiles : writeRunFiles)(ledger, summary);
  return summary;
}
