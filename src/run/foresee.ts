import { readAccountRate } from "../cognito/account-quota.ts";
import { readAppClients } from "../cognito/app-clients.ts";
import type { Cognito } from "../cognito/cognito.ts";
import { explainServiceError } from "../cognito/explain-error.ts";
import { DEFAULT_QUOTA_SHARE } from "../cognito/quota.ts";
import type { FollowUpKind } from "../core/follow-up.ts";
import { FerryError } from "../core/ferry-error.ts";
import type { Forecast } from "../core/forecast.ts";
import { forecastOf } from "../forecast/forecast.ts";
import type { IssueCensus } from "../forecast/issue-census.ts";
import type { AppClients, Known, PlannedCounts } from "../forecast/known.ts";
import type { RowCensus } from "../forecast/row-census.ts";
import { categoriesToAskFor } from "../forecast/steps.ts";
import type { PlanLedger, ReportLedger } from "../ledger/ledger.ts";
import { MAX_PART_BYTES, MAX_PART_ROWS } from "../transform/import-csv.ts";

/** What was learnt from the source while its users were decided. */
export interface Learnt {
  readonly issues: IssueCensus;
  readonly rows: RowCensus;
  /** Fields that no rule reads. */
  readonly unusedFields: readonly string[];
  /** Whether the mapping reads passwords or hashes, and an earlier run wrote a file of the source, without such. */
  readonly lacksPasswords: boolean;
}

/** How the service is asked; undefined where it is not to be asked at all. */
export interface Foreseeing {
  readonly cognito: Cognito | undefined;
  readonly signal: AbortSignal;
}

/** Makes the forecast of a plan whose decisions stand, with the account's own quotas where they matter and can be read. */
export async function foresee(
  ledger: PlanLedger & ReportLedger,
  { issues, rows, unusedFields, lacksPasswords }: Learnt,
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
    appClients: undefined,
    unusedFields,
    lacksPasswords,
    quotaShare: quotaShare ?? DEFAULT_QUOTA_SHARE,
    refused: [],
  };
  const [{ rates, refused }, appClients] = await Promise.all([
    readRates(known, foreseeing),
    readClients(known, foreseeing),
  ]);
  return forecastOf({ ...known, rates, refused, appClients });
}

/** The app clients of a pool into which password hashes are to come, as far as they may be read. */
async function readClients(
  { pool, counts }: Known,
  { cognito, signal }: Foreseeing,
): Promise<AppClients | undefined> {
  if (counts.withHash === 0 || cognito === undefined) return undefined;
  try {
    const { clients, hasMore } = await readAppClients(cognito, pool.id, signal);
    const named = clients.map(({ name, flows, isApart }) => {
      return { name, isApart, takesPasswords: flows.some((flow) => PASSWORD_FLOWS.has(flow)) };
    });
    return { kind: "known", clients: named, hasMore };
  } catch (error) {
    return { kind: "unknown", why: refusalIn(error).message };
  }
}

/** The flows in which Cognito is told the password itself; those without ALLOW_ are of before, and mean the same (documented). */
const PASSWORD_FLOWS: ReadonlySet<string> = new Set([
  "ALLOW_USER_PASSWORD_AUTH",
  "ALLOW_ADMIN_USER_PASSWORD_AUTH",
  "USER_PASSWORD_AUTH",
  "ADMIN_NO_SRP_AUTH",
]);

async function countsOf(
  ledger: ReportLedger,
  {
    groups,
    duplicates,
    casingTwins,
    nothingVerified,
    signIn,
  }: Pick<PlannedCounts, "groups" | "duplicates" | "casingTwins" | "nothingVerified" | "signIn">,
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
    nothingVerified,
    signIn,
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
      // Whoever may not ask, or asks a service that does not know, is told by what is documented.
      if (refusalIn(error).code === "ACCESS_DENIED")
        return { rates, refused: ["cognito-idp:GetProvisionedLimit"] };
    }
  }
  return { rates, refused: [] };
}

/** What the service said of a question that a forecast can do without. Throws what is no answer of its: INTERRUPTED, and bugs of ours. */
function refusalIn(error: unknown): FerryError {
  const explained = explainServiceError(error);
  if (explained instanceof FerryError && explained.code !== "INTERRUPTED") return explained;
  throw explained;
}
