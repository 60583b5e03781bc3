import { ACTIVITY_CAUSES, CAUSE_BY_FOLLOW_UP, type ActivityCause } from "../core/activity-cause.ts";
import type { Statements } from "./database.ts";

const PLACES = Object.entries(CAUSE_BY_FOLLOW_UP).flatMap(([kind, cause]) =>
  cause === undefined ? [] : [`WHEN '${kind}' THEN ${ACTIVITY_CAUSES.indexOf(cause)}`],
);

/**
 * Each user once, by the first of its causes. A follow-up that failed made nobody active; who was in the pool before is
 * never changed.
 */
const COUNTS = `
  WITH changed AS (
    SELECT seq, min(CASE kind ${PLACES.join(" ")} END) AS place FROM follow_up WHERE state <> 'failed' GROUP BY seq
  )
  SELECT CASE WHEN route IN ('admin-create', 'sign-up') THEN 0 ELSE place END AS place, count(*) AS count
    FROM users LEFT JOIN changed USING (seq)
   WHERE (outcome IS NULL OR outcome = 'imported') AND (route IN ('admin-create', 'sign-up') OR (route = 'import-job' AND place IS NOT NULL))
   GROUP BY 1`;

/** How many users a run makes active, or has made, by the first cause of each. */
export async function countActiveUsers(
  statements: Statements,
): Promise<Readonly<Record<ActivityCause, number>>> {
  const rows = await statements.all<{ readonly place: number; readonly count: number }>(COUNTS);
  const countAt = (place: number): number => rows.find((row) => row.place === place)?.count ?? 0;
  return Object.fromEntries(ACTIVITY_CAUSES.map((cause, place) => [cause, countAt(place)])) as Record<
    ActivityCause,
    number
  >;
}
