import { interrupted } from "./ferry-error.ts";

/** Waits for work that cannot be interrupted itself; throws INTERRUPTED as soon as the signal is aborted. */
export async function orInterrupted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const interruption = Promise.withResolvers<never>();
  const interrupt = (): void => interruption.reject(interrupted());
  if (signal.aborted) interrupt();
  signal.addEventListener("abort", interrupt, { once: true });
  try {
    // What becomes of the work afterwards is nobody's concern any more, but was waited for here.
    return await Promise.race([interruption.promise, work]);
  } finally {
    signal.removeEventListener("abort", interrupt);
  }
}
