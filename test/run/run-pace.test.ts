import { expect, test } from "vitest";
import { RecentRate } from "../../src/core/recent-rate.ts";
import type { RunProgress } from "../../src/ledger/ledger.ts";
import { RunPace } from "../../src/run/run-pace.ts";

const NOBODY = { importJobs: 0, adminCreate: 0, signUp: 0 };

function aProgress(over: Partial<RunProgress>): RunProgress {
  return {
    state: "applying",
    users: 10_000,
    settled: 0,
    failed: 0,
    skipped: 0,
    rejected: 0,
    left: NOBODY,
    followUps: { wanted: 0, done: 0, failed: 0 },
    jobs: [],
    ...over,
  };
}

const NOT_UNDER_WAY = { inJobs: 0, sent: 0 };

test("a rate is that of the last minute, and there is none from less than some seconds", () => {
  const rate = new RecentRate();
  rate.note(0, 0);
  rate.note(2_000, 100);
  expect(rate.perSecond).toBeUndefined();
  rate.note(4_000, 200);
  expect(rate.perSecond).toBe(50);
  for (let second = 5; second <= 120; second += 1) rate.note(second * 1000, 200 + second);
  expect(rate.perSecond).toBe(1);
});

test("a number that is noted every moment is remembered for as long as any other", () => {
  const rate = new RecentRate();
  for (let ms = 0; ms <= 90_000; ms += 10) rate.note(ms, ms < 45_000 ? 0 : ms - 45_000);
  // Half a minute at nothing, the rest of the minute at 1000 a second.
  expect(rate.perSecond).toBeCloseTo(750, -1);
});

test("nobody says how long it takes before anything has gone on", () => {
  const pace = new RunPace();
  const left = { ...NOBODY, adminCreate: 400 };
  pace.note(0, aProgress({ left }), NOT_UNDER_WAY);
  const idle = [{ category: "UserCreation", taken: 0, limit: 40 }];
  expect(pace.etaSeconds(idle)).toBeUndefined();
  expect(pace.etaSeconds([{ category: "UserCreation", taken: 20, limit: 40 }])).toBe(20);
});

test("the slowest of what goes on at the same time says how long it takes", () => {
  const pace = new RunPace();
  const at = (ms: number, importJobs: number, adminCreate: number) =>
    pace.note(ms, aProgress({ left: { importJobs, adminCreate, signUp: 0 } }), NOT_UNDER_WAY);
  at(0, 5_000, 1_000);
  at(10_000, 4_000, 600);
  const rates = [{ category: "UserCreation", taken: 40, limit: 40 }];
  expect(pace.etaSeconds(rates)).toBe(40);
  at(20_000, 3_000, 200);
  expect(pace.etaSeconds(rates)).toBe(30);
});

test("users who have come by a job that is under way count, though they have no outcome yet", () => {
  const pace = new RunPace();
  const left = { ...NOBODY, importJobs: 1_000 };
  pace.note(0, aProgress({ left }), NOT_UNDER_WAY);
  pace.note(10_000, aProgress({ left }), { inJobs: 200, sent: 0 });
  expect(pace.usersPerSecond).toBe(20);
  expect(pace.etaSeconds([])).toBe(40);
});

test("follow-ups that are still to begin are reckoned at their quota, and import jobs that stand still at nothing", () => {
  const pace = new RunPace();
  const followUps = { wanted: 600, done: 0, failed: 0 };
  const at = (ms: number, importJobs: number) =>
    pace.note(ms, aProgress({ left: { ...NOBODY, importJobs }, followUps }), NOT_UNDER_WAY);
  at(0, 500);
  at(10_000, 400);
  expect(pace.etaSeconds([{ category: "UserUpdate", taken: 0, limit: 20 }])).toBe(40);
  expect(pace.etaSeconds([{ category: "UserUpdate", taken: 0, limit: 10 }])).toBe(60);
  expect(pace.etaSeconds([])).toBeUndefined();
  for (let second = 11; second <= 400; second += 1) at(second * 1000, 400);
  expect(pace.etaSeconds([{ category: "UserUpdate", taken: 1, limit: 10 }])).toBeUndefined();
});
