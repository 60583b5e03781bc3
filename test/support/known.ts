import { ACTIVITY_CAUSES } from "../../src/core/activity-cause.ts";
import { FOLLOW_UP_KINDS } from "../../src/core/follow-up.ts";
import { ROUTES } from "../../src/core/route.ts";
import { IssueCensus } from "../../src/forecast/issue-census.ts";
import type { Known, PlannedCounts } from "../../src/forecast/known.ts";
import { aPool, someFacts } from "./builders.ts";

/** A record with nothing under each of these words, but for what is given. */
function noneBut<Word extends string>(
  words: readonly Word[],
  given: Partial<Record<Word, number>> = {},
): Record<Word, number> {
  return { ...(Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>), ...given };
}

/** What a test says of the counts of a plan; everything else is 0. */
export type CountSettings = Partial<
  Omit<PlannedCounts, "routes" | "followUps" | "activeUsers"> & {
    readonly routes: Partial<PlannedCounts["routes"]>;
    readonly followUps: Partial<PlannedCounts["followUps"]>;
    readonly activeUsers: Partial<PlannedCounts["activeUsers"]>;
  }
>;

/** The counts of a plan. */
function someCounts({ routes, followUps, activeUsers, ...over }: CountSettings = {}): PlannedCounts {
  const byRoute = noneBut(ROUTES, routes);
  return {
    routes: byRoute,
    created: byRoute["import-job"] + byRoute["admin-create"] + byRoute["sign-up"],
    withHash: 0,
    withPassword: 0,
    withTemporary: 0,
    followUps: noneBut(FOLLOW_UP_KINDS, followUps),
    activeUsers: noneBut(ACTIVITY_CAUSES, activeUsers),
    issues: [],
    groups: 0,
    duplicates: { users: 0, groups: 0 },
    casingTwins: 0,
    nothingVerified: 0,
    signIn: { withoutPhone: 0, phoneOnly: 0, withoutAlias: 0, otherName: 0 },
    ...over,
  };
}

/** What a forecast is made from: a plan of nobody into a plain pool, unless a test says otherwise. */
export function someKnown({
  counts,
  ...over
}: Partial<Omit<Known, "counts">> & { readonly counts?: CountSettings } = {}): Known {
  const made = someCounts(counts);
  const imported = made.routes["import-job"];
  return {
    pool: aPool(),
    counts: made,
    jobUsers: new Map(imported === 0 ? [] : [[undefined, { users: imported, bytes: imported * 100 }]]),
    jobLimits: { rows: 500_000, bytes: 100_000_000, canaryUsers: 100 },
    census: new IssueCensus(),
    policies: someFacts().policies,
    signUp: undefined,
    logsRoleArn: "arn:aws:iam::123456789012:role/import-log",
    rates: new Map(),
    appClients: undefined,
    unusedFields: [],
    lacksPasswords: false,
    quotaShare: 0.8,
    refused: [],
    ...over,
  };
}
