import { expect, test } from "vitest";
import { SIDES, type Side } from "../support/hold.ts";
import { Tally } from "./figures.ts";
import { Stages, type MatrixPoint } from "./matrix.ts";
import { MIXED, RESET, SIGN_UP, UNDO } from "./plays.ts";
import type { Play } from "./stage.ts";

/** Requests that change nothing, so that one is like the next. */
const READING = /^(Describe|Get|List)/;

/** The requests of an operation that are struck: the first, and the last of those that change something. */
function numbersOf(operation: string, count: number): readonly number[] {
  return READING.test(operation) || count === 1 ? [1] : [1, count];
}

/**
 * What is struck of each play: everything of the first, and of the others what is not struck there. Who is killed behind
 * a request has not noted its answer, as who is killed before the next write of the ledger: of the plays whose writes are
 * all struck (kill-writes.test.ts) only the side before requests is struck here, unless FAULT_MATRIX=full.
 */
const STRUCK: readonly (readonly [play: Play, operations: RegExp, sides: readonly Side[]])[] = [
  [MIXED, /./, besideWrites()],
  [RESET, /^Admin(Create|Set|Reset)/, SIDES],
  [SIGN_UP, /^(SignUp|Admin)/, SIDES],
  [UNDO, /./, besideWrites()],
];

function besideWrites(): readonly Side[] {
  return process.env["FAULT_MATRIX"] === "full" ? SIDES : ["before"];
}

/** A kill on these sides of requests of every operation. */
function pointsOf(calls: ReadonlyMap<string, number>, sides: readonly Side[]): readonly MatrixPoint[] {
  return [...calls].flatMap(([operation, count]) =>
    numbersOf(operation, count).flatMap((number) =>
      sides.map((side) => ({
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
    for (const [play, operations, sides] of STRUCK) {
      const stages = await Stages.set(play);
      const { calls } = await stages.rehearse();
      const struck = [...calls].filter(([operation]) => operations.test(operation));
      await stages.runMatrix(tally, pointsOf(new Map(struck), sides));
    }
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(55);
  },
);
