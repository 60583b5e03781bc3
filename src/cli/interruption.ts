import { EXIT_CODES } from "../core/ferry-error.ts";
import { printNote } from "./terminal.ts";

/**
 * Turns SIGINT and SIGTERM into an abort: the first lets the run finish its step and say how to resume, the second ends
 * the process at once; either way the ledger can be resumed. `note` is said at the first one. Dispose it to give the
 * signals back.
 */
export function watchInterruption(
  note = "poolferry: stopping at the next safe point; once more to stop at once",
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = (): void => {
    // oxlint-disable-next-line unicorn/no-process-exit -- the operator asked twice
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted);
    printNote(note);
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
