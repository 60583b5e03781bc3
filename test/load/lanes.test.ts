import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { interrupted } from "../../src/core/ferry-error.ts";
import { Bell } from "../../src/load/bell.ts";
import { runLanes, type Lane, type Running } from "../../src/load/lanes.ts";

function aSession(): Running & { readonly operator: AbortController } {
  const operator = new AbortController();
  return { operator, signal: operator.signal, halt: new AbortController(), bell: new Bell() };
}

function aLane(name: string, work: () => Promise<void>, over: Partial<Lane> = {}): Lane {
  return { name, work, feeders: [], outlastsTrouble: false, ...over };
}

test("a lane is woken for what others bring it, and looks once more when they have ended", async () => {
  const session = aSession();
  const brought: number[] = [];
  const done: number[][] = [];
  const feeder = aLane("feeder", async () => {
    for (const item of [1, 2]) {
      await delay(10);
      brought.push(item);
      session.bell.ring();
    }
    await delay(10);
    // Brought without a word: the last look finds it.
    brought.push(3);
  });
  const taker = aLane("taker", async () => void done.push(brought.splice(0)), { feeders: ["feeder"] });
  await runLanes([taker, feeder], session);
  expect(done).toEqual([[], [1], [2], [3]]);
});

test("what is brought while a lane works is not missed", async () => {
  const session = aSession();
  let brought = 0;
  const done: number[] = [];
  const feeder = aLane("feeder", async () => {
    await delay(5);
    brought += 1;
    session.bell.ring();
    await delay(40);
  });
  const taker = aLane(
    "taker",
    async () => {
      done.push(brought);
      await delay(15);
    },
    { feeders: ["feeder"] },
  );
  await runLanes([taker, feeder], session);
  expect(done).toEqual([0, 1, 1]);
});

test("the first error ends the others at their next safe point, and is thrown when all have ended", async () => {
  const session = aSession();
  const ends: string[] = [];
  const failing = aLane("failing", async () => {
    await delay(5);
    throw new Error("first");
  });
  const busy = aLane("busy", async () => {
    await delay(30);
    ends.push("busy");
    throw interrupted();
  });
  let looks = 0;
  const waiting = aLane("waiting", async () => void (looks += 1), { feeders: ["busy"] });
  await expect(runLanes([failing, busy, waiting], session)).rejects.toThrow("first");
  expect(ends).toEqual(["busy"]);
  expect(looks).toBe(1);
  expect(session.halt.signal.aborted).toBe(true);
});

test("one that outlasts trouble does what is brought until the last feeder has ended", async () => {
  const session = aSession();
  const brought: string[] = [];
  const done: string[] = [];
  const failing = aLane("failing", async () => {
    brought.push("of the one that failed");
    throw new Error("first");
  });
  const feeder = aLane("feeder", async () => {
    await delay(20);
    brought.push("of the one that goes on");
  });
  const lasting = aLane("lasting", async () => void done.push(...brought.splice(0)), {
    feeders: ["failing", "feeder"],
    outlastsTrouble: true,
  });
  await expect(runLanes([failing, feeder, lasting], session)).rejects.toThrow("first");
  expect(done).toEqual(["of the one that failed", "of the one that goes on"]);
});

test("an interruption ends everyone who waits, also who outlasts trouble", async () => {
  const session = aSession();
  const feeder = aLane("feeder", async () => {
    await delay(10);
    session.operator.abort();
    throw interrupted();
  });
  let looks = 0;
  const lasting = aLane("lasting", async () => void (looks += 1), {
    feeders: ["feeder"],
    outlastsTrouble: true,
  });
  await expect(runLanes([feeder, lasting], session)).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(looks).toBe(1);
});
