import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { Tally } from "./figures.ts";
import { Stages } from "./matrix.ts";
import { MIXED } from "./plays.ts";
import type { Strike } from "./stage.ts";

const PLANTER = pathToFileURL(fileURLToPath(new URL("plant-bug.ts", import.meta.url))).href;

const WRITES = [44, 60];

test.each<{ bug: string; found: RegExp; strikes: readonly Strike[] }>([
  {
    bug: "settle-before-effect",
    found: /lost|changed/,
    strikes: [
      { operation: "AdminDisableUser", number: 2, side: "before" },
      { operation: "AdminAddUserToGroup", number: 4, side: "before" },
      ...WRITES.map((write) => ({ write, side: "after" as const })),
    ],
  },
  {
    bug: "effect-before-intent",
    found: /doubled|lost/,
    strikes: [
      { operation: "AdminCreateUser", number: 1, side: "after" },
      { operation: "AdminCreateUser", number: 2, side: "after" },
    ],
  },
])(
  "a matrix finds the planted bug $bug, and only where it strikes",
  { timeout: 300_000 },
  async ({ bug, found, strikes }) => {
    const environment = { NODE_OPTIONS: `--import=${PLANTER}`, PLANTED_BUG: bug };
    const stages = await Stages.set(MIXED);
    const [undisturbed, struck] = [new Tally(bug), new Tally(bug)];
    await stages.runMatrix(undisturbed, [{ name: "undisturbed", strikes: [], environment }]);
    expect(undisturbed.wrong).toEqual([]);
    const points = strikes.map((strike) => ({
      name: JSON.stringify(strike),
      strikes: [strike],
      environment,
    }));
    await stages.runMatrix(struck, points);
    expect(struck.wrong.filter((what) => found.test(what))).not.toEqual([]);
  },
);
