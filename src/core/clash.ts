import type { IssueCode } from "./issue.ts";
import type { Claims } from "./planned-user.ts";

/** One of the things that only one user of a pool can have. */
export type ClaimKind = keyof Claims;

/** All claims, in the order in which they are reported. */
export const CLAIM_KINDS = [
  "username",
  "email",
  "phone",
  "preferredUsername",
] as const satisfies readonly ClaimKind[];

/** The issue of a user whose claim another one has too. */
export const DUPLICATE_CODE = {
  username: "duplicate-username",
  email: "duplicate-email",
  phone: "duplicate-phone",
  preferredUsername: "duplicate-preferred-username",
} as const satisfies Readonly<Record<ClaimKind, IssueCode>>;

/**
 * Who is kept of users that clash. `reject-all`: nobody. `first`: whoever comes first in the source. `newest`: whoever
 * was changed last at the source.
 */
export const DUPLICATES_POLICIES = ["reject-all", "first", "newest"] as const;

/** One of {@link DUPLICATES_POLICIES}. */
export type DuplicatesPolicy = (typeof DUPLICATES_POLICIES)[number];
