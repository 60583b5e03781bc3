import type { SyncPolicies } from "./sync-policies.ts";

/** What a guard can stop a sync for. */
export const GUARD_CODES = [
  "source-empty",
  "source-shrunk",
  "pool-shrunk",
  "too-many-disables",
  "too-many-deletions",
  "too-many-losses",
  "too-many-enables",
  "ids-shifted",
  "too-many-failures",
  "above-approved",
] as const;

/** One of {@link GUARD_CODES}. */
type GuardCode = (typeof GUARD_CODES)[number];

/** Why a guard stops a sync. */
export interface Tripped {
  readonly code: GuardCode;
  /** In words, with the numbers. */
  readonly message: string;
  /** The least number with which an approval would let it pass; undefined where a number is not what is wrong. */
  readonly wouldRemove: number;
}

/** What a sync has found and would do. */
export interface SyncFacts {
  readonly kind: "full" | "incremental";
  /** Rows of the source, those that cannot be read included. */
  readonly rows: number;
  /** Rows at the last full comparison that was carried out; undefined before the first. */
  readonly lastRows: number | undefined;
  /** Users whom the sync manages. */
  readonly managed: number;
  /** Managed users who are not in the pool, and whom the source still has. */
  readonly goneFromPool: number;
  readonly disables: number;
  readonly deletions: number;
  /** Users who would lose attributes, groups, or the address or number that they have. */
  readonly losses: number;
  /** Users who would be let in again. */
  readonly enables: number;
  /** Users whose username at the source is that of another user of the pool. */
  readonly shifted: number;
}

/**
 * Shares are of so many users at the least, so that in a small pool a few people can leave at once (as Okta's safeguard
 * counts from a hundred users on).
 */
const LEAST_COUNTED = 100;

/** How many users would have something taken from them, or be let in again: what an approval has to allow. */
export function removalsOf({ disables, deletions, goneFromPool, losses, enables }: SyncFacts): number {
  return disables + deletions + goneFromPool + losses + enables;
}

/**
 * Whether a sync may be carried out. Exact: what is as large as a limit passes. `approved` takes the place of every
 * limit: it is the ceiling for users who are disabled, deleted, created again, let in again or lose something, all together.
 */
export function judge(
  facts: SyncFacts,
  policies: Pick<SyncPolicies, "maxDisables" | "maxDeletions" | "maxRemovedShare" | "maxShrunkShare">,
  approved?: number,
): Tripped | undefined {
  const { kind, rows, lastRows, managed, goneFromPool, disables, deletions, losses, enables, shifted } =
    facts;
  const wouldRemove = removalsOf(facts);
  const trip = (code: GuardCode, message: string): Tripped => ({ code, message, wouldRemove });
  if (approved !== undefined) {
    if (wouldRemove <= approved) return undefined;
    return trip(
      "above-approved",
      `${wouldRemove} users would be disabled, deleted, created again, let in again or lose something, and ${approved} were approved`,
    );
  }
  const mayRemove = shareOf(policies.maxRemovedShare, managed);
  // Before whatever else is wrong, as with it alone nobody is created.
  if (goneFromPool > mayRemove)
    return trip(
      "pool-shrunk",
      `${goneFromPool} of ${managed} managed users are gone from the pool, and the limit is ${mayRemove}`,
    );
  if (kind === "full") {
    if (rows === 0) return trip("source-empty", "the source has no user");
    const mayLack = shareOf(policies.maxShrunkShare, lastRows ?? 0);
    if (lastRows !== undefined && lastRows - rows > mayLack) {
      const percent = percentOf(lastRows - rows, lastRows);
      return trip(
        "source-shrunk",
        `the source has ${rows} users, ${percent} fewer than the ${lastRows} before`,
      );
    }
  }
  if (shifted > mayRemove)
    return trip(
      "ids-shifted",
      `${shifted} of ${managed} managed users have the username of another one at the source, and the limit is ${mayRemove}: are the ids still the same people?`,
    );
  const mayDisable = Math.min(policies.maxDisables, mayRemove);
  if (disables > mayDisable)
    return trip(
      "too-many-disables",
      `${disables} of ${managed} managed users would be disabled, and the limit is ${mayDisable}`,
    );
  const mayDelete = Math.min(policies.maxDeletions, mayRemove);
  if (deletions > mayDelete)
    return trip(
      "too-many-deletions",
      `${deletions} of ${managed} managed users would be deleted, and the limit is ${mayDelete}`,
    );
  if (losses > mayRemove)
    return trip(
      "too-many-losses",
      `${losses} of ${managed} managed users would lose attributes, groups or their address, and the limit is ${mayRemove}`,
    );
  if (enables > mayDisable)
    return trip(
      "too-many-enables",
      `${enables} of ${managed} managed users would be let in again, and the limit is ${mayDisable}`,
    );
  return undefined;
}

function shareOf(share: number, users: number): number {
  // Whole users: 0.07 of 100 is a little more than 7 to a computer.
  return Math.floor(Number((share * Math.max(users, LEAST_COUNTED)).toFixed(6)));
}

function percentOf(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1).replace(/\.0$/, "")} %`;
}
