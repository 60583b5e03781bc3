import SQLite from "better-sqlite3";
import { Worker } from "node:worker_threads";
import type { FlatRows } from "./sqlite-statements.ts";
import { threadFile } from "./thread-file.ts";

/** What the thread is told: to append, or that nothing more will come. */
export type AppendOrder =
  | { readonly kind: "append"; readonly inserts: readonly FlatRows[] }
  | { readonly kind: "end" };

/** What it answers, to each order: done; or once why it cannot go on, with SQLite's code where SQLite says so. */
export type AppendAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly error: unknown; readonly code: string | undefined };

/** What the thread may hold of memory, in millions of bytes: a few batches at a time. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Batches that may wait to be appended: as many as are made while thousands of rows are committed, so that neither side waits. */
const MOST_WAITING = 24;

/**
 * Appends rows to a file of SQLite in a thread of its own, with a connection of its own, while the next ones are made. It
 * is told of a failure by a later call.
 */
export class AppendBeside {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #waiting = 0;
  #trouble: { readonly error: unknown; isTold: boolean } | undefined;
  /** Called with every answer. */
  #wake: () => void = () => undefined;

  constructor(path: string) {
    this.#worker = new Worker(threadFile("append-thread"), { workerData: path, resourceLimits: HEAP });
    this.#worker.on("message", (answer: AppendAnswer) => this.#hear(answer));
    this.#worker.on("error", (error) => this.#fail(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        if (this.#waiting > 0) this.#fail(new Error("the thread that writes the ledger has ended"));
        resolve();
      });
    });
  }

  /** Takes rows to be appended behind those before; waits while there are many. Throws what an earlier append has failed with. */
  async append(inserts: readonly FlatRows[]): Promise<void> {
    await this.#fewerThan(MOST_WAITING);
    this.#tell({ kind: "append", inserts });
  }

  /** Resolves once everything is in the file and the thread has ended. Throws what an append has failed with, once. */
  async end(): Promise<void> {
    try {
      if (this.#trouble?.isTold === true) return;
      this.#tell({ kind: "end" });
      await this.#fewerThan(1);
      await this.#ended;
    } finally {
      await this.#worker.terminate();
    }
  }

  #tell(order: AppendOrder): void {
    this.#waiting += 1;
    this.#worker.postMessage(order, []);
  }

  async #fewerThan(most: number): Promise<void> {
    for (;;) {
      if (this.#trouble !== undefined) {
        this.#trouble.isTold = true;
        throw this.#trouble.error;
      }
      if (this.#waiting < most) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #hear(answer: AppendAnswer): void {
    if (answer.kind === "failed") {
      const { error, code } = answer;
      // An error on its way from a thread loses its code.
      const message = error instanceof Error ? error.message : String(error);
      this.#fail(code === undefined ? error : new SQLite.SqliteError(message, code));
      return;
    }
    this.#waiting -= 1;
    this.#wake();
  }

  #fail(error: unknown): void {
    this.#trouble ??= { error, isTold: false };
    this.#wake();
  }
}
