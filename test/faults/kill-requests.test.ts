import { expect, test } from "vitest";
import { SIDES } from "../support/hold.ts";
import { Tally } from "./figures.ts";
import { rehearse, runMatrix, type MatrixPoint } from "./matrix.ts";
import { MIXED, RESET, SIGN_UP, UNDO } from "./plays.ts";

/** Requests that change nothing, so that one is like the next. */
const READING = /^(Describe|Get|List)/;

/** The requests of an operation that are struck: the first and the last, and the second of those that change something. */
function numbersOf(operation: string, count: number): readonly number[] {
  const numbers = READING.test(operation) ? [1, count] : [1, 2, count];
  return [...new Set(numbers)].filter((number) => number <= count);
}

/** A kill on both sides of requests of every operation. */
function pointsOf(calls: ReadonlyMap<string, number>): readonly MatrixPoint[] {
  return [...calls].flatMap(([operation, count]) =>
    numbersOf(operation, count).flatMap((number) =>
      SIDES.map((side) => ({
        name: `SIGKILL ${side} ${operation} ${number}`,
        strikes: [{ operation, number, side }],
      })),
    ),
  );
}

test(
  "killed before and after any request, a run is carried on to the end that the source asks for",
  { timeout: 600_000 },
  async () => {
    const tally = new Tally("kill at requests");
    for (const play of [MIXED, RESET, SIGN_UP, UNDO])
      await runMatrix(tally, play, pointsOf((await rehearse(play)).calls));
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(120);
  },
);
