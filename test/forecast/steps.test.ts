import { expect, test } from "vitest";
import { countJobs } from "../../src/forecast/import-jobs.ts";
import { bottleneckOf, categoriesToAskFor, durationOf, stepsOf } from "../../src/forecast/steps.ts";
import { someKnown, type CountSettings } from "../support/known.ts";

const LIMITS = { rows: 500_000, bytes: 100_000_000, canaryUsers: 100 };

test.each([
  { users: 0, bytes: 0, jobs: 0, why: "nobody" },
  { users: 100, bytes: 10_000, jobs: 1, why: "no more than the trial" },
  { users: 101, bytes: 10_100, jobs: 2, why: "one more than the trial" },
  { users: 500_100, bytes: 50_010_000, jobs: 2, why: "the trial and a full file" },
  { users: 500_101, bytes: 50_010_100, jobs: 3, why: "one row more than a file may have" },
  { users: 500_100, bytes: 200_040_000, jobs: 3, why: "rows of 400 bytes, of which a file takes 250,000" },
])("import jobs for $users users: $why", ({ users, bytes, jobs }) => {
  expect(countJobs({ users, bytes }, LIMITS)).toBe(jobs);
});

test("without a trial the first job is as large as the others", () => {
  expect(countJobs({ users: 1_000, bytes: 100_000 }, { ...LIMITS, canaryUsers: 0 })).toBe(1);
});

/** A step's name, users, seconds and where its pace is from. */
function shortSteps(counts: CountSettings, rates = new Map<string, number>()) {
  const steps = stepsOf(someKnown({ counts, rates }));
  return steps.map(({ name, requests, rps, paceFrom, seconds }) => ({
    name,
    requests,
    rps,
    paceFrom,
    seconds,
  }));
}

test("each step takes its requests at the run's share of its quota, the account's own where it was read", () => {
  const counts = { routes: { "admin-create": 4_000 }, followUps: { disable: 400, "set-password": 240 } };
  expect(shortSteps(counts, new Map([["UserCreation", 100]]))).toEqual([
    { name: "admin-create", requests: 4_000, rps: 80, paceFrom: "account", seconds: 50 },
    { name: "disable", requests: 400, rps: 20, paceFrom: "documented", seconds: 20 },
    { name: "set-password", requests: 240, rps: 24, paceFrom: "documented", seconds: 10 },
  ]);
});

test("groups are made at the rate that each operation has in one pool, and not at all where the policy has it so", () => {
  const counts = { routes: { "admin-create": 1 }, followUps: { "add-to-group": 40 }, groups: 20 };
  expect(shortSteps(counts)).toContainEqual({
    name: "create-groups",
    requests: 20,
    rps: 4,
    paceFrom: "documented",
    seconds: 5,
  });
  const known = someKnown({ counts });
  const policies = { ...known.policies, missingGroups: "leave-out" } as const;
  expect(stepsOf({ ...known, policies }).map(({ name }) => name)).not.toContain("create-groups");
});

test("new ids are searched user by user, or the pool is listed, whichever takes fewer requests", () => {
  const lookUps = (imported: number, inPool: number): number | undefined => {
    const known = someKnown({ counts: { routes: { "import-job": imported } } });
    const setup = { triggers: [], emailSender: "ses", sendsSms: false, estimatedUsers: inPool } as const;
    const steps = stepsOf({ ...known, pool: { ...known.pool, setup } });
    return steps.find(({ name }) => name === "look-up-ids")?.requests;
  };
  expect(lookUps(6_000, 0)).toBe(100);
  expect(lookUps(6_000, 54_000)).toBe(1_000);
  expect(lookUps(10, 1_000_000)).toBe(10);
});

test("the bottleneck is the quota whose steps take the longest together", () => {
  const steps = stepsOf(
    someKnown({
      counts: {
        routes: { "admin-create": 1_000 },
        followUps: { disable: 300, "add-to-group": 300, "set-mfa": 500 },
      },
    }),
  );
  expect(bottleneckOf(steps)).toEqual({
    steps: ["disable", "add-to-group"],
    category: "UserUpdate",
    seconds: 30,
  });
  // Creations, then the longest of what follows, as quotas do not hold back one another.
  expect(durationOf(steps)).toBe(25 + 30);
  expect(bottleneckOf([])).toBeUndefined();
  expect(durationOf([])).toBe(0);
});

test("import jobs can be the bottleneck, without a quota to blame", () => {
  const steps = stepsOf(someKnown({ counts: { routes: { "import-job": 300_000, "admin-create": 1_000 } } }));
  expect(bottleneckOf(steps)).toMatchObject({ steps: ["import-jobs"], category: undefined });
  // Two jobs of five seconds, and 30 users a second; the look-up of 5,017 pages comes after.
  expect(durationOf(steps)).toBeCloseTo(10 + 10_000 + 5_017 / 24, 6);
});

test("the account is asked for the rates that hold a run back, the one first that does so the most", () => {
  const ask = (counts: CountSettings) => categoriesToAskFor(someKnown({ counts }));
  expect(ask({ routes: { "admin-create": 1_199 }, followUps: { disable: 599 } })).toEqual([]);
  expect(ask({ routes: { "admin-create": 1_200 }, followUps: { disable: 800 } })).toEqual([
    "UserUpdate",
    "UserCreation",
  ]);
  // AWS tells no rate of passwords, nor of what each pool has by itself.
  expect(ask({ routes: { "admin-create": 1 }, followUps: { "set-password": 9_000 }, groups: 9_000 })).toEqual(
    [],
  );
});
