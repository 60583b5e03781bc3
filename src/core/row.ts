import type { Issue } from "./issue.ts";

/** A value of a parsed JSON document. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A parsed JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * How a source's rows look: a `table` has one list of columns for all rows and its records are arrays of cells;
 * `documents` are JSON objects, each with keys of its own.
 */
export type SourceShape =
  | { readonly kind: "table"; readonly columns: readonly string[] }
  | { readonly kind: "documents" };

/** What one row holds: cells in the order of the columns, or a document. */
export type SourceRecord = readonly string[] | JsonObject;

/** One user record of the source, with its place in it. */
export type Row = ReadableRow | UnreadableRow;

/** A row that was read. */
export interface ReadableRow {
  /** The row's number in the source, from 1, counting every user record. */
  readonly seq: number;
  /** The line the row starts at, from 1, where the source has lines. */
  readonly line: number | undefined;
  readonly record: SourceRecord;
}

/** A row that is there but cannot be trusted; it counts, and its user is rejected with this issue. */
interface UnreadableRow {
  readonly seq: number;
  readonly line: number | undefined;
  readonly record: undefined;
  readonly issue: Issue;
}

/** Rows travel in batches of some hundreds: one async hop a row would halve the speed. */
export type RowBatch = readonly Row[];
