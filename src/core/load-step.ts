/** The steps of loading that a session can be limited to. */
export const LOAD_STEPS = ["import-jobs", "admin-create", "sign-up", "follow-ups"] as const;

/** One of {@link LOAD_STEPS}. */
export type LoadStep = (typeof LOAD_STEPS)[number];
