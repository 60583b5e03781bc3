/**
 * How one user will be loaded. `import-job`: as a row of an import job's CSV. `admin-create`: by AdminCreateUser, for
 * users whom an import job cannot carry. `none`: this user is not sent.
 */
export const ROUTES = ["import-job", "admin-create", "none"] as const;

/** One of {@link ROUTES}. */
export type Route = (typeof ROUTES)[number];
