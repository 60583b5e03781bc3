import type { SqlValue, Statements } from "./database.ts";

/** Rows read at a time where the ledger may be written in between. */
export const PAGE_ROWS = 1_000;

/** Where a page begins: behind this row. */
interface Behind {
  readonly seq: number;
  readonly id: number;
}

/**
 * Reads page after page, each from behind the last row of the one before, so that rows may change meanwhile. Rows are told
 * apart by `seq`, and by `id` where several have the same.
 */
export function pages<Row extends { readonly seq: number; readonly id?: number }>(
  read: (last: Behind) => Promise<readonly Row[]>,
): AsyncIterable<readonly Row[]> {
  return pagesBehind({ seq: 0, id: 0 }, read, ({ seq, id = 0 }) => ({ seq, id }));
}

/**
 * Reads as {@link pages} does where rows are told apart by something else: the first page from behind `first`, and each
 * later one from behind the place of the last row before it. A page with fewer rows than `size` is the last; none is empty.
 */
export async function* pagesBehind<Row, Place>(
  first: Place,
  read: (last: Place) => Promise<readonly Row[]>,
  placeOf: (row: Row) => Place,
  size = PAGE_ROWS,
): AsyncIterable<readonly Row[]> {
  let last = first;
  for (;;) {
    const rows = await read(last);
    if (rows.length > 0) yield rows;
    const end = rows.at(-1);
    if (end === undefined || rows.length < size) return;
    last = placeOf(end);
  }
}

/** The number that a statement counts as `count`. */
export async function countOf(
  statements: Statements,
  sql: string,
  parameters: readonly SqlValue[] = [],
): Promise<number> {
  const row = await statements.get<{ readonly count: number }>(sql, parameters);
  return row?.count ?? 0;
}

/** A row with what is empty in it undefined. */
export function withoutNulls(row: Readonly<Record<string, SqlValue>>): unknown {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined]));
}
