/** How many requests a second of one category of quotas go now, and how many may. */
export interface RequestRate {
  readonly category: string;
  readonly taken: number;
  /** The share of the quota that the run takes, less while requests are refused as too many; of all workers together. */
  readonly limit: number;
}

/** An import job that is under way. */
export interface JobProgress {
  readonly part: number;
  readonly rows: number;
  /** Cognito's word, or that of the ledger before Cognito has said one. */
  readonly status: string;
  /** Of how many of its users Cognito has said that they came, were there, or failed. */
  readonly counted: number;
}

/** How far a run is and how it goes, for whoever watches. Numbers are of the whole run, whichever session did it. */
export interface Progress {
  /** `loading`: users lack an outcome. `follow-ups`: none does, and something is to be done to some. `ending`: neither. */
  readonly phase: "loading" | "follow-ups" | "ending";
  /** Users with an outcome, of all users of the source. */
  readonly settled: number;
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rejected: number;
  /** Over the last minute; undefined until there is something to tell it by. */
  readonly usersPerSecond: number | undefined;
  /** How long the slowest of what goes on at the same time will take; undefined where that cannot be told. */
  readonly etaSeconds: number | undefined;
  readonly rates: readonly RequestRate[];
  readonly jobs: readonly JobProgress[];
  /** Without those of users who were not created. */
  readonly followUps: { readonly wanted: number; readonly done: number; readonly failed: number };
}
