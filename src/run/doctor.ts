import { notTried, type CheckResult } from "../check/check.ts";
import { checkClock } from "../check/clock.ts";
import { checkCredentials } from "../check/credentials.ts";
import { checkDiskSpace } from "../check/disk-space.ts";
import { checkImportJobs } from "../check/import-jobs.ts";
import { checkLogRole } from "../check/log-role.ts";
import { checkMappedAttributes } from "../check/mapped-attributes.ts";
import { checkNodeVersion } from "../check/node-version.ts";
import { checkPermissions } from "../check/permissions.ts";
import { checkQuotas, QuotaNotes } from "../check/quotas.ts";
import { checkRegion } from "../check/region.ts";
import { CheckTime, runChecks, type NamedCheck } from "../check/run-checks.ts";
import { checkSource } from "../check/source.ts";
import type { Surroundings } from "../check/surroundings.ts";
import { checkUploadEgress } from "../check/upload-egress.ts";
import { checkUserPool } from "../check/user-pool.ts";
import { AwsAccount, type AccountConnection } from "../cognito/aws-account.ts";
import { Cognito } from "../cognito/cognito.ts";
import { readPool, regionOfPool, requirePoolId } from "../cognito/read-pool.ts";
import type { Connection } from "../core/connection.ts";
import { EXIT_CODES, type ExitCode } from "../core/ferry-error.ts";
import type { Pool } from "../core/pool.ts";
import type { SourceSpec } from "../extract/open-source.ts";
import type { Mapping } from "../transform/mapping.ts";
import { runFolderAt } from "./run-folder.ts";
import { withoutRun } from "./without-run.ts";

/** What is to be looked at; whatever is left out is not. */
export interface DoctorOptions extends AccountConnection {
  readonly userPoolId?: string | undefined;
  readonly expectAccount?: string | undefined;
  readonly logsEndpointUrl?: string | undefined;
  readonly logsRoleArn?: string | undefined;
  /** Says where users come from; may throw, which is the source's trouble. */
  readonly source?: (() => Promise<SourceSpec | undefined>) | undefined;
  readonly mapping?: Mapping | undefined;
  /** Where runs will be; the current folder when undefined. */
  readonly runDir?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found, as `--json` prints it. */
export interface DoctorSummary {
  readonly checks: readonly CheckResult[];
  readonly exitCode: ExitCode;
}

/**
 * Looks at all that a migration needs around it, side by side: this computer, the source, the credentials, the pool, permissions,
 * the role for the log, the way to the upload. Changes nothing: what cannot be tried without an effect is `not-tried`. Ends with the
 * exit code of wrong usage when a check failed. Throws INTERRUPTED alone.
 */
export async function doctor(options: DoctorOptions): Promise<DoctorSummary> {
  const signal = options.signal ?? new AbortController().signal;
  try {
    const checks = (await Promise.all([local(options, signal), remote(options, signal)])).flat();
    const isFailed = checks.some(({ verdict }) => verdict === "failure");
    return { checks, exitCode: isFailed ? EXIT_CODES.usage : EXIT_CODES.ok };
  } catch (error) {
    throw withoutRun(error, "Interrupted; nothing was changed");
  }
}

/** What is looked at without AWS. */
async function local(
  { source, runDir = "poolferry-runs" }: DoctorOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const spec = source?.();
  // Its trouble is told by the check of the source.
  const known = spec?.catch(() => undefined);
  const checks: readonly NamedCheck[] = [
    ["node", async () => checkNodeVersion(process.versions.node)],
    ["disk", async () => checkDiskSpace({ folder: runFolderAt(runDir).path, files: filesOf(await known) })],
    [
      "source",
      async (abort) => {
        const named = await spec;
        return named === undefined ? notTried("No source is named") : checkSource(named, abort);
      },
    ],
  ];
  return runChecks(checks, signal);
}

/** The files of a source, as far as they are named without a pattern. */
function filesOf(spec: SourceSpec | undefined): readonly string[] {
  if (spec === undefined) return [];
  return typeof spec.path === "string" ? [spec.path] : spec.path;
}

/** What is looked at in AWS. */
async function remote(options: DoctorOptions, signal: AbortSignal): Promise<readonly CheckResult[]> {
  const connection = connectionOf(options);
  const notes = new QuotaNotes();
  await using account = await AwsAccount.open({ ...options, region: connection.region });
  // A share of the quotas would do, but the few calls are over sooner at the full rate.
  await using cognito = new Cognito(connection, notes.observe, 1);
  using time = new CheckTime(signal);
  const { userPoolId = "", logsRoleArn, expectAccount, mapping } = options;
  const around: Surroundings = {
    account,
    cognito,
    connection,
    userPoolId,
    identity: account.identity(time.signal),
    pool: poolOf(userPoolId, cognito, time.signal),
    logsRoleArn,
    expectAccount,
    signal: time.signal,
  };
  // Their trouble is told by the checks that look at them.
  const settled = Promise.allSettled([around.identity, around.pool]);
  const results = await runChecks(checksOf(around, { notes, mapping }), signal);
  await settled;
  return results;
}

function checksOf(
  around: Surroundings,
  { notes, mapping }: { readonly notes: QuotaNotes; readonly mapping: Mapping | undefined },
): readonly NamedCheck[] {
  const always: readonly NamedCheck[] = [
    ["credentials", () => checkCredentials(around)],
    ["region", () => checkRegion(around)],
  ];
  if (around.userPoolId === "")
    return [...always, ["user pool", async () => notTried("No user pool is named")]];
  return [
    ...always,
    ["clock", () => checkClock(around)],
    ["user pool", () => checkUserPool(around)],
    ["attributes", () => checkMappedAttributes(around, mapping)],
    ["log role", () => checkLogRole(around)],
    ["upload", () => checkUploadEgress(around)],
    ["import jobs", () => checkImportJobs(around)],
    ["quotas", () => checkQuotas(around, notes)],
    ["permissions", () => checkPermissions(around)],
  ];
}

function connectionOf(options: DoctorOptions): Connection {
  const { userPoolId, region, profile, endpointUrl, logsEndpointUrl } = options;
  return {
    region: region ?? (userPoolId === undefined ? undefined : regionOfPool(userPoolId)),
    profile,
    endpointUrl,
    logsEndpointUrl,
  };
}

async function poolOf(userPoolId: string, cognito: Cognito, signal: AbortSignal): Promise<Pool> {
  requirePoolId(userPoolId);
  return readPool(cognito, userPoolId, signal);
}
