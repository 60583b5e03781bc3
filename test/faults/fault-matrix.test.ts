import { expect, test } from "vitest";
import { KINDS, LOST_ANSWERS, pointsOf } from "./fault-kinds.ts";
import { FaultyRun } from "./faulty-run.ts";
import { Tally } from "./figures.ts";
import { MIXED, RESET, SIGN_UP } from "./plays.ts";
import { sideBySide } from "./side-by-side.ts";
import type { Play } from "./stage.ts";

/** A run waits longer than it works. */
const RUNS_AT_ONCE = { many: 3, few: 2 } as const;

/** What only one way of loading calls, beside all that the mixed one calls. */
const OTHER_PLAYS: readonly { readonly play: Play; readonly operations: readonly string[] }[] = [
  { play: RESET, operations: ["AdminResetUserPassword"] },
  { play: SIGN_UP, operations: ["SignUp", "AdminConfirmSignUp"] },
];

async function runsOf(play: Play, points: keyof typeof RUNS_AT_ONCE): Promise<readonly FaultyRun[]> {
  return Promise.all(Array.from({ length: RUNS_AT_ONCE[points] }, () => FaultyRun.of(play)));
}

test(
  "whatever happens to whichever request, a run that is resumed ends with everyone as in the source, once",
  { timeout: 600_000 },
  async () => {
    const runs = await runsOf(MIXED, "many");
    const calls = (await runs[0]?.countCalls()) ?? new Map<string, number>();
    expect(calls.size).toBeGreaterThan(17);
    const tally = new Tally("faults, mixed");
    await sideBySide(runs, pointsOf(calls), async (run, point) => {
      tally.add(point.name, await run.undergo(point));
    });
    tally.finish();
    expect(tally.wrong).toEqual([]);
    // Each operation with each kind, most of them twice.
    expect(tally.struck).toBeGreaterThan(calls.size * KINDS.length);
  },
);

test.each(OTHER_PLAYS)(
  "so does a run of the play $play.name, whatever is lost of $operations",
  { timeout: 300_000 },
  async ({ play, operations }) => {
    const runs = await runsOf(play, "few");
    const calls = (await runs[0]?.countCalls()) ?? new Map<string, number>();
    const own = new Map(operations.map((operation) => [operation, calls.get(operation) ?? 0]));
    expect([...own.values()].every((count) => count > 0)).toBe(true);
    const tally = new Tally(`faults, ${play.name}`);
    await sideBySide(runs, pointsOf(own, LOST_ANSWERS), async (run, point) => {
      tally.add(point.name, await run.undergo(point));
    });
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThanOrEqual(own.size * LOST_ANSWERS.length * 2);
  },
);
