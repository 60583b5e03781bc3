import { throwIfInterrupted } from "../core/ferry-error.ts";

/** How items are worked on. */
export interface Flight {
  /** How many are in flight at the most; asked again after every item where that may become more. */
  readonly limit: number | (() => number);
  readonly signal: AbortSignal;
}

/**
 * Works on items, several at a time, and pulls the next one as soon as there is room. After a first error, or once the
 * signal is aborted, it takes no more, waits for what is in flight, ends the items, and throws that error (or INTERRUPTED).
 */
export async function workInFlight<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { limit, signal }: Flight,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const mostNow = typeof limit === "function" ? limit : () => limit;
  const working: Promise<void>[] = [];
  let trouble: { readonly error: unknown } | undefined;
  const startWorking = (): void => {
    for (let most = mostNow(); working.length < most;) working.push(keepWorking());
  };
  const keepWorking = async (): Promise<void> => {
    while (trouble === undefined && !signal.aborted) {
      try {
        const pulled = iterator.next();
        const next = pulled instanceof Promise ? await pulled : pulled;
        // It may have been waited for while trouble came.
        if (next.done === true || trouble !== undefined || signal.aborted) return;
        await work(next.value);
        startWorking();
      } catch (error) {
        trouble ??= { error };
      }
    }
  };
  startWorking();
  // Others may join them on the way.
  for (const each of working) await each;
  if (trouble !== undefined || signal.aborted) await iterator.return?.();
  if (trouble !== undefined) throw trouble.error;
  throwIfInterrupted(signal);
}
