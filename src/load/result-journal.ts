import { Journal } from "./journal.ts";

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

/** Counts the results of many users, makes them durable, and tells how far things are. */
export class ResultJournal<Result extends { readonly state: keyof ResultCounts }> {
  readonly #journal: Journal<Result>;
  readonly #tell: (counts: ResultCounts) => void;
  readonly #counts = { done: 0, failed: 0 };

  constructor({ settle, tell }: JournalOptions<Result>) {
    this.#journal = new Journal(settle);
    this.#tell = tell;
  }

  get counts(): ResultCounts {
    return this.#counts;
  }

  /** Takes a result, which is durable once {@link settle} has returned, or sooner. */
  async add(result: Result): Promise<void> {
    this.#counts[result.state] += 1;
    const { done, failed } = this.#counts;
    await this.#journal.add(result);
    if ((done + failed) % TOLD_TOGETHER === 0) this.#tell({ done, failed });
  }

  /** Makes every result durable that was added so far. */
  settle(): Promise<void> {
    return this.#journal.settle();
  }
}
