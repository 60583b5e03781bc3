/** Rows that are named one by one before a list only counts the rest. */
export const MAX_LISTED_ROWS = 5;

/** Names `count` rows of which these are the first, as in "2, 3, 5, 8, 13 and 4 more". */
export function rowList(first: readonly number[], count: number): string {
  const shown = first.slice(0, MAX_LISTED_ROWS);
  const more = count - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
