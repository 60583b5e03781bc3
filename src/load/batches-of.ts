/** Cuts items into batches of a size, the first of which may have another one; the last one is what is left. */
export async function* batchesOf<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  size: number,
  firstSize = size,
): AsyncIterable<readonly Item[]> {
  let batch: Item[] = [];
  let wanted = firstSize;
  for await (const item of items) {
    batch.push(item);
    if (batch.length < wanted) continue;
    yield batch;
    batch = [];
    wanted = size;
  }
  if (batch.length > 0) yield batch;
}
