/** How often something went wrong, or was asked for, and when last. */
export interface Attempts {
  readonly count: number;
  readonly lastMs: number;
}
