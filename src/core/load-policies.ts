/**
 * What becomes of a user whose row an import job refused. `admin-create`: it is sent by AdminCreateUser. `leave`: it has
 * failed.
 */
export const FAILED_ROWS_POLICIES = ["admin-create", "leave"] as const;

/**
 * What becomes of the password of a user whom AdminCreateUser made. `none`: the temporary one stays, which nobody knows
 * and which keeps "forgot password" from working. `random-permanent`: nobody knows the new one either, but it does work.
 * `reset-required`: that, and then the user must reset it, for which Cognito sends a code.
 */
export const PASSWORD_AFTER_CREATE_POLICIES = ["none", "random-permanent", "reset-required"] as const;

/**
 * What becomes of password hashes that Cognito takes. `import`: they are imported, and a pool that takes none stops the
 * run. `import-or-drop`: where the pool takes none, the users go without. `drop`: they go without.
 */
export const PASSWORD_HASHES_POLICIES = ["import", "import-or-drop", "drop"] as const;

/** What becomes of groups that the pool does not have: they are created, or their users are not put into them. */
export const MISSING_GROUPS_POLICIES = ["create", "leave-out"] as const;

/** What the operator decided about loading, when the plan was made. */
export interface LoadPolicies {
  readonly failedRows: (typeof FAILED_ROWS_POLICIES)[number];
  readonly passwordHashes: (typeof PASSWORD_HASHES_POLICIES)[number];
  readonly passwordAfterCreate: (typeof PASSWORD_AFTER_CREATE_POLICIES)[number];
  /** Whether AdminCreateUser takes a verified address or number, where that is an alias, from the user who has it. */
  readonly forceAliasCreation: boolean;
  readonly missingGroups: (typeof MISSING_GROUPS_POLICIES)[number];
}

/** Of all policies, those that matter beyond the plan. */
export function loadPoliciesOf({
  failedRows,
  passwordHashes,
  passwordAfterCreate,
  forceAliasCreation,
  missingGroups,
}: LoadPolicies): LoadPolicies {
  return { failedRows, passwordHashes, passwordAfterCreate, forceAliasCreation, missingGroups };
}

/** How loading guards itself; set when the plan is made. */
export interface LoadLimits {
  /** Users of the first import job of each kind, and of the first calls of AdminCreateUser; 0 for no such trial. */
  readonly canaryUsers: number;
  /** The share of users who may fail, of a part or of those for AdminCreateUser, before the run stops; 0 to 1. */
  readonly failedShare: number;
  /** How long another import job of the account is waited for, in milliseconds. */
  readonly otherJobWaitMs: number;
}

/** The limits, with the default for each that is not stated. */
export function withDefaultLimits({
  canaryUsers = 100,
  failedShare = 0.05,
  otherJobWaitMs = 3_600_000,
}: { readonly [Limit in keyof LoadLimits]?: LoadLimits[Limit] | undefined } = {}): LoadLimits {
  return { canaryUsers, failedShare, otherJobWaitMs };
}
