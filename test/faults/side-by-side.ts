/** Does work on many things, each with one of some workers that do one thing at a time. */
export async function sideBySide<Worker, Thing>(
  workers: readonly Worker[],
  things: readonly Thing[],
  work: (worker: Worker, thing: Thing) => Promise<void>,
): Promise<void> {
  const left = things[Symbol.iterator]();
  await Promise.all(
    workers.map(async (worker) => {
      for (const thing of left) await work(worker, thing);
    }),
  );
}
