/**
 * What becomes of a user whose row an import job refused. `admin-create`: it is sent by AdminCreateUser. `leave`: it has
 * failed.
 */
export const FAILED_ROWS_POLICIES = ["admin-create", "leave"] as const;

/** What the operator decided about loading, when the plan was made. */
export interface LoadPolicies {
  readonly failedRows: (typeof FAILED_ROWS_POLICIES)[number];
}
