import { expect, test } from "vitest";
import { SIDES } from "../support/hold.ts";
import { Tally } from "./figures.ts";
import { Stages, type MatrixPoint } from "./matrix.ts";
import { MIXED, RESET, SIGN_UP, UNDO } from "./plays.ts";
import { aRandom } from "./random.ts";
import type { Strike } from "./stage.ts";

/** MATRIX_SEED and MATRIX_SCHEDULES make other and longer schedules; the same seed makes the same ones. */
const SEED = Number(process.env["MATRIX_SEED"] ?? 20_261_121);
const SCHEDULES = Number(process.env["MATRIX_SCHEDULES"] ?? 12);

/** Beyond these a session has mostly ended. */
const REQUESTS = 60;
const WRITES = 70;
const MAX_STRIKES = 4;

const SIGNALS = ["SIGKILL", "SIGKILL", "SIGKILL", "SIGINT", "SIGTERM"] as const;

function schedules(seed: number, count: number): readonly MatrixPoint[] {
  const upTo = aRandom(seed);
  const strike = (): Strike => {
    const side = SIDES[upTo(2)] ?? "before";
    // Later sessions have less to do, so early requests are struck more often.
    if (upTo(10) < 4) return { write: 1 + upTo(1 + upTo(WRITES)), side };
    return {
      request: 1 + upTo(1 + upTo(REQUESTS)),
      side,
      signal: SIGNALS[upTo(SIGNALS.length)] ?? "SIGKILL",
    };
  };
  return Array.from({ length: count }, (_, index) => ({
    name: `schedule ${index + 1} of seed ${seed}`,
    strikes: Array.from({ length: 1 + upTo(MAX_STRIKES) }, strike),
  }));
}

test(
  "struck again and again at random, a run is carried on to the end that the source asks for",
  { timeout: 3_600_000 },
  async () => {
    const tally = new Tally(`random schedules, seed ${SEED}`);
    const points = schedules(SEED, SCHEDULES);
    for (const [index, play] of [MIXED, RESET, SIGN_UP, UNDO].entries()) {
      const stages = await Stages.set(play);
      // Half of them strike the play that has most to lose.
      const struck = points.filter((_, place) => Math.max(0, (place % 6) - 2) === index);
      await stages.runMatrix(tally, struck);
    }
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(SCHEDULES);
  },
);
