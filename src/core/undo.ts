/** What an undo does to the users whom the run has created. */
export const UNDO_ACTIONS = ["delete", "disable"] as const;

/** One of {@link UNDO_ACTIONS}. */
export type UndoAction = (typeof UNDO_ACTIONS)[number];

/**
 * What an undo made of a user whom the run has created. `absent`: not in the pool any more. `changed-since`: kept, since
 * somebody changed the user after the run. `kept`: it cannot be told whether the run made the user.
 */
export const UNDO_RESULTS = ["deleted", "disabled", "absent", "changed-since", "kept", "failed"] as const;

/** One of {@link UNDO_RESULTS}. */
export type UndoResult = (typeof UNDO_RESULTS)[number];
