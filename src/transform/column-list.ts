/** Columns that a message names. */
const MAX_COLUMNS = 100;

/** The columns of a table as a message lists them. */
export function columnList(columns: readonly string[]): string {
  const more = columns.length - MAX_COLUMNS;
  return `${columns.slice(0, MAX_COLUMNS).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
