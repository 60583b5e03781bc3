import { throwIfInterrupted } from "../core/ferry-error.ts";

/** How items are worked on. */
export interface Flight {
  /** How many are in flight at the most. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Works on items, several at a time, and pulls the next one as soon as there is room. After a first error, or once the
 * signal is aborted, it takes no more, waits for what is in flight, and throws that error (or INTERRUPTED).
 */
export async function workInFlight<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  { limit, signal }: Flight,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = iteratorOf(items);
  let trouble: { readonly error: unknown } | undefined;
  const keepWorking = async (): Promise<void> => {
    while (trouble === undefined && !signal.aborted) {
      try {
        const pulled = iterator.next();
        const next = pulled instanceof Promise ? await pulled : pulled;
        if (next.done === true) return;
        // Of those that were awaited when trouble came, none is begun.
        if (trouble !== undefined || signal.aborted) return;
        await work(next.value);
      } catch (error) {
        trouble ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: limit }, keepWorking));
  if (trouble !== undefined) throw trouble.error;
  throwIfInterrupted(signal);
}

function iteratorOf<Item>(items: Iterable<Item> | AsyncIterable<Item>): Iterator<Item> | AsyncIterator<Item> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}
