import { z } from "zod";
import { DUPLICATES_POLICIES } from "../core/clash.ts";
import {
  FAILED_ROWS_POLICIES,
  MISSING_GROUPS_POLICIES,
  PASSWORD_AFTER_CREATE_POLICIES,
  PASSWORD_HASHES_POLICIES,
} from "../core/load-policies.ts";
import type { UserClass } from "../core/user-class.ts";

/** What becomes of users who are no ordinary ones, as a config file says it. */
export const policiesSchema = z.strictObject({
  disabled: z
    .enum(["disable", "skip"])
    .optional()
    .describe(
      "Users who may not sign in: create them and disable them at once, or skip them; disable when left out",
    ),
  socialOnly: z
    .enum(["skip", "create", "link"])
    .optional()
    .describe(
      "Users who sign in through other providers only: skip them, create native users, or create them linked to their providers (mapping.linkedProviders); skip when left out",
    ),
  serviceAccounts: z
    .enum(["skip", "create"])
    .optional()
    .describe("Users who are no person; skip when left out"),
  anonymous: z
    .enum(["skip", "create"])
    .optional()
    .describe("Users as whom nobody can sign in; skip when left out"),
  deleted: z
    .enum(["skip", "create"])
    .optional()
    .describe("Users whom the source counts as deleted; skip when left out"),
  unimportable: z
    .enum(["admin-create", "reject"])
    .optional()
    .describe(
      "Users whom an import job cannot carry: send them by AdminCreateUser, or reject them; admin-create when left out",
    ),
  duplicates: z
    .enum(DUPLICATES_POLICIES)
    .optional()
    .describe(
      "Users of the source who would clash in the pool: reject all of them, or keep the first or the newest; reject-all when left out",
    ),
  unsafeValues: z
    .enum(["set-after", "admin-create"])
    .optional()
    .describe(
      "Values that an import job's CSV cannot carry: import the user without them and set them afterwards, or send the user as one whom an import job cannot carry; set-after when left out",
    ),
  passwordHashes: z
    .enum(PASSWORD_HASHES_POLICIES)
    .optional()
    .describe(
      "Password hashes: import those that Cognito takes, or none; import-or-drop imports them unless the pool takes none; import when left out",
    ),
  failedRows: z
    .enum(FAILED_ROWS_POLICIES)
    .optional()
    .describe(
      "Users whose rows an import job refuses: send them by AdminCreateUser, or leave them as failed; admin-create when left out",
    ),
  passwordAfterCreate: z
    .enum(PASSWORD_AFTER_CREATE_POLICIES)
    .optional()
    .describe(
      "Users whom AdminCreateUser made: leave them their temporary password, or give them a random permanent one, so that they can use forgot password, or make them reset that one, for which Cognito sends each a code; none when left out",
    ),
  forceAliasCreation: z
    .boolean()
    .optional()
    .describe(
      "Whether AdminCreateUser takes a verified address or number, where that is an alias, from the user of the pool who has it; false when left out",
    ),
  missingGroups: z
    .enum(MISSING_GROUPS_POLICIES)
    .optional()
    .describe(
      "Groups that the pool does not have: create them, or leave them out, so that their users are imported without them; create when left out",
    ),
});

/** Policies as an operator states them: those that are left out keep their defaults; docs/configuration.md has both. */
export type StatedPolicies = z.infer<typeof policiesSchema>;

/** A policy for each kind of user. */
export type Policies = {
  readonly [Name in keyof StatedPolicies]-?: NonNullable<StatedPolicies[Name]>;
};

const DEFAULT_POLICIES: Policies = {
  disabled: "disable",
  socialOnly: "skip",
  serviceAccounts: "skip",
  anonymous: "skip",
  deleted: "skip",
  unimportable: "admin-create",
  duplicates: "reject-all",
  unsafeValues: "set-after",
  passwordHashes: "import",
  failedRows: "admin-create",
  passwordAfterCreate: "none",
  forceAliasCreation: false,
  missingGroups: "create",
};

/** The stated policies, with the default for each that is not stated. */
export function withDefaultPolicies(stated: StatedPolicies = {}): Policies {
  const given = Object.entries(stated).filter(([, policy]) => policy !== undefined);
  return { ...DEFAULT_POLICIES, ...(Object.fromEntries(given) as Partial<Policies>) };
}

/** The policy for a class of users. */
export function policyFor(userClass: UserClass, policies: Policies): "skip" | "create" | "link" {
  switch (userClass) {
    case "deleted":
      return policies.deleted;
    case "service-account":
      return policies.serviceAccounts;
    case "anonymous":
      return policies.anonymous;
    case "social-only":
      return policies.socialOnly;
  }
}
