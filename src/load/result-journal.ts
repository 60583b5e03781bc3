/** Results that become durable in one transaction, and what a crash would do again. */
const SETTLED_TOGETHER = 20;

/** Results between two words about the progress: some ten seconds at the quota. */
const TOLD_TOGETHER = 200;

/** How many results were good, and how many not. */
export interface ResultCounts {
  readonly done: number;
  readonly failed: number;
}

/** Where results go. */
export interface JournalOptions<Result> {
  /** Makes results durable. */
  readonly settle: (results: readonly Result[]) => Promise<void>;
  /** Says how far things are, now and then. */
  readonly tell: (counts: ResultCounts) => void;
}

/** Makes the results of many users durable, some at a time and one batch after the other. */
export class ResultJournal<Result extends { readonly state: keyof ResultCounts }> {
  readonly #options: JournalOptions<Result>;
  #results: Result[] = [];
  #settled: Promise<void> = Promise.resolve();
  readonly #counts = { done: 0, failed: 0 };

  constructor(options: JournalOptions<Result>) {
    this.#options = options;
  }

  get counts(): ResultCounts {
    return this.#counts;
  }

  /** Takes a result, which is durable once {@link settle} has returned, or sooner. */
  async add(result: Result): Promise<void> {
    this.#counts[result.state] += 1;
    this.#results.push(result);
    const { done, failed } = this.#counts;
    const settled = this.#results.length >= SETTLED_TOGETHER ? this.settle() : undefined;
    if ((done + failed) % TOLD_TOGETHER === 0) this.#options.tell({ done, failed });
    await settled;
  }

  /** Makes every result durable that was added so far. Throws what the first failure threw, and from then on always. */
  async settle(): Promise<void> {
    const results = this.#results;
    this.#results = [];
    const before = this.#settled;
    this.#settled = before.then(() => (results.length > 0 ? this.#options.settle(results) : undefined));
    await this.#settled;
  }
}
