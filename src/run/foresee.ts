import { readAccountRate } from "../cognito/account-quota.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { DEFAULT_QUOTA_SHARE } from "../cognito/quota.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Forecast } from "../core/forecast.ts";
import { forecastOf } from "../forecast/forecast.ts";
import type { IssueCensus } from "../forecast/issue-census.ts";
import type { Known, PlannedCounts } from "../forecast/known.ts";
import type { RowCensus } from "../forecast/row-census.ts";
import { categoriesToAskFor } from "../forecast/steps.ts";
import type { PlanLedger, ReportLedger } from "../ledger/ledger.ts";
import { MAX_PART_BYTES, MAX_PART_ROWS } from "../transform/import-csv.ts";

/** What was learnt from users while they were decided. */
export interface Censuses {
  readonly issues: IssueCensus;
  readonly rows: RowCensus;
}

/** How the service is asked; undefined where it is not to be asked at all. */
export interface Foreseeing {
  readonly cognito: Cognito | undefined;
  readonly signal: AbortSignal;
}

/** Makes the forecast of a plan whose decisions stand, with the account's own quotas where they matter and can be read. */
export async function foresee(
  ledger: PlanLedger & ReportLedger,
  { issues, rows }: Censuses,
  foreseeing: Foreseeing,
): Promise<Forecast> {
  const { pool, policies, signUp, logsRoleArn, limits, quotaShare } = ledger.facts;
  const figures = await ledger.planFigures();
  for (const { code, ...place } of figures.duplicateExamples) issues.add(code, place);
  const known: Known = {
    pool,
    counts: await countsOf(ledger, figures),
    jobUsers: new Map(
      figures.jobUsers.map(({ algorithm, users }) => [
        algorithm,
        { users, bytes: users * rows.meanBytes(algorithm) },
      ]),
    ),
    jobLimits: { rows: MAX_PART_ROWS, bytes: MAX_PART_BYTES, canaryUsers: limits.canaryUsers },
    census: issues,
    policies,
    signUp,
    logsRoleArn,
    rates: new Map(),
    quotaShare: quotaShare ?? DEFAULT_QUOTA_SHARE,
    refused: [],
  };
  return forecastOf({ ...known, ...(await readRates(known, foreseeing)) });
}

async function countsOf(
  ledger: ReportLedger,
  { groups, duplicates, casingTwins }: Pick<PlannedCounts, "groups" | "duplicates" | "casingTwins">,
): Promise<PlannedCounts> {
  const { routes, created, withHash, withPassword, withTemporary } = await ledger.counts();
  const followUps = Object.entries(await ledger.followUpCounts()).map(([kind, { planned }]) => [
    kind,
    planned,
  ]);
  return {
    routes,
    created,
    withHash,
    withPassword,
    withTemporary,
    followUps: Object.fromEntries(followUps) as Record<FollowUpKind, number>,
    activeUsers: await ledger.activeUsers(),
    issues: await ledger.issueCounts(),
    groups,
    duplicates,
    casingTwins,
  };
}

/** The account's rates in the categories that matter, and whether it may be asked for them. */
async function readRates(
  known: Known,
  { cognito, signal }: Foreseeing,
): Promise<Pick<Known, "rates" | "refused">> {
  const rates = new Map<string, number>();
  if (cognito === undefined) return { rates, refused: [] };
  for (const category of categoriesToAskFor(known)) {
    try {
      rates.set(category, await readAccountRate(cognito, category, signal));
    } catch (error) {
      if (error instanceof FerryError && error.code === "INTERRUPTED") throw error;
      const isRefused = error instanceof FerryError && error.code === "ACCESS_DENIED";
      // Whoever may not ask, or asks a service that does not know, is told by what is documented.
      if (isRefused) return { rates, refused: ["cognito-idp:GetProvisionedLimit"] };
    }
  }
  return { rates, refused: [] };
}
