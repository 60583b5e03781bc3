import { ACTIVITY_CAUSES, CAUSE_BY_FOLLOW_UP, type ActivityCause } from "../core/activity-cause.ts";
import { SINGLE_ROUTES, type Route } from "../core/route.ts";
import type { Statements } from "./database.ts";
import type { UserCount } from "./plan-tally.ts";

const PLACES = Object.entries(CAUSE_BY_FOLLOW_UP).flatMap(([kind, cause]) =>
  cause === undefined ? [] : [`WHEN '${kind}' THEN ${ACTIVITY_CAUSES.indexOf(cause)}`],
);

/**
 * Those of import jobs, each once by the first of its causes. A follow-up that failed made nobody active; who was in the
 * pool before is never changed.
 */
const CHANGED = `
  WITH changed AS (
    SELECT seq, min(CASE kind ${PLACES.join(" ")} END) AS place FROM follow_up WHERE state <> 'failed' GROUP BY seq
  )
  SELECT place, count(*) AS count FROM changed CROSS JOIN users
   WHERE users.seq = changed.seq AND (outcome IS NULL OR outcome = 'imported') AND route = 'import-job' AND place IS NOT NULL
   GROUP BY 1`;

/** Whoever is created alone is active by that. */
const CREATED_ALONE: ReadonlySet<Route> = new Set(SINGLE_ROUTES);

/** How many users a run makes active, or has made, by the first cause of each, given how many there are of each kind. */
export async function countActiveUsers(
  statements: Statements,
  users: readonly UserCount[],
): Promise<Readonly<Record<ActivityCause, number>>> {
  const rows = await statements.all<{ readonly place: number; readonly count: number }>(CHANGED);
  const alone = users
    .filter(({ route, outcome }) => CREATED_ALONE.has(route) && (outcome ?? "imported") === "imported")
    .reduce((sum, { count }) => sum + count, 0);
  const countAt = (place: number): number =>
    (rows.find((row) => row.place === place)?.count ?? 0) + (place === 0 ? alone : 0);
  return Object.fromEntries(ACTIVITY_CAUSES.map((cause, place) => [cause, countAt(place)])) as Record<
    ActivityCause,
    number
  >;
}
