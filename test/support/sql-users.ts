import type { KnownUser } from "../contract/source-contract.ts";

/** So many users at once go into a table. */
const HEAP = 2_000;

/** Users in heaps, numbered in their order. */
export function* heapsOf(
  users: Iterable<KnownUser>,
): Generator<readonly (readonly [number, string, string, string])[]> {
  let heap: [number, string, string, string][] = [];
  let number = 0;
  for (const { id, name, email } of users) {
    number += 1;
    heap.push([number, id, name, email]);
    if (heap.length < HEAP) continue;
    yield heap;
    heap = [];
  }
  if (heap.length > 0) yield heap;
}
