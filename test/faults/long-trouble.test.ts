import { afterAll, expect, test, vi } from "vitest";
import { apply } from "../../src/index.ts";
import { jsonOf } from "../support/cli.ts";
import type { RuleSettings } from "../support/emulator.ts";
import { FaultyRun, type FaultOnRequests, type FaultPoint } from "./faulty-run.ts";
import { Tally } from "./figures.ts";
import { MIXED } from "./plays.ts";
import { aRandom } from "./random.ts";
import { sideBySide } from "./side-by-side.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? 1);
const HOUR_MS = 3_600_000;

/** Goes through points side by side, each with a run of its own, and expects nothing wrong. */
async function expectAllWell(
  name: string,
  points: readonly FaultPoint[],
  runsAtOnce = points.length,
): Promise<Tally> {
  const runs = await Promise.all(Array.from({ length: runsAtOnce }, () => FaultyRun.of(MIXED)));
  const tally = new Tally(name);
  await sideBySide(runs, points, async (run, point) => tally.add(point.name, await run.undergo(point)));
  tally.finish();
  expect(tally.wrong).toEqual([]);
  return tally;
}

/** A share of the first requests of any kind, refused as too many. */
function aStorm(seed: number, share: number): FaultPoint {
  const random = aRandom(seed);
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
  const faults = numbers
    .filter(() => random(1_000) < share * 1_000)
    .map((number): FaultOnRequests => ({
      by: "emulator",
      moment: "before-effect",
      fault: { kind: "throttle" },
      operation: "*",
      number,
    }));
  return { name: `storm of seed ${seed} over ${share * 100} % of the requests`, faults };
}

test("everyone comes once through storms of throttles", { timeout: 200_000 }, async () => {
  console.info(`storms of the seeds ${SEED} and ${SEED + 1}`);
  const storms = [aStorm(SEED, 0.3), aStorm(SEED + 1, 0.5)];
  const tally = await expectAllWell("throttle storms", storms);
  expect(tally.struck).toBeGreaterThan(50);
});

test(
  "credentials that expire in mid-run stop it, and fresh ones finish it",
  { timeout: 200_000 },
  async () => {
    const fault = {
      kind: "error",
      status: 400,
      type: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    } as const;
    const points = [6, 18, 30, 42].map((number): FaultPoint => ({
      name: `expired from request ${number}`,
      faults: [{ by: "emulator", moment: "before-effect", fault, operation: "*", number, count: 0 }],
      endsWithSession: true,
    }));
    const runs = await Promise.all([1, 2].map(() => FaultyRun.of(MIXED)));
    const tally = new Tally("expired credentials");
    await sideBySide(runs, points, async (run, point) => {
      const result = await run.undergo(point);
      tally.add(point.name, result);
      expect(jsonOf(result.first), point.name).toMatchObject({ exitCode: 4, error: { code: STOPPED_BY } });
    });
    tally.finish();
    expect(tally.wrong).toEqual([]);
  },
);

/** Amazon S3 has no word for it but a refusal. */
const STOPPED_BY = expect.stringMatching(/^(CREDENTIALS_INVALID|UPLOAD_REFUSED)$/) as string;

const LOST_ANSWERS: readonly FaultOnRequests[] = [
  "AdminCreateUser",
  "StartUserImportJob",
  "AdminDisableUser",
].map((operation) => ({
  by: "emulator",
  moment: "after-effect",
  fault: { kind: "reset" },
  operation,
  number: 2,
}));

test(
  "whoever is looked up after a lost answer is told from others where the service's clock is hours off",
  { timeout: 120_000 },
  async () => {
    const tally = new Tally("clocks that are off");
    await sideBySide([1, 2], [-7 * HOUR_MS, 7 * HOUR_MS], async (_, clockSkewMs) => {
      const run = await FaultyRun.of(MIXED, { clockSkewMs });
      const name = `a clock off by ${clockSkewMs / HOUR_MS} h`;
      tally.add(name, await run.undergo({ name, faults: LOST_ANSWERS }));
    });
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBe(6);
  },
);

const REFUSED = { kind: "error", status: 403, type: "AccessDenied", message: "Request has expired" } as const;
const SLOW_DOWN = {
  kind: "error",
  status: 503,
  type: "SlowDown",
  message: "Reduce your request rate",
} as const;

const S3_POINTS: readonly FaultPoint[] = [
  ["S3 refuses a URL", REFUSED, 2, 1],
  ["S3 refuses every URL", REFUSED, 1, 0],
  ["S3 is asked to slow down", SLOW_DOWN, 2, 2],
  ["S3 is asked to slow down for long", SLOW_DOWN, 1, 8],
].map(
  ([name, fault, number, count]) =>
    ({
      name,
      faults: [{ by: "emulator", moment: "before-effect", fault, operation: "PutObject", number, count }],
      endsWithSession: true,
    }) as FaultPoint,
);

test("everyone comes once whatever Amazon S3 says to an upload", { timeout: 120_000 }, async () => {
  const tally = await expectAllWell("uploads", S3_POINTS, 2);
  expect(tally.struck).toBe(10);
});

const LOGS: readonly (readonly [string, RuleSettings])[] = [
  ["a late log", { logLagMs: 800 }],
  ["a log in small pages after empty ones", { emptyLogPages: 3, eventsInLogPage: 1 }],
  ["a log without half of its lines", { logLostShare: 0.5, logFaultSeed: SEED }],
  ["a log without any line", { logLostShare: 1 }],
  [
    "a log out of order, half of it twice",
    { logDoubledShare: 0.5, logShuffledLines: 10, logFaultSeed: SEED },
  ],
];

test("everyone comes once whatever becomes of the log", { timeout: 180_000 }, async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  const run = await FaultyRun.of(MIXED);
  const tally = new Tally("logs");
  for (const [name, rules] of LOGS) {
    const runDir = await run.begin({ name, faults: [], rules });
    // Two minutes unless told otherwise, which is right for Cognito and long for a test.
    const { exitCode } = await apply({ runDir, logWaitMs: 1_500 });
    expect(exitCode, name).toBe(3);
    tally.add(name, await run.finish(runDir, { exitCode, signal: null, stdout: "", stderr: "" }));
  }
  tally.finish();
  expect(tally.wrong).toEqual([]);
});

afterAll(() => vi.unstubAllEnvs());

const BLACK_HOLES: readonly FaultPoint[] = [
  ["AdminCreateUser", 2, "black-hole-answered"],
  ["StartUserImportJob", 2, "black-hole-answered"],
  ["GetLogEvents", 1, "black-hole-answered"],
].map(
  ([operation, number, fault]) =>
    ({
      name: `${fault} at ${operation}`,
      faults: [{ by: "network", operation, number, fault }],
    }) as FaultPoint,
);

// An answer is waited for for 30 seconds, so they are few and all at once.
test("everyone comes once where answers never come", { timeout: 240_000 }, async () => {
  const tally = await expectAllWell("black holes", BLACK_HOLES);
  expect(tally.struck).toBe(BLACK_HOLES.length);
});
