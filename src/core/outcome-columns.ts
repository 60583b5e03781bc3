/** What the files of outcomes add to a source's own fields; the prefix keeps them apart. */
export const OUTCOME_COLUMNS = [
  "poolferry_row",
  "poolferry_line",
  "poolferry_reason",
  "poolferry_message",
] as const;

/** One of {@link OUTCOME_COLUMNS}. */
export type OutcomeColumn = (typeof OUTCOME_COLUMNS)[number];

/** Whether a field is one of {@link OUTCOME_COLUMNS}. */
export function isOutcomeColumn(field: string): boolean {
  return (OUTCOME_COLUMNS as readonly string[]).includes(field);
}
