/**
 * Users who are no ordinary ones. For each class there is a stated policy: `deleted` at the source, a `service-account`,
 * `anonymous` (nobody can sign in as it), `social-only` (signs in through other providers only).
 */
export const USER_CLASSES = ["deleted", "service-account", "anonymous", "social-only"] as const;

/** One of {@link USER_CLASSES}. */
export type UserClass = (typeof USER_CLASSES)[number];
