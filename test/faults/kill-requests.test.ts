import { expect, test } from "vitest";
import { SIDES } from "../support/hold.ts";
import { Tally } from "./figures.ts";
import { rehearse, runMatrix, type MatrixPoint } from "./matrix.ts";
import { MIXED, RESET, SIGN_UP, UNDO } from "./plays.ts";
import type { Play } from "./stage.ts";

/** Requests that change nothing, so that one is like the next. */
const READING = /^(Describe|Get|List)/;

/** The requests of an operation that are struck: the first, and the last of those that change something. */
function numbersOf(operation: string, count: number): readonly number[] {
  return READING.test(operation) || count === 1 ? [1] : [1, count];
}

/** What is struck of each play: everything of the first, and of the others what is not struck there. */
const STRUCK: readonly (readonly [play: Play, operations: RegExp])[] = [
  [MIXED, /./],
  [RESET, /^Admin(Create|Set|Reset)/],
  [SIGN_UP, /^(SignUp|Admin)/],
  [UNDO, /./],
];

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
  "killed before and after requests of every operation, a run is carried on to the end that the source asks for",
  { timeout: 900_000 },
  async () => {
    const tally = new Tally("kill at requests");
    for (const [play, operations] of STRUCK) {
      const { calls } = await rehearse(play);
      const struck = [...calls].filter(([operation]) => operations.test(operation));
      await runMatrix(tally, play, pointsOf(new Map(struck)));
    }
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(80);
  },
);
