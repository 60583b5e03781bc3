import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { nameOf } from "./fault-kinds.ts";
import { FaultyRun, type FaultKind } from "./faulty-run.ts";
import { Tally } from "./figures.ts";
import { MIXED } from "./plays.ts";

const PLANTER = pathToFileURL(fileURLToPath(new URL("plant-bug.ts", import.meta.url))).href;

const RESET = { kind: "reset" } as const;

test.each<{ bug: string; found: RegExp; kinds: readonly FaultKind[] }>([
  {
    bug: "lost-answer-as-success",
    found: /lost: c1/,
    kinds: [
      { by: "network", fault: "reset-unsent" },
      { by: "emulator", moment: "before-effect", fault: RESET },
    ],
  },
  {
    bug: "effect-before-intent",
    found: /doubled: 1 users were created again/,
    kinds: [
      { by: "network", fault: "cut-in-head" },
      { by: "emulator", moment: "after-effect", fault: RESET },
    ],
  },
])(
  "the matrix of faults finds the planted bug $bug, and only where a fault meets it",
  { timeout: 120_000 },
  async ({ bug, found, kinds }) => {
    const session = { env: { NODE_OPTIONS: `--import=${PLANTER}`, PLANTED_BUG: bug } };
    const run = await FaultyRun.of(MIXED);
    const undisturbed = new Tally(bug);
    undisturbed.add("undisturbed", await run.undergo({ name: "undisturbed", faults: [] }, session));
    expect(undisturbed.wrong).toEqual([]);
    for (const kind of kinds) {
      const struck = new Tally(bug);
      const point = { name: nameOf(kind), faults: [{ ...kind, operation: "AdminCreateUser", number: 1 }] };
      struck.add(point.name, await run.undergo(point, session));
      expect(
        struck.wrong.filter((what) => found.test(what)),
        point.name,
      ).not.toEqual([]);
    }
  },
);
