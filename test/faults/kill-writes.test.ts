import { expect, test } from "vitest";
import { SIDES } from "../support/hold.ts";
import { Tally } from "./figures.ts";
import { rehearse, runMatrix, type MatrixPoint } from "./matrix.ts";
import { MIXED, UNDO } from "./plays.ts";

/** After one write is before the next, but for the requests between: those are struck by themselves. */
const AFTER_ONE_IN = 4;

/** A kill before every write of the ledger, and after some. */
function pointsOf(writes: number): readonly MatrixPoint[] {
  return Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) => {
    const sides = write % AFTER_ONE_IN === 0 || write === writes ? SIDES : SIDES.slice(0, 1);
    return sides.map((side) => ({ name: `SIGKILL ${side} write ${write}`, strikes: [{ write, side }] }));
  });
}

test(
  "killed before and after any write of the ledger, a run is carried on to the end that the source asks for",
  { timeout: 900_000 },
  async () => {
    const tally = new Tally("kill at writes");
    for (const play of [MIXED, UNDO]) await runMatrix(tally, play, pointsOf((await rehearse(play)).writes));
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(80);
  },
);
