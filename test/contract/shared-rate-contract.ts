import { expect, test } from "vitest";
import type { SharedRate } from "../../src/core/shared-rate.ts";

const signal = new AbortController().signal;

let keys = 0;
const aKey = (): string => `123456789012/us-east-1/category${(keys += 1)}`;

/**
 * What every place that a rate is shared by holds to. The second of the two is another worker's. Moments are compared
 * with some tolerance, as the place's clock may go on meanwhile.
 */
export function describeSharedRateContract(
  open: () => {
    readonly one: SharedRate;
    readonly other: SharedRate;
    readonly wait: (ms: number) => Promise<void>;
  },
): void {
  test("the first turns begin at once, and the next ones after them, whoever asks", async () => {
    const { one, other } = open();
    const key = aKey();
    const first = await one.reserve(key, { count: 500, rps: 50, notBeforeMs: 0 }, signal);
    const second = await other.reserve(key, { count: 10, rps: 50, notBeforeMs: 0 }, signal);
    const third = await one.reserve(key, { count: 1, rps: 50, notBeforeMs: 0 }, signal);
    expect(first).toEqual({ inMs: expect.any(Number), cut: undefined, accountRps: undefined });
    expect(first.inMs).toBeLessThan(1);
    expect(second.inMs).toBeGreaterThan(5_000);
    expect(second.inMs).toBeLessThanOrEqual(10_000);
    expect(third.inMs - second.inMs).toBeGreaterThan(-4_800);
    expect(third.inMs - second.inMs).toBeLessThanOrEqual(200.01);
  });

  test("turns that are reserved at the same time do not overlap", async () => {
    const { one, other } = open();
    const key = aKey();
    const asked = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? one : other).reserve(key, { count: 10, rps: 2, notBeforeMs: 0 }, signal),
    );
    const starts = (await Promise.all(asked)).map(({ inMs }) => inMs).toSorted((a, b) => a - b);
    // Five seconds each, less what the clock went on meanwhile.
    starts.forEach((start, index) => {
      expect(start).toBeLessThanOrEqual(5_000 * index + 1);
      expect(start).toBeGreaterThan(5_000 * index - 4_500);
    });
  });

  test("each turn takes up its time at the rate of the worker that asks", async () => {
    const { one, other } = open();
    const key = aKey();
    await one.reserve(key, { count: 10, rps: 1, notBeforeMs: 0 }, signal);
    const { inMs } = await other.reserve(key, { count: 10, rps: 0.5, notBeforeMs: 0 }, signal);
    expect(inMs).toBeGreaterThan(5_000);
    expect(inMs).toBeLessThanOrEqual(10_000);
    const after = await one.reserve(key, { count: 1, rps: 1, notBeforeMs: 0 }, signal);
    expect(after.inMs).toBeGreaterThan(25_000);
    expect(after.inMs).toBeLessThanOrEqual(30_000);
  });

  test("turns that are wanted later begin later, unless they do anyway", async () => {
    const { one, other } = open();
    const key = aKey();
    const later = await one.reserve(key, { count: 10, rps: 1, notBeforeMs: 2_000 }, signal);
    expect(later.inMs).toBeGreaterThan(1_990);
    expect(later.inMs).toBeLessThanOrEqual(2_000);
    const after = await other.reserve(key, { count: 1, rps: 1, notBeforeMs: 2_000 }, signal);
    expect(after.inMs).toBeGreaterThan(7_000);
    expect(after.inMs).toBeLessThanOrEqual(12_000);
  });

  test("keys have nothing to do with each other", async () => {
    const { one, other } = open();
    await one.reserve(aKey(), { count: 100, rps: 1, notBeforeMs: 0 }, signal);
    expect((await other.reserve(aKey(), { count: 100, rps: 1, notBeforeMs: 0 }, signal)).inMs).toBeLessThan(
      1,
    );
  });

  test("what was not used is not saved up", async () => {
    const { one, wait } = open();
    const key = aKey();
    await one.reserve(key, { count: 1, rps: 100, notBeforeMs: 0 }, signal);
    await wait(300);
    await one.reserve(key, { count: 100, rps: 10, notBeforeMs: 0 }, signal);
    const { inMs } = await one.reserve(key, { count: 1, rps: 10, notBeforeMs: 0 }, signal);
    // With 300 ms saved up it would be 9,700 at the most.
    expect(inMs).toBeLessThanOrEqual(10_000);
    expect(inMs).toBeGreaterThan(9_700);
  });

  test("a refusal slows all down once, and is told to all", async () => {
    const { one, other, wait } = open();
    const key = aKey();
    await one.reserve(key, { count: 1, rps: 100, notBeforeMs: 0 }, signal);
    const refused = { atShare: 0.9, lastCut: undefined };
    const told = await Promise.all([
      one.slowDown(key, refused, signal),
      other.slowDown(key, refused, signal),
      one.slowDown(key, refused, signal),
    ]);
    const [cut, ...more] = told.filter((each) => each !== undefined);
    expect(more).toEqual([]);
    expect(cut).toEqual({ id: expect.any(String), atShare: 0.9, agoMs: expect.any(Number) });
    await wait(20);
    const heard = await other.reserve(key, { count: 1, rps: 100, notBeforeMs: 0 }, signal);
    expect(heard.cut).toMatchObject({ id: cut?.id, atShare: 0.9 });
    expect(heard.cut?.agoMs).toBeGreaterThanOrEqual(19);
  });

  test("the next refusal slows down again when the cut before it is known and half a second old", async () => {
    const { one, other, wait } = open();
    const key = aKey();
    await one.reserve(key, { count: 1, rps: 100, notBeforeMs: 0 }, signal);
    const first = await one.slowDown(key, { atShare: 1, lastCut: undefined }, signal);
    await wait(550);
    expect(await other.slowDown(key, { atShare: 1, lastCut: undefined }, signal)).toBeUndefined();
    const second = await other.slowDown(key, { atShare: 0.86, lastCut: first?.id }, signal);
    expect(second).toMatchObject({ atShare: 0.86 });
    expect(second?.id).not.toBe(first?.id);
    // The same event, told by somebody who knows of it.
    expect(await one.slowDown(key, { atShare: 0.86, lastCut: second?.id }, signal)).toBeUndefined();
  });

  test("the account's rate that one has read is told to all", async () => {
    const { one, other } = open();
    const key = aKey();
    // Before anybody has reserved a turn.
    await one.noteAccountRate(key, 400, signal);
    expect((await other.reserve(key, { count: 1, rps: 50, notBeforeMs: 0 }, signal)).accountRps).toBe(400);
    await other.noteAccountRate(key, 500.5, signal);
    expect((await one.reserve(key, { count: 1, rps: 50, notBeforeMs: 0 }, signal)).accountRps).toBe(500.5);
  });
}
