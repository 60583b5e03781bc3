import type { Route } from "../core/route.ts";

/** Counts the users without an outcome. */
export const UNSETTLED = "(SELECT count(*) FROM users WHERE outcome IS NULL)";

/** Counts those of them of a route; in words of its own, as an index for one route is of no use to a parameter. */
export const unsettledOf = (route: Route): string =>
  `(SELECT count(*) FROM users WHERE outcome IS NULL AND route = '${route}')`;
