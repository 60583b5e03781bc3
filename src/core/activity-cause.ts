import type { FollowUpKind } from "./follow-up.ts";

/**
 * What makes a user active in the bill of the month. Documented: creation by an administrator, signing up, setting a password,
 * changes of groups and attributes. Second factors and links are documented neither way, and counted to be safe. Import
 * jobs, ListUsers and AdminResetUserPassword make nobody active (documented).
 */
export const ACTIVITY_CAUSES = ["creation", "password", "groups", "attributes", "mfa", "links"] as const;

/** One of {@link ACTIVITY_CAUSES}. */
export type ActivityCause = (typeof ACTIVITY_CAUSES)[number];

/** What each follow-up counts as; undefined for those that make nobody active. Disabling is documented neither way. */
export const CAUSE_BY_FOLLOW_UP: Readonly<Record<FollowUpKind, ActivityCause | undefined>> = {
  disable: undefined,
  // Who signs up counts by that, confirmed or not.
  confirm: undefined,
  "set-attributes": "attributes",
  "set-own-password": "password",
  "set-password": "password",
  "add-to-group": "groups",
  "set-mfa": "mfa",
  "link-provider": "links",
  "reset-password": undefined,
};
