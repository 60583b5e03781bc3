/**
 * How one user will be loaded. `import-job`: as a row of an import job's CSV. `admin-create`: by AdminCreateUser, for
 * users whom an import job cannot carry. `sign-up`: by SignUp with an app client, where that is all that is at hand.
 * `none`: this user is not sent.
 */
export const ROUTES = ["import-job", "admin-create", "sign-up", "none"] as const;

/** One of {@link ROUTES}. */
export type Route = (typeof ROUTES)[number];

/** The routes by which users are sent one by one. */
export const SINGLE_ROUTES = ["admin-create", "sign-up"] as const satisfies readonly Route[];

/** One of {@link SINGLE_ROUTES}. */
export type SingleRoute = (typeof SINGLE_ROUTES)[number];
