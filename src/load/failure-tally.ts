import type { FailureCause } from "../ledger/ledger.ts";
import { tooManyFailed, type Failing } from "./breaker.ts";

/** So few results say nothing yet. */
const MIN_SETTLED = 20;

/** Causes that are told apart; those that come later are counted, and not named. */
const MAX_CAUSES = 1_000;

/** Causes that are named. */
const NAMED_CAUSES = 3;

/** Counts what fails in one session, so that it stops when too much does. */
export class FailureTally {
  readonly #failing: Failing;
  readonly #causes = new Map<string, number>();
  #settled = 0;
  #failed = 0;

  constructor(failing: Failing) {
    this.#failing = failing;
  }

  succeed(): void {
    this.#settled += 1;
  }

  /** Takes Cognito's words, which are the cause. */
  fail(message: string): void {
    this.#settled += 1;
    this.#failed += 1;
    const count = this.#causes.get(message);
    if (count === undefined && this.#causes.size === MAX_CAUSES) return;
    this.#causes.set(message, (count ?? 0) + 1);
  }

  /** Throws TOO_MANY_FAILED; to be asked while there is more to do. */
  async requireFew(): Promise<void> {
    if (this.#settled < MIN_SETTLED) return;
    const counts = { failed: this.#failed, settled: this.#settled };
    const error = await tooManyFailed(this.#failing, counts, () => this.#mostFrequent());
    if (error !== undefined) throw error;
  }

  #mostFrequent(): readonly FailureCause[] {
    const causes = [...this.#causes].map(([message, count]) => ({ message, count }));
    return causes.sort((one, other) => other.count - one.count).slice(0, NAMED_CAUSES);
  }
}
