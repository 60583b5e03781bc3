import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { BrokenRow } from "./checksum.ts";
import type { LedgerCheck } from "./ledger.ts";
import { threadFile } from "./thread-file.ts";

/** What the thread of a check says at its end. */
export type CheckResult =
  | { readonly kind: "whole" }
  | { readonly kind: "broken"; readonly why: string }
  | { readonly kind: "failed"; readonly error: unknown };

/** What the thread may hold of memory, in millions of bytes: a page of users is read at a time. */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/** Checks the ledger in a file in a thread of its own, with a connection of its own. */
export function checkBeside(path: string): LedgerCheck {
  const worker = new Worker(threadFile("check-thread"), { workerData: path, resourceLimits: HEAP });
  const broken = new AbortController();
  const done = requireWhole(worker);
  done.catch((error: unknown) => broken.abort(error));
  return {
    broken: broken.signal,
    done: () => done,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

async function requireWhole(worker: Worker): Promise<void> {
  const result = await resultOf(worker);
  switch (result.kind) {
    case "whole":
      return;
    case "broken":
      throw new BrokenRow(result.why);
    case "failed":
      throw result.error;
  }
}

async function resultOf(worker: Worker): Promise<CheckResult> {
  const ended = once(worker, "exit").then((): CheckResult => ({ kind: "whole" }));
  const told = once(worker, "message").then(([result]) => result as CheckResult);
  // Ended by whoever waits no longer.
  return Promise.race([told, ended]);
}
