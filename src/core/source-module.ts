import type { JsonObject } from "./row.ts";

/**
 * One user as a source module gives it: an object of plain values, which are read by the mapping's rules. Texts, finite
 * numbers, true and false, null, lists and objects of these; a Date becomes its ISO 8601 text, and what is undefined is
 * left out. A row that holds anything else is rejected.
 */
export type SourceModuleRow = object;

/** Rows one by one, or some hundreds at a time, which is faster; at once or as they come. */
export type SourceModuleRows =
  | Iterable<SourceModuleRow | readonly SourceModuleRow[]>
  | AsyncIterable<SourceModuleRow | readonly SourceModuleRow[]>;

/** What a source module is told. */
export interface SourceModuleContext {
  /** Aborted when the plan is stopped. The iterator's `return` is called too, also when a plan ends before the rows do. */
  readonly signal: AbortSignal;
  /** What `cursor` said of the last row of an earlier plan; only rows behind it are wanted. Undefined for all rows. */
  readonly after: string | undefined;
}

/**
 * What a file of `--from module:FILE` exports. The rows must come in the same order each time, since reports and a plan
 * that goes on behind an earlier one count on it.
 *
 * @example
 * ```ts
 * import type { SourceModuleContext } from "poolferry";
 *
 * export default async function* ({ signal }: SourceModuleContext) {
 *   for (const login of ["ada", "bo"]) {
 *     signal.throwIfAborted();
 *     yield { login, mail: `${login}@example.com` };
 *   }
 * }
 * ```
 */
export interface SourceModule {
  /** The rows, or the function that begins to give them; it is called once a reading. */
  readonly default:
    | SourceModuleRows
    | ((context: SourceModuleContext) => SourceModuleRows | Promise<SourceModuleRows>);
  /**
   * Where a later plan goes on behind this row, which is shown as it was read: with texts for its Dates. With it, the
   * function is told `after` and gives only what is behind; without it, rows are counted and passed over here.
   */
  readonly cursor?: (row: JsonObject) => string;
}
