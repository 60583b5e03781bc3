import type { WireEvent } from "../cognito/wire-event.ts";
import type { RowBatch, SourceShape } from "../core/row.ts";
import type { Sample } from "./sample.ts";

/** Rows a batch holds at the most: as many as die in a young generation of 1 MB, with all that is made of them. */
export const BATCH_ROWS = 200;

/** Bytes of text that a batch may come from before it is given with fewer rows: rows can have 16 MB each. */
export const BATCH_BYTES = 4_000_000;

/** Bytes of text that one user may have; what is longer is no user, and holding it would fill the memory. */
export const MAX_USER_BYTES = 16 * 1024 * 1024;

/** What a source may be told beside its place. Each type heeds some of it, and refuses the others. */
export interface SourceOptions {
  /** The separator of a CSV file; sniffed from the header line when undefined. */
  readonly separator?: string | undefined;
  /** How many lines of a CSV file stand before its header; none when undefined. */
  readonly skipLines?: number | undefined;
  /** The key of the list of users in a wrapped JSON document; the only list of objects when undefined. */
  readonly list?: string | undefined;
  /** A file with the groups of the users, where they are exported on their own. */
  readonly groups?: string | undefined;
  /** A file with the password hashes of the users, where they are exported on their own. */
  readonly passwordHashes?: string | undefined;
  /** A file with the rows of WordPress's table of users' metadata. */
  readonly usermeta?: string | undefined;
  /** Whose users these are, which brings a mapping; of a database the application whose tables it holds, with a query. */
  readonly preset?: string | undefined;
  /** The SQL of a database source. */
  readonly query?: string | undefined;
  /** A column of the query, or an attribute of entries, that grows with every change of a row; rows come in its order. */
  readonly cursorColumn?: string | undefined;
  /** The realm that is read of an export of Keycloak or its database; the only one beside master when undefined. */
  readonly realm?: string | undefined;
  /** Where a live source is reached, with its credentials: a secret. Of types whose place is an environment variable. */
  readonly connectionUrl?: string | undefined;
  /** The region of a user pool; the one that its id names when undefined. */
  readonly region?: string | undefined;
  /** A profile of the AWS configuration; the SDK's own chain of credentials when undefined. */
  readonly profile?: string | undefined;
  /** A Cognito-compatible service instead of AWS. */
  readonly endpointUrl?: string | undefined;
  /** Below which entry of a directory users are read; all that it holds when undefined. */
  readonly baseDn?: string | undefined;
  /** Which entries of a directory are read (RFC 4515); those of people and accounts when undefined. */
  readonly filter?: string | undefined;
  /** As whom a directory is read; anonymously when undefined. */
  readonly bindDn?: string | undefined;
  /** The password of {@link bindDn}: a secret. */
  readonly bindPassword?: string | undefined;
  /** Whether a connection to a directory that begins in plain text is encrypted before anything is said. */
  readonly startTls?: boolean | undefined;
  /** A file with the certificates of the authorities that vouch for a directory; those of Node when undefined. */
  readonly caFile?: string | undefined;
}

/** What a live source tells while it is read. Holds no attribute and no secret. */
export type SourceEvent =
  | WireEvent
  | { readonly kind: "members-listed"; readonly group: string; readonly members: number };

/** What the program that opens a source gives it. */
export interface OpenContext {
  /** Ends the reading, with INTERRUPTED, and closes what is open. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where an earlier reading of the same source ended ({@link Source.cursor}); its rows are not given again. A source
   * that heeds it says so ({@link Source.heedsAfter}); of others rows are counted and passed over.
   */
  readonly after?: string | undefined;
  /** Whether it is one of several files, of which some may hold no users. */
  readonly isOneOfMany?: boolean | undefined;
  /** Takes what a live source tells of its requests; must not throw. */
  readonly observe?: ((event: SourceEvent) => void) | undefined;
  /** The share of every request quota that a user pool may be read with, above 0 and up to 1; 0.8 when undefined. */
  readonly quotaShare?: number | undefined;
}

/**
 * An open source. `batches` may be called once; it yields every user record exactly once and in order, with `seq`
 * counting from 1 without gaps. A record that is there but cannot be trusted comes as a row with an issue. Trouble
 * with the source as a whole throws a FerryError: SOURCE_TRUNCATED, SOURCE_FORMAT or SOURCE_ENCODING; SOURCE_UNREACHABLE
 * of one that is not a file. Reading to the end or stopping early closes the source; disposing does too, for a source that
 * is never read.
 */
export interface Source extends AsyncDisposable {
  readonly shape: SourceShape;
  /** What was recognised, for the operator: "CSV, separator ;, gzip". May say more once all was read. */
  readonly description: string;
  /** Where reading can go on later, behind the rows that were given so far; undefined where rows are counted instead. */
  readonly cursor?: string | undefined;
  /** Whether it begins behind {@link OpenContext.after} by itself; where it does not, rows are counted and passed over. */
  readonly heedsAfter?: boolean | undefined;
  /**
   * Whose users these are, where a system keeps several user bases: "the realm app". Known once some were read; the users
   * of two are not taken for one source.
   */
  readonly userBase?: string | undefined;
  batches(): AsyncIterable<RowBatch>;
}

/** What stands behind the colon of `--from TYPE:PLACE`, and which key of the config says it. */
export type PlaceKind = "file" | "module" | "environment" | "user-pool";

/** An option that names a second file of the users, and how what it says is joined to them. */
interface SideFileOption {
  readonly option: "groups" | "passwordHashes" | "usermeta";
  /** The same users with what the file says of them. Throws what opening it throws, and then closes the users. */
  join(users: Source, path: string, signal: AbortSignal | undefined): Promise<Source>;
}

/** One kind of source. A new one is a file that exports one of these, and a line in sources.ts. */
export interface SourceType {
  /** What the operator types before the colon in `--from TYPE:PLACE`. */
  readonly type: string;
  /** A file when undefined. */
  readonly place?: PlaceKind | undefined;
  /** The options that have a meaning for it; others are refused. */
  readonly options: readonly (keyof SourceOptions)[];
  /**
   * By what a file shows itself to be of this type: a clause for the operator, such as "its users have user_id and
   * identities"; undefined when it does not. Left out by the types that take any file of a format.
   */
  readonly recognise?: ((sample: Sample) => string | undefined) | undefined;
  /** The option that names a second file, which is joined to the users of all files once they are opened. */
  readonly sideFile?: SideFileOption | undefined;
  /** Other types whose files it reads as well, so that these are not refused. */
  readonly alsoReads?: readonly string[] | undefined;
  /** Opens the place named after the colon; of a file, reads no more than its first block. */
  open(path: string, options: SourceOptions, context?: OpenContext): Promise<Source>;
}
