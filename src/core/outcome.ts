/**
 * The final word on one user. `imported`, `skipped` and `failed` are Cognito's own words; `updated` is ours for
 * a change; `rejected` users were never sent.
 */
export const OUTCOMES = ["imported", "updated", "skipped", "failed", "rejected"] as const;

/** One of {@link OUTCOMES}. */
export type OutcomeKind = (typeof OUTCOMES)[number];

/** The outcome of one user, ready to be settled. */
export interface Outcome {
  readonly seq: number;
  readonly kind: OutcomeKind;
  /** A stable word for the cause, or undefined when there is nothing to explain. */
  readonly reason: string | undefined;
  /** Cognito's own message, or ours, in words for a report. */
  readonly message: string | undefined;
  /** The user's sub, where it became known with the outcome. */
  readonly sub?: string | undefined;
}
