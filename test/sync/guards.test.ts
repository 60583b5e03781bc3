import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type SyncFacts } from "../../src/sync/guards.ts";
import { withDefaultSyncPolicies } from "../../src/sync/sync-policies.ts";

const DEFAULTS = withDefaultSyncPolicies();

/** A full sync of a thousand users in which nothing is to be taken from anybody. */
function facts(over: Partial<SyncFacts> = {}): SyncFacts {
  return {
    kind: "full",
    rows: 1_000,
    lastRows: 1_000,
    managed: 1_000,
    goneFromPool: 0,
    disables: 0,
    deletions: 0,
    losses: 0,
    enables: 0,
    shifted: 0,
    ...over,
  };
}

function codeOf(over: Partial<SyncFacts>, stated = {}, approved?: number): string | undefined {
  return judge(facts(over), { ...DEFAULTS, ...stated }, approved)?.code;
}

describe("the guards of a sync", () => {
  test("let pass where nothing is wrong", () => {
    expect(judge(facts(), DEFAULTS)).toBeUndefined();
  });

  test("stop an empty source, the first time too", () => {
    expect(codeOf({ rows: 0 })).toBe("source-empty");
    expect(codeOf({ rows: 0, lastRows: undefined, managed: 0 })).toBe("source-empty");
  });

  test("say that the pool has lost users, whatever else is wrong: then nobody is created", () => {
    expect(codeOf({ rows: 500, goneFromPool: 201 })).toBe("pool-shrunk");
    expect(codeOf({ rows: 500, goneFromPool: 200 })).toBe("source-shrunk");
  });

  test("let an incremental reading be empty", () => {
    expect(codeOf({ kind: "incremental", rows: 0 })).toBeUndefined();
  });

  test.each([
    [810, undefined],
    [800, undefined],
    [799, "source-shrunk"],
    [790, "source-shrunk"],
  ])("of a source of 1,000 users, %i are left: %s", (rows, code) => {
    expect(codeOf({ rows, disables: Math.min(200, 1_000 - rows) })).toBe(code);
  });

  test("let a small source lose a few users, as a share of some people says nothing", () => {
    expect(codeOf({ rows: 30, lastRows: 50, managed: 50, disables: 20 })).toBeUndefined();
    expect(codeOf({ rows: 29, lastRows: 50, managed: 50 })).toBe("source-shrunk");
    expect(codeOf({ rows: 50, lastRows: 50, managed: 50, disables: 21 })).toBe("too-many-disables");
  });

  test.each([
    ["too-many-disables", { disables: 201 }],
    ["too-many-deletions", { deletions: 201 }],
    ["pool-shrunk", { goneFromPool: 201 }],
    ["too-many-losses", { losses: 201 }],
    ["too-many-enables", { enables: 201 }],
    ["ids-shifted", { shifted: 201 }],
  ])("stop %s above a fifth of the managed users", (code, over) => {
    expect(codeOf(over)).toBe(code);
    const [name = ""] = Object.keys(over);
    expect(codeOf({ [name]: 200 })).toBeUndefined();
  });

  test("hold to the stricter of count and share", () => {
    const large = { rows: 1_000_000, lastRows: 1_000_000, managed: 1_000_000 };
    expect(codeOf({ ...large, disables: 501 })).toBe("too-many-disables");
    expect(codeOf({ ...large, deletions: 501 })).toBe("too-many-deletions");
    expect(codeOf({ ...large, disables: 500, deletions: 500 })).toBeUndefined();
    expect(codeOf({ ...large, disables: 501 }, { maxDisables: 1_000 })).toBeUndefined();
    expect(codeOf({ disables: 201 }, { maxDisables: 1_000 })).toBe("too-many-disables");
  });

  test("take what was approved for a ceiling in the place of every limit, and count what would be removed", () => {
    const wrong = { rows: 0, disables: 500, deletions: 50, goneFromPool: 50, losses: 300, enables: 100 };
    expect(codeOf(wrong, {}, 1_000)).toBeUndefined();
    expect(judge(facts(wrong), DEFAULTS, 999)).toMatchObject({ code: "above-approved", wouldRemove: 1_000 });
    expect(codeOf({}, {}, 0)).toBeUndefined();
  });

  test("never let more pass than the limits say, whatever the numbers are", () => {
    const count = fc.integer({ min: 0, max: 2_000 });
    fc.assert(
      fc.property(count, count, count, count, count, (rows, managed, disables, deletions, goneFromPool) => {
        const passes =
          judge(facts({ rows, managed, disables, deletions, goneFromPool }), DEFAULTS) === undefined;
        const most = 0.2 * Math.max(100, managed);
        const isHarmless = rows >= 800 && disables <= most && deletions <= most && goneFromPool <= most;
        expect(passes).toBe(isHarmless && disables <= 500 && deletions <= 500);
      }),
    );
  });
});
