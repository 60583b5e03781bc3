import { expect, test } from "vitest";
import { Tally } from "./figures.ts";
import { Stages, type MatrixPoint } from "./matrix.ts";
import { MIXED, UNDO } from "./plays.ts";

/** A kill before every write of the ledger, and after the last: after one is before the next, and requests between are struck by themselves. */
function pointsOf(writes: number): readonly MatrixPoint[] {
  const before = Array.from({ length: writes }, (_, index) => ({
    name: `SIGKILL before write ${index + 1}`,
    strikes: [{ write: index + 1, side: "before" as const }],
  }));
  return [
    ...before,
    { name: "SIGKILL after the last write", strikes: [{ write: writes, side: "after" as const }] },
  ];
}

test(
  "killed before any write of the ledger, and after the last, a run is carried on to the end that the source asks for",
  { timeout: 900_000 },
  async () => {
    const tally = new Tally("kill at writes");
    for (const play of [MIXED, UNDO]) {
      const stages = await Stages.set(play);
      const { writes } = await stages.rehearse();
      await stages.runMatrix(tally, pointsOf(writes));
    }
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(80);
  },
);
