import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { workInFlight } from "../../src/load/in-flight.ts";

const NEVER = new AbortController().signal;

test("as many as allowed are in flight, and no more are taken before there is room", async () => {
  let inFlight = 0;
  let most = 0;
  let taken = 0;
  let done = 0;
  function* items(): Iterable<number> {
    for (let item = 0; item < 50; item += 1) {
      taken += 1;
      expect(taken - done).toBeLessThanOrEqual(4);
      yield item;
    }
  }
  await workInFlight(items(), { limit: 4, signal: NEVER }, async () => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    await sleep(1);
    inFlight -= 1;
    done += 1;
  });
  expect({ most, done }).toEqual({ most: 4, done: 50 });
});

test("after an error no item is taken, what is in flight is finished, and the first error is thrown", async () => {
  const finished: number[] = [];
  let taken = 0;
  const items = (function* (): Iterable<number> {
    for (;;) yield (taken += 1);
  })();
  const work = async (item: number): Promise<void> => {
    if (item === 2) throw new Error("second");
    await sleep(20);
    if (item === 3) throw new Error("third");
    finished.push(item);
  };
  await expect(workInFlight(items, { limit: 3, signal: NEVER }, work)).rejects.toThrow("second");
  expect({ taken, finished }).toEqual({ taken: 3, finished: [1] });
});

test("once interrupted it finishes what is in flight and says so", async () => {
  const controller = new AbortController();
  const finished: number[] = [];
  const work = async (item: number): Promise<void> => {
    if (item === 2) controller.abort();
    await sleep(5);
    finished.push(item);
  };
  const flight = { limit: 2, signal: controller.signal };
  await expect(workInFlight([1, 2, 3, 4], flight, work)).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(finished).toEqual([1, 2]);
});

test("items that take time are pulled as they come, are not worked on once there is trouble, and are ended", async () => {
  const worked: number[] = [];
  let pulled = 0;
  let isEnded = false;
  async function* items(): AsyncIterable<number> {
    try {
      for (;;) {
        await sleep(1);
        yield (pulled += 1);
      }
    } finally {
      isEnded = true;
    }
  }
  const work = async (item: number): Promise<void> => {
    worked.push(item);
    await Promise.resolve();
    if (item === 3) throw new Error("third");
  };
  await expect(workInFlight(items(), { limit: 4, signal: NEVER }, work)).rejects.toThrow("third");
  expect(worked).toEqual([1, 2, 3]);
  // The others were waiting for theirs by then.
  expect(pulled).toBeLessThanOrEqual(3 + 4);
  expect(isEnded).toBe(true);
});

test("an error of the items themselves is thrown once what is in flight is finished", async () => {
  let finished = 0;
  function* items(): Iterable<number> {
    yield 1;
    throw new Error("disk");
  }
  const work = async (): Promise<void> => {
    await sleep(5);
    finished += 1;
  };
  await expect(workInFlight(items(), { limit: 2, signal: NEVER }, work)).rejects.toThrow("disk");
  expect(finished).toBe(1);
});
