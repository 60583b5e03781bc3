import type { RowBatch, SourceShape } from "../core/row.ts";

/** Rows a batch holds at the most: as many as die in a young generation of 1 MB, with all that is made of them. */
export const BATCH_ROWS = 200;

/** Bytes of text that a batch may come from before it is given with fewer rows: rows can have 16 MB each. */
export const BATCH_BYTES = 4_000_000;

/** Bytes of text that one user may have; what is longer is no user, and holding it would fill the memory. */
export const MAX_USER_BYTES = 16 * 1024 * 1024;

/** What a source may be told beside its place. */
export interface SourceOptions {
  /** The separator of a CSV file; sniffed from the header line when undefined. */
  readonly separator?: string | undefined;
  /** How many lines of a CSV file stand before its header; none when undefined. */
  readonly skipLines?: number | undefined;
  /** The key of the list of users in a wrapped JSON document; the only list of objects when undefined. */
  readonly list?: string | undefined;
}

/**
 * An open source. `batches` may be called once; it yields every user record exactly once and in order, with `seq`
 * counting from 1 without gaps. A record that is there but cannot be trusted comes as a row with an issue. Trouble
 * with the source as a whole throws a FerryError: SOURCE_TRUNCATED, SOURCE_FORMAT or SOURCE_ENCODING. Reading to the
 * end or stopping early closes the source; disposing does too, for a source that is never read.
 */
export interface Source extends AsyncDisposable {
  readonly shape: SourceShape;
  /** What was recognised, for the operator: "CSV, separator ;, gzip". */
  readonly description: string;
  batches(): AsyncIterable<RowBatch>;
}

/** One kind of source. A new one is a file that exports one of these, and a line in sources.ts. */
export interface SourceType {
  /** What the operator types before the colon in `--from TYPE:PATH`. */
  readonly type: string;
  /** The options that have a meaning for it; others are refused. */
  readonly options: readonly (keyof SourceOptions)[];
  /** Opens the place named after the colon; reads no more than its first block. */
  open(path: string, options: SourceOptions): Promise<Source>;
}
