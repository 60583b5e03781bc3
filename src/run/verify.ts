import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { listMembers } from "../cognito/groups.ts";
import { listUsers, PAGE_USERS, type ListedUser } from "../cognito/list-users.ts";
import { describePool } from "../cognito/read-pool.ts";
import { pause } from "../cognito/retry.ts";
import { CLOCK_TOLERANCE_MS } from "../cognito/service-clock.ts";
import { EXIT_CODES, FerryError, type ExitCode } from "../core/ferry-error.ts";
import { comparedName, type Pool } from "../core/pool.ts";
import type { ExpectedUser, RunFacts, Verification, VerificationCounts } from "../ledger/ledger.ts";
import { namesOf } from "../load/find-users.ts";
import { writeFindings } from "../report/findings-file.ts";
import { differencesOf } from "./compare-user.ts";
import type { Environment } from "./client-secret.ts";
import { explainDiskError } from "./explain-disk-error.ts";
import { listAllUsers } from "./list-all-users.ts";
import { requireAccount } from "./require-account.ts";
import type { RunObserver } from "./run-event.ts";
import { holdRunFolder, requireNotUndone, requireRun, runFolderAt, type RunFolder } from "./run-folder.ts";
import { cognitoForRun } from "./run-cognito.ts";
import { openRun } from "./run-ledger.ts";
import { withCredentials } from "./with-credentials.ts";
import { ONLY_READ, withoutRun } from "./without-run.ts";

/** What verifying a run needs beside its ledger. */
export interface VerifyOptions {
  /** The folder of a finished run. */
  readonly runDir: string;
  /** The AWS account in which the pool must be, 12 digits; the plan's when undefined. */
  readonly expectAccount?: string | undefined;
  /** Takes the place of the plan's profile. */
  readonly profile?: string | undefined;
  /** Where the address of a ledger in a database is looked up, by the name of its variable. */
  readonly environment?: Environment | undefined;
  /** Interrupts the verification; nothing of it is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. */
  readonly observe?: RunObserver | undefined;
}

/** The version of a verification's report: it grows when a key goes or means something else, and stays when one comes. */
export const VERIFY_REPORT_VERSION = 1;

/**
 * How a run's users stand in the pool, as `--json` prints it; the four numbers add up to all users of the source. The
 * layout is dist/verify-report.schema.json.
 */
export interface VerifySummary extends VerificationCounts {
  readonly reportVersion: typeof VERIFY_REPORT_VERSION;
  /** The id of the run. */
  readonly runId: string;
  /** Absolute path of the run folder, where verify.csv is. */
  readonly runDir: string;
  readonly userPoolId: string;
  /** 0 when everybody is as wanted, 3 when not. */
  readonly exitCode: ExitCode;
}

/** The list of users is eventually consistent (documented), so who is missing is looked for again after this. */
const SECOND_LOOK_MS = 2_000;

/**
 * Reads the whole pool again and compares it with what a finished run planned and did: who is there, with which
 * attributes, enabled or not, in which status, linked identities, and in which of the run's groups. Writes verify.csv.
 * Makes no monthly active user, and changes nothing. Memory does not grow with the pool. Throws FerryError.
 *
 * @example
 * ```ts
 * import { verify } from "poolferry";
 *
 * const { agreeing, differing, missing, unexpected, runDir } = await verify({ runDir: "night" });
 * if (differing + missing + unexpected > 0) console.error(`look at ${runDir}/verify.csv`);
 * else console.log(agreeing, "users as wanted");
 * ```
 */
export async function verify(options: VerifyOptions): Promise<VerifySummary> {
  const folder = runFolderAt(options.runDir, options.environment);
  try {
    return await verifyIn(folder, options);
  } catch (error) {
    throw withoutRun(explainDiskError(explainServiceError(error), folder.path), ONLY_READ);
  }
}

async function verifyIn(folder: RunFolder, options: VerifyOptions): Promise<VerifySummary> {
  const state = await requireRun(folder);
  requireNotUndone(folder, state);
  if (state !== "done") {
    throw new FerryError("RUN_UNFINISHED", `The run in ${folder.path} is not finished`, {
      hint: `Finish it with: poolferry resume --run-dir ${folder.path}`,
    });
  }
  using _hold = await holdRunFolder(folder);
  await using run = await openRun(folder, "alone");
  const { ledger } = run;
  const { facts } = ledger;
  const { observe = () => undefined, signal = new AbortController().signal } = options;
  const connection = withCredentials(facts.connection, options.profile);
  await using cognito = cognitoForRun(run, { connection }, observe);
  const { pool } = await describePool(cognito, facts.pool.id, signal);
  requireAccount(pool, { expected: options.expectAccount, planned: facts.pool.account });
  observe({ kind: "pool-read", userPoolId: pool.id, name: pool.name });
  await using verification = await ledger.beginVerification();
  await compareAll({ cognito, facts, verification, beganAt: verification.beganAt, signal, observe });
  await writeFindings(folder.path, verification.findings());
  const counts = await verification.counts();
  const unwanted = counts.differing + counts.missing + counts.unexpected;
  const exitCode = unwanted > 0 ? EXIT_CODES.incomplete : EXIT_CODES.ok;
  return {
    reportVersion: VERIFY_REPORT_VERSION,
    runId: facts.runId,
    runDir: folder.path,
    userPoolId: facts.pool.id,
    ...counts,
    exitCode,
  };
}

