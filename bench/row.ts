/** How much is measured: `small` only shows that every row still works, `full` is what the aims are about. */
export type Size = "small" | "medium" | "full";

/** What the run of one program took, or of several that together are one. */
export interface Figures {
  /** Wall time, the start of the process included. */
  readonly seconds: number;
  /** Of all threads; undefined where the system does not tell. */
  readonly cpuSeconds?: number | undefined;
  /** The most memory at one time, in millions of bytes; undefined where the system does not tell. */
  readonly peakMegabytes?: number | undefined;
  /** What else a row compares, by its name: a share of a quota, requests that were refused. */
  readonly more?: Readonly<Record<string, number>> | undefined;
}

/** What is asked of a row's figures; one without a bound is told and not judged. */
export interface Aim {
  /** What is compared: "wall time", "peak memory beside 200 MB". */
  readonly what: string;
  readonly unit: "times" | "s" | "ms" | "µs" | "MB" | "%" | "a second" | "requests";
  /** Of one run and the run of the reference beside it; of a row without a reference, the run alone. */
  readonly value: (work: Figures, reference: Figures) => number;
  readonly bound?: { readonly atMost: number } | { readonly atLeast: number };
}

/** What a row is measured with. */
export interface Setting {
  readonly size: Size;
  /** How many users, where a row is about users: 2,000, 100,000 or 1,000,000, or what the command was told. */
  readonly users: number;
  /** A folder for this row alone, which is removed after it. */
  readonly folder: string;
}

/** A row that is ready to be measured. Disposing of it stops what it has started. */
export interface Trial extends AsyncDisposable {
  /** What was made for it, in words: "1,000,000 users, 296 bytes each". */
  readonly input: string;
  /** Runs the work once, from its beginning. Throws where its result is not what the input wants. */
  readonly work: () => Promise<Figures>;
  /** Runs the reference once, in turns with the work. */
  readonly reference?: () => Promise<Figures>;
}

/** Why a row cannot be measured here: a program that is not there. */
export interface Skipped {
  readonly skipped: string;
}

/**
 * One line of the table: work, measured beside a reference in the same run. It must not print, and its result must be
 * checked in every run: counts, sums.
 */
export interface Row {
  /** In kebab-case; what `--only` names. */
  readonly name: string;
  readonly work: string;
  /** What it is measured beside; "the limit", "–" where that is no program. */
  readonly reference: string;
  readonly aims: readonly Aim[];
  /** About how many seconds it takes on two quiet cores, what is prepared included, by size, for so many rounds. */
  readonly seconds: (size: Size, rounds: number) => number;
  /** Makes the input and starts what the row needs, before what is measured. */
  readonly prepare: (setting: Setting) => Promise<Trial | Skipped>;
}
