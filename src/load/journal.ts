import PQueue from "p-queue";

/** Results that become durable in one transaction, and what a crash would do again. */
const WRITTEN_TOGETHER = 20;

/** Makes results durable, some at a time and in their order, whoever adds them at the same time. */
export class Journal<Result> {
  readonly #write: (results: readonly Result[]) => Promise<void>;
  readonly #turns = new PQueue({ concurrency: 1 });
  #results: Result[] = [];

  constructor(write: (results: readonly Result[]) => Promise<void>) {
    this.#write = write;
  }

  /** Adds a result; it is durable with some others. */
  async add(result: Result): Promise<void> {
    this.#results.push(result);
    if (this.#results.length >= WRITTEN_TOGETHER) await this.settle();
  }

  /** Makes durable whatever was added until now. What could not be written is kept for another try. */
  async settle(): Promise<void> {
    await this.#turns.add(async () => {
      const results = this.#results;
      if (results.length === 0) return;
      this.#results = [];
      try {
        await this.#write(results);
      } catch (error) {
        this.#results = [...results, ...this.#results];
        throw error;
      }
    });
  }
}
