/** How one user will be loaded. `none`: this user is not sent. */
export const ROUTES = ["import-job", "none"] as const;

/** One of {@link ROUTES}. */
export type Route = (typeof ROUTES)[number];
