/** Cuts items into batches of a size; the last one is what is left. */
export function* batchesOf<Item>(items: readonly Item[], size: number): Iterable<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
