/**
 * Users who are no ordinary ones. For each class there is a stated policy: `deleted` at the source, a `service-account`,
 * `anonymous` (nobody can sign in as it), `social-only` (signs in through other providers only).
 */
export type UserClass = "deleted" | "service-account" | "anonymous" | "social-only";
