/** Where a database is, and who waits for it. */
export interface SqlAddress {
  /** The environment variable that holds the address; it stands in messages. */
  readonly place: string;
  /** With its credentials: never shown. */
  readonly url: string;
  readonly signal: AbortSignal | undefined;
}
