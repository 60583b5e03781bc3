import type { ImportLogLine } from "../cognito/import-log.ts";
import type { LineOutcome } from "../ledger/ledger.ts";

const STATUS_CODES = { SUCCEEDED: 1, SKIPPED: 2, FAILED: 3 } as const;

/** Two lines about one user that say different things prove nothing: the user is looked up. */
const CONTRADICTORY = 4;
const MAX_TEXTS = 1_000;

/** Index: a status code; 0 is a line that was not seen. */
const OUTCOME_BY_STATUS: readonly (Pick<LineOutcome, "kind" | "reason"> | undefined)[] = [
  undefined,
  { kind: "imported", reason: undefined },
  { kind: "skipped", reason: "user-exists" },
  { kind: "failed", reason: "import-failed" },
];

/**
 * Gathers an import job's log, one byte a line, whatever the order and however often a line comes.
 *
 * Whether Cognito counts the header line is not documented (2 for the first user is reported, 1 stands in AWS's own
 * mapping file), so the numbers decide, for each job anew: of N users they are 2 to N+1 or 1 to N. A job that broke off
 * has neither 1 nor N+1 where the first user is 2; then its lines go from 2 on without a gap, as many as its counters
 * speak of, and so leave no room for a user before them. While both would fit, or neither does, no line is mapped to a
 * user.
 */
export class LineTally {
  readonly #rows: number;
  readonly #statuses: Uint8Array;
  readonly #messages = new Map<number, string>();
  readonly #texts = new Map<string, string>();
  #count = 0;
  #isOutside = false;

  constructor(rows: number) {
    this.#rows = rows;
    this.#statuses = new Uint8Array(rows + 2);
  }

  /** How many lines were seen, each counted once. */
  get count(): number {
    return this.#count;
  }

  add({ status, lineNumber, message }: ImportLogLine): void {
    if (lineNumber < 1 || lineNumber > this.#rows + 1) {
      this.#isOutside = true;
      return;
    }
    const code = STATUS_CODES[status];
    const known = this.#statuses[lineNumber];
    if (known === 0) this.#count += 1;
    this.#statuses[lineNumber] = known === 0 || known === code ? code : CONTRADICTORY;
    if (status !== "SUCCEEDED") this.#messages.set(lineNumber, this.#interned(message));
  }

  // Half a million skipped users share one message; a log gives each its own copy.
  #interned(message: string): string {
    const known = this.#texts.get(message);
    if (known !== undefined) return known;
    if (this.#texts.size < MAX_TEXTS) this.#texts.set(message, message);
    return message;
  }

  /**
   * The number that the first user's line has, or undefined when the log does not tell. `counted` is how many users the
   * job's counters speak of.
   */
  firstLineNumber(counted: number): 1 | 2 | undefined {
    const hasFirst = this.#statuses[1] !== 0;
    const hasLast = this.#statuses[this.#rows + 1] !== 0;
    if (this.#isOutside || (hasFirst && hasLast)) return undefined;
    if (hasFirst) return 1;
    if (hasLast) return 2;
    return counted > 0 && this.#count >= counted && this.#isGaplessFrom(2) ? 2 : undefined;
  }

  #isGaplessFrom(first: number): boolean {
    return this.#statuses.subarray(first, first + this.#count).every((status) => status !== 0);
  }

  /** The outcomes that the log proves, by the part's own lines from 1. Nothing while the numbering is open. */
  *outcomes(counted: number): Iterable<LineOutcome> {
    const first = this.firstLineNumber(counted);
    if (first === undefined) return;
    for (let line = 1; line <= this.#rows; line += 1) {
      const number = line + first - 1;
      const message = this.#messages.get(number);
      const outcome = OUTCOME_BY_STATUS[this.#statuses[number] ?? 0];
      if (outcome !== undefined) yield { line, ...outcome, message };
    }
  }
}
