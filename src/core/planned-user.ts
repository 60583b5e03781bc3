import type { FollowUp } from "./follow-up.ts";
import type { Issue } from "./issue.ts";
import type { PasswordHash } from "./password-hash.ts";
import type { Route } from "./route.ts";

/** Attribute names and values in API encoding (birthdate as YYYY-MM-DD, flags as "true" or "false"). */
export type Attributes = readonly (readonly [name: string, value: string])[];

/**
 * What only one user of the pool can have: its username, each contact that the pool signs in with, and the preferred username where
 * that is an alias.
 * Written as the pool compares them, so that two users clash exactly when they claim an equal string.
 */
export interface Claims {
  readonly username: string;
  readonly email: string | undefined;
  readonly phone: string | undefined;
  readonly preferredUsername: string | undefined;
}

/** What the plan decided for one user of the source. */
export interface PlannedUser {
  readonly seq: number;
  readonly line: number | undefined;
  /** The user's id at the source, for the identity map; undefined where no rule names it. */
  readonly sourceId: string | undefined;
  /** Undefined when the row gives none; such a user is always rejected. */
  readonly username: string | undefined;
  readonly attributes: Attributes;
  /** Whether text messages are the user's second factor. */
  readonly smsMfa: boolean;
  /** The password as the import job takes it; undefined for a user who will have to reset it. Always so off that route. */
  readonly passwordHash: PasswordHash | undefined;
  /** In plain text, to be set once the user is in the pool; undefined for one with a hash, or without either. */
  readonly password: string | undefined;
  readonly route: Route;
  /** What remains to be done once the user is created, in order; empty for a user who is not sent. */
  readonly followUps: readonly FollowUp[];
  /** Why a user with route `none` is not sent; undefined for the others. */
  readonly notSent: NotSent | undefined;
  /** All issues, those that are causes of `notSent` included. */
  readonly issues: readonly Issue[];
  /** What this user claims in the pool, rejected or not; undefined without a fit username, or when a policy skips it. */
  readonly claims: Claims | undefined;
  /** When the user was last changed at the source, in epoch milliseconds; undefined where that is not known. */
  readonly changedAt: number | undefined;
  /** The row as JSON without its secrets, for the files that go back to the operator. */
  readonly sourceRow: string;
}

/** A user who is rejected for its issues, or skipped by a stated policy. */
export interface NotSent {
  readonly kind: "rejected" | "skipped";
  /** At least one. */
  readonly causes: readonly Issue[];
}
