import { expect, test } from "vitest";
import { Pacer } from "../../src/cognito/pacer.ts";

/** The moments at which requests go, when each goes as soon as it may, or at the end of the stall that it falls into. */
function startsOf(rps: number, untilMs: number, endOfStall = (ms: number) => ms): readonly number[] {
  const pacer = new Pacer(0);
  const starts: number[] = [];
  let nowMs = 0;
  for (;;) {
    nowMs = endOfStall(nowMs + pacer.waitMs(nowMs));
    if (nowMs >= untilMs) return starts;
    pacer.take(nowMs, rps);
    starts.push(nowMs);
  }
}

test("requests are evenly spaced from the first on", () => {
  expect(startsOf(50, 101)).toEqual([0, 20, 40, 60, 80, 100]);
});

test.each([5, 25, 50, 125, 1_000])(
  "at %i a second nothing is lost while the event loop stands still for 20 of every 100 ms, and now and then for longer",
  (rps) => {
    const stalled = (ms: number): number => {
      if (ms % 3_000 < 140) return ms - (ms % 3_000) + 140;
      return ms % 100 < 20 ? ms - (ms % 100) + 20 : ms;
    };
    const starts = startsOf(rps, 60_000, stalled);
    expect(starts.length).toBeGreaterThanOrEqual(60 * rps - 0.15 * rps - 1);
    expect(starts.length).toBeLessThanOrEqual(60 * rps + 1);
  },
);

test("after a rest 50 milliseconds' worth comes at once, and no more", () => {
  const pacer = new Pacer(0);
  const atOnce = (): number => {
    let count = 0;
    while (pacer.waitMs(10_000) === 0) {
      pacer.take(10_000, 100);
      count += 1;
    }
    return count;
  };
  // The one that is due, and five at a little more than the rate.
  expect(atOnce()).toBe(6);
});

test("no second holds more than a tenth above its rate, however the requests come", () => {
  const pacer = new Pacer(0);
  const starts: number[] = [];
  for (let nowMs = 0; nowMs < 20_000; nowMs += 7) {
    // Rests of a second, and rushes.
    if (Math.floor(nowMs / 1000) % 3 === 1) continue;
    while (pacer.waitMs(nowMs) === 0) {
      pacer.take(nowMs, 40);
      starts.push(nowMs);
    }
  }
  const inSecondFrom = (from: number): number =>
    starts.filter((start) => start >= from && start < from + 1000).length;
  expect(Math.max(...starts.map(inSecondFrom))).toBeLessThanOrEqual(40 + 4 + 1);
});

test("another rate counts from the next request on", () => {
  const pacer = new Pacer(0);
  pacer.take(0, 10);
  expect(pacer.waitMs(0)).toBe(100);
  pacer.take(100, 100);
  expect(pacer.waitMs(100)).toBe(10);
});
