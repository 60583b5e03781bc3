import { EXIT_CODES } from "../core/ferry-error.ts";
import { printNote } from "./terminal.ts";

/** Two signals within this time are one keystroke. */
const SAME_SIGNAL_MS = 300;

/**
 * Turns SIGINT and SIGTERM into an abort: the first lets the run finish its step and say how to resume, the second ends
 * the process at once; either way the ledger can be resumed. `note` is said at the first one, unless it is empty. Dispose it to give the
 * signals back.
 */
export function watchInterruption(
  note = "poolferry: stopping at the next safe point; once more to stop at once",
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    // A terminal and a launcher may both pass on the same Ctrl-C.
    if (controller.signal.aborted && performance.now() - firstAt < SAME_SIGNAL_MS) return;
    // oxlint-disable-next-line unicorn/no-process-exit -- the operator asked twice
    if (controller.signal.aborted) process.exit(EXIT_CODES.interrupted);
    firstAt = performance.now();
    if (note !== "") printNote(note);
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
