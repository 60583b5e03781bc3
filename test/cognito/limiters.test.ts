import { describe, expect, test } from "vitest";
import { isThrottle } from "../../src/cognito/error-class.ts";
import { interrupted } from "../../src/core/ferry-error.ts";
import { Limiters, type ReadRate } from "../../src/cognito/limiters.ts";
import type { Operation } from "../../src/cognito/quota.ts";
import type { WireEvent } from "../../src/cognito/wire-event.ts";
import { MemoryRate } from "../support/memory-rate.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const signal = new AbortController().signal;

function someLimiters({
  share = 1,
  readRate = async () => {
    throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
  },
}: { readonly share?: number; readonly readRate?: ReadRate } = {}) {
  const clock = new VirtualClock();
  const events: WireEvent[] = [];
  const limiters = new Limiters({ share, readRate, observe: (event) => events.push(event), clock });
  const begun: { readonly operation: Operation; readonly atMs: number }[] = [];
  const send = (operation: Operation, answer: () => Promise<void> = async () => undefined): Promise<void> => {
    const work = (): Promise<void> => {
      begun.push({ operation, atMs: clock.now() });
      return answer();
    };
    return limiters.run(operation, work, { signal, priority: 0, isThrottle });
  };
  const sendMany = (operation: Operation, count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => send(operation)));
  const countOf = (...operations: readonly Operation[]): number =>
    begun.filter(({ operation }) => operations.includes(operation)).length;
  return { clock, limiters, events, begun, send, sendMany, countOf };
}

test("categories do not wait for each other, and operations of one category share its rate", async () => {
  const { clock, sendMany, countOf } = someLimiters({ share: 0.8 });
  const all = [
    sendMany("AdminCreateUser", 500),
    sendMany("AdminDisableUser", 200),
    sendMany("AdminAddUserToGroup", 200),
    sendMany("ListUsers", 300),
  ];
  await clock.advance(10_000);
  expect(countOf("AdminCreateUser")).toBe(401);
  expect(countOf("AdminDisableUser", "AdminAddUserToGroup")).toBe(201);
  expect(countOf("ListUsers")).toBe(241);
  await clock.advance(20_000);
  await Promise.all(all);
});

test("an operation of a pool's own resources is held to five a second, and all of them to their category's rate", async () => {
  const { clock, sendMany, countOf } = someLimiters({ share: 0.8 });
  const reads = ["DescribeUserImportJob", "GetCSVHeader", "ListGroups", "ListUserImportJobs"] as const;
  const all = reads.map((operation) => sendMany(operation, 60));
  await clock.advance(10_000);
  for (const operation of reads) expect(countOf(operation)).toBeLessThanOrEqual(41);
  expect(countOf(...reads)).toBeGreaterThan(155);
  expect(countOf(...reads)).toBeLessThanOrEqual(161);
  await clock.advance(10_000);
  await Promise.all(all);
});

describe("the account's rates", () => {
  test("take the place of the documented ones, and are asked for once", async () => {
    const asked: string[] = [];
    const readRate = async (category: string): Promise<number> => {
      asked.push(category);
      return 200;
    };
    const { clock, sendMany, countOf, events, limiters } = someLimiters({ share: 0.8, readRate });
    const all = sendMany("AdminCreateUser", 1_600);
    await clock.advance(5_000);
    expect(countOf("AdminCreateUser")).toBeGreaterThan(790);
    expect(countOf("AdminCreateUser")).toBeLessThanOrEqual(801);
    expect(asked).toEqual(["UserCreation"]);
    expect(events).toEqual([{ kind: "quota-read", category: "UserCreation", rps: 200 }]);
    expect(limiters.inFlight("AdminCreateUser")).toBe(200);
    await clock.advance(6_000);
    await all;
  });

  test("are taken to be the documented ones where they cannot be read, and that is said", async () => {
    const { clock, sendMany, countOf, events } = someLimiters({ share: 0.8 });
    const all = sendMany("AdminCreateUser", 50);
    await clock.advance(1_000);
    expect(countOf("AdminCreateUser")).toBe(41);
    expect(events).toEqual([
      { kind: "quota-assumed", category: "UserCreation", rps: 50, error: "AccessDeniedException" },
    ]);
    await clock.advance(1_000);
    await all;
  });

  test("are waited for before the first request, so that an account with less need not refuse any", async () => {
    const answer = Promise.withResolvers<number>();
    const { clock, sendMany, countOf } = someLimiters({ readRate: () => answer.promise });
    const all = sendMany("AdminCreateUser", 30);
    await clock.advance(900);
    expect(countOf("AdminCreateUser")).toBe(0);
    answer.resolve(5);
    await clock.advance(2_000);
    expect(countOf("AdminCreateUser")).toBeGreaterThanOrEqual(10);
    expect(countOf("AdminCreateUser")).toBeLessThanOrEqual(11);
    await clock.advance(6_000);
    await all;
  });

  test("are waited for a second and no longer, and nothing is said when everything was done before they came", async () => {
    const answer = Promise.withResolvers<number>();
    const { clock, send, limiters, events, countOf } = someLimiters({ readRate: () => answer.promise });
    const sent = send("AdminCreateUser");
    await clock.advance(999);
    expect(countOf("AdminCreateUser")).toBe(0);
    await clock.advance(2);
    await sent;
    answer.reject(interrupted());
    await limiters.settle();
    expect(events).toEqual([]);
  });

  test("are not asked for where they do not grow with the users", async () => {
    const { clock, send, events, limiters } = someLimiters();
    const sent = [send("DescribeUserPool"), send("CreateUserImportJob"), send("GetLogEvents")];
    await clock.advance(1_000);
    await Promise.all(sent);
    await limiters.settle();
    expect(events).toEqual([]);
  });
});