async function compareAll(verifying: Verifying): Promise<void> {
  const { verification, signal } = verifying;
  const users = await compareUsers(verifying);
  if ((await verification.countMissing()) > 0) {
    await pause(SECOND_LOOK_MS, signal);
    await lookAgain(verifying, users / PAGE_USERS);
  }
  await compareMembers(verifying);
}

interface Verifying {
  readonly cognito: Cognito;
  readonly facts: RunFacts;
  readonly verification: Verification;
  readonly beganAt: number | undefined;
  readonly signal: AbortSignal;
  readonly observe: RunObserver;
}

/** Returns how many users the pool has. */
async function compareUsers(verifying: Verifying): Promise<number> {
  let users = 0;
  for await (const page of listAllUsers({ ...verifying, poolId: verifying.facts.pool.id })) {
    for (const listed of page) await compareUser(listed, verifying);
    users += page.length;
  }
  return users;
}

/** Looks for those who were not listed: one by one, or through the whole pool of so many pages where that is fewer calls. */
async function lookAgain(verifying: Verifying, pages: number): Promise<void> {
  const { cognito, facts, verification, signal } = verifying;
  const missing = await verification.countMissing();
  const subs = missing > pages ? [] : await verification.missingSubs();
  if (subs.length < missing) {
    await compareUsers(verifying);
    return;
  }
  for (const equals of subs) {
    const filter = { attribute: "sub" as const, equals };
    for await (const page of listUsers(cognito, { poolId: facts.pool.id, filter }, signal)) {
      for (const listed of page) await compareUser(listed, verifying);
    }
  }
}

async function compareUser(
  listed: ListedUser,
  { facts: { pool }, verification, beganAt }: Verifying,
): Promise<void> {
  const { modifiedAt } = listed;
  const known = listed.sub === undefined ? undefined : await verification.userWithSub(listed.sub);
  if (known !== undefined) {
    const differences = isCreated(known) ? differencesOf(known, listed, pool) : [];
    await verification.noteFound(known.seq, { by: "sub", differences, modifiedAt });
    return;
  }
  const named = await usersNamed(listed, pool, verification);
  // Of several with one name only one was sent; the others are not in its way.
  const sent = named.find(isInPool);
  if (sent !== undefined) {
    const differences = isCreated(sent) ? differencesOf(sent, listed, pool) : [];
    await verification.noteFound(sent.seq, { by: "name", differences, modifiedAt });
    return;
  }
  const isNew = beganAt !== undefined && (listed.createdAt ?? 0) >= beganAt - CLOCK_TOLERANCE_MS;
  for (const { seq } of named)
    await verification.noteFound(seq, { by: "name", differences: isNew ? ["present"] : [], modifiedAt });
}

/** The users of the source who may have been sent under one of a listed user's names. */
async function usersNamed(
  listed: ListedUser,
  pool: Pool,
  verification: Verification,
): Promise<readonly ExpectedUser[]> {
  const users: ExpectedUser[] = [];
  for (const name of namesOf(listed, pool))
    users.push(...(await verification.usersNamed(comparedName(name, pool))));
  return users;
}

function isCreated({ outcome }: Pick<ExpectedUser, "outcome">): boolean {
  return outcome === "imported";
}

/** Created by the run, or there before it. */
function isInPool({ outcome, route }: ExpectedUser): boolean {
  return isCreated({ outcome }) || (outcome === "skipped" && route !== "none");
}

async function compareMembers({ cognito, facts, verification, signal, observe }: Verifying): Promise<void> {
  const { pool } = facts;
  for (const group of await verification.groups()) {
    let members = 0;
    for await (const page of listMembers(cognito, { poolId: pool.id, name: group }, signal)) {
      members += page.length;
      for (const listed of page) {
        const bySub = listed.sub === undefined ? undefined : await verification.userWithSub(listed.sub);
        const user = bySub ?? (await usersNamed(listed, pool, verification)).find(isInPool);
        if (user !== undefined) await verification.noteMember(user.seq, group);
      }
    }
    observe({ kind: "members-listed", group, members });
  }
  await verification.compareGroups();
}
