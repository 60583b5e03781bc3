import { expect, test } from "vitest";
import { Tally } from "./figures.ts";
import { Stages } from "./matrix.ts";
import { MIXED } from "./plays.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

test(
  "asked to end at any operation, a session ends with 130, and the run is carried on to its end",
  { timeout: 600_000 },
  async () => {
    const tally = new Tally("signals at requests");
    const stages = await Stages.set(MIXED);
    const { calls } = await stages.rehearse();
    const points = [...calls.keys()].map((operation, index) => {
      const signal = SIGNALS[index % 2] ?? "SIGINT";
      const strikes = [{ operation, number: 1, side: "before" as const, signal }];
      return { name: `${signal} at ${operation}`, strikes };
    });
    await stages.runMatrix(tally, points);
    tally.finish();
    expect(tally.wrong).toEqual([]);
    expect(tally.struck).toBeGreaterThan(10);
  },
);