test("a throttle slows its category down and no other, and is told once", async () => {
  const { clock, send, sendMany, countOf, events } = someLimiters();
  const throttle = Object.assign(new Error("Rate exceeded"), { name: "TooManyRequestsException" });
  const refused = ["one", "two"].map(() =>
    expect(send("AdminDisableUser", () => Promise.reject(throttle))).rejects.toBe(throttle),
  );
  await clock.advance(100);
  await Promise.all(refused);
  const all = [sendMany("AdminAddUserToGroup", 100), sendMany("AdminCreateUser", 100)];
  await clock.advance(1_000);
  expect(countOf("AdminAddUserToGroup")).toBeLessThanOrEqual(23);
  expect(countOf("AdminCreateUser")).toBeGreaterThanOrEqual(49);
  expect(events.filter(({ kind }) => kind === "slowed-down")).toHaveLength(1);
  await clock.advance(10_000);
  await Promise.all(all);
});

describe("quotas that are shared", () => {
  const scope = { account: "123456789012", region: "eu-west-1", userPoolId: "eu-west-1_aaaaaaaaa" };

  test("go by account, Region and category, and those of a pool's own resources by the pool too", async () => {
    const clock = new VirtualClock();
    const rate = new MemoryRate(clock);
    const limiters = new Limiters({
      share: 0.8,
      readRate: async () => 400,
      observe: () => undefined,
      clock,
      shared: { rate, ...scope },
    });
    const turn = { signal, priority: 0, isThrottle };
    const sent = (["AdminCreateUser", "CreateGroup"] as const).map((operation) =>
      limiters.run(operation, async () => undefined, turn),
    );
    await clock.advance(1_000);
    await Promise.all(sent);
    await limiters.settle();
    expect(rate.keys.toSorted()).toEqual([
      "123456789012/eu-west-1/CreateGroup/eu-west-1_aaaaaaaaa",
      "123456789012/eu-west-1/UserCreation",
      "123456789012/eu-west-1/UserPoolResourceUpdate",
    ]);
  });

  test("need the account's rate read by one worker only", async () => {
    const clock = new VirtualClock();
    const rate = new MemoryRate(clock);
    const events: WireEvent[] = [];
    const unread = Promise.withResolvers<never>();
    const readRate: ReadRate = (_category, reading) => {
      reading.addEventListener("abort", () => unread.reject(interrupted()));
      return unread.promise;
    };
    const limiters = new Limiters({
      share: 0.8,
      readRate,
      observe: (event) => events.push(event),
      clock,
      shared: { rate, ...scope },
    });
    await rate.noteAccountRate("123456789012/eu-west-1/UserCreation", 400);
    const sent = limiters.run("AdminCreateUser", async () => undefined, { signal, priority: 0, isThrottle });
    await clock.advance(100);
    await sent;
    await limiters.settle();
    expect(events).toEqual([{ kind: "quota-read", category: "UserCreation", rps: 400 }]);
    expect(limiters.inFlight("AdminCreateUser")).toBe(400);
  });
});

test("another error slows nothing down", async () => {
  const { clock, send, events } = someLimiters();
  const refusal = Object.assign(new Error("no"), { name: "LimitExceededException" });
  const refused = expect(send("AdminDisableUser", () => Promise.reject(refusal))).rejects.toBe(refusal);
  await clock.advance(100);
  await refused;
  expect(events.map(({ kind }) => kind)).not.toContain("slowed-down");
});
