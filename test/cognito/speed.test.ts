import { expect, test } from "vitest";
import { Speed } from "../../src/cognito/speed.ts";

test("a throttle leaves 85 % of the speed", () => {
  const speed = new Speed(40, 0);
  expect(speed.heedThrottle(900, 1_000)).toBe(true);
  expect(speed.rps(1_000)).toBeCloseTo(34);
});

test("many throttles at a time cut it once", () => {
  const speed = new Speed(40, 0);
  expect(speed.heedThrottle(900, 1_000)).toBe(true);
  for (let late = 0; late < 450; late += 50) expect(speed.heedThrottle(1_001, 1_001 + late)).toBe(false);
  expect(speed.rps(1_500)).toBeLessThan(40 * 0.9);
  expect(speed.heedThrottle(1_001, 1_500)).toBe(true);
});

test("what was sent before a cut tells nothing of the speed after it", () => {
  const speed = new Speed(40, 0);
  expect(speed.heedThrottle(0, 1_000)).toBe(true);
  expect(speed.heedThrottle(999, 30_000)).toBe(false);
});

test("it soon comes back to a little below what was too much, and stays there for a while", () => {
  const speed = new Speed(100, 0);
  speed.heedThrottle(0, 0);
  expect(speed.rps(1_000)).toBeCloseTo(87);
  expect(speed.rps(6_000)).toBeCloseTo(97);
  expect(speed.rps(25_900)).toBeCloseTo(97);
});

test("then it tries more, by steps that grow, until it is at the top", () => {
  const speed = new Speed(100, 0);
  for (let cut = 0; cut < 7; cut += 1) speed.heedThrottle(cut * 500, cut * 500);
  // The last refusal was at some 40 a second.
  expect(speed.rps(12_000)).toBeGreaterThan(35);
  expect(speed.rps(12_000)).toBeLessThan(40);
  const minutes = [1, 2, 3, 4].map((minute) => speed.rps(minute * 60_000));
  expect(minutes).toEqual(minutes.toSorted((one, other) => one - other));
  expect(minutes[0]).toBeLessThan(45);
  expect(speed.rps(300_000)).toBe(100);
});

test("a throttle on the way up is remembered as the new ceiling", () => {
  const speed = new Speed(100, 0);
  speed.heedThrottle(0, 0);
  const before = speed.rps(60_000);
  expect(speed.heedThrottle(60_000, 60_000)).toBe(true);
  expect(speed.rps(75_000)).toBeCloseTo(before * 0.97);
});

test("it never falls below a fiftieth of the top, so that it finds out when it gets better", () => {
  const speed = new Speed(50, 0);
  for (let cut = 0; cut < 100; cut += 1) speed.heedThrottle(cut * 500, cut * 500);
  expect(speed.rps(49_500)).toBe(1);
});

test("another top counts at once, unless a throttle has taught otherwise", () => {
  const free = new Speed(40, 0);
  free.setTop(400);
  expect(free.rps(0)).toBe(400);
  free.setTop(20);
  expect(free.rps(0)).toBe(20);
  const taught = new Speed(40, 0);
  taught.heedThrottle(0, 0);
  taught.setTop(400);
  expect(taught.rps(0)).toBe(34);
  taught.setTop(10);
  expect(taught.rps(0)).toBe(10);
});

test.each([25, 50, 125])(
  "when a service that took %i a second takes a third, it has settled after ten seconds",
  (limit) => {
    // A bucket that fills at the limit and holds a second's worth; each request is told at once what became of it.
    const speed = new Speed(0.99 * limit, 0);
    let [tokens, filledMs, nowMs] = [limit / 3, 0, 0];
    let refusedLate = 0;
    let acceptedLate = 0;
    while (nowMs < 60_000) {
      tokens = Math.min(limit / 3, tokens + ((nowMs - filledMs) / 1000) * (limit / 3));
      filledMs = nowMs;
      const isTaken = tokens >= 1;
      if (isTaken) tokens -= 1;
      else speed.heedThrottle(nowMs, nowMs);
      if (nowMs > 10_000)
        [acceptedLate, refusedLate] = isTaken
          ? [acceptedLate + 1, refusedLate]
          : [acceptedLate, refusedLate + 1];
      nowMs += 1000 / speed.rps(nowMs);
    }
    expect(refusedLate).toBeLessThanOrEqual(3);
    expect(acceptedLate).toBeGreaterThan(50 * (limit / 3) * 0.93);
  },
);
