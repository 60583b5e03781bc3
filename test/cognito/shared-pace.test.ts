import { describe, expect, test } from "vitest";
import { Limiter } from "../../src/cognito/limiter.ts";
import { MemoryRate } from "../support/memory-rate.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const signal = new AbortController().signal;
const KEY = "123456789012/us-east-1/UserCreation";

/** Workers that share a rate, and the moments at which their requests began. */
function someWorkers() {
  const clock = new VirtualClock();
  const rate = new MemoryRate(clock);
  const begun: number[] = [];
  const aWorker = ({ rps = 100, share = 1 } = {}) => {
    const own: number[] = [];
    const news: (number | "slower")[] = [];
    const limiter = new Limiter(
      {
        rps,
        share,
        shared: { rate, key: KEY, signal },
        onSlowDown: () => news.push("slower"),
        onAccountRate: (accountRps) => {
          news.push(accountRps);
          limiter.setRate(accountRps);
        },
      },
      clock,
    );
    const send = (turn: { readonly signal?: AbortSignal; readonly priority?: number } = {}): Promise<void> =>
      limiter.run(
        async () => {
          own.push(clock.now());
          begun.push(clock.now());
        },
        { signal, priority: 0, ...turn },
      );
    return { limiter, send, own, news };
  };
  return { clock, rate, begun, aWorker };
}

/** Sends so many requests at a time, over and over, until one fails. */
function press(send: () => Promise<void>, callers = 60): Promise<unknown> {
  const call = async (): Promise<never> => {
    for (;;) await send();
  };
  return Promise.all(Array.from({ length: callers }, call)).catch((error: unknown) => error);
}

function mostWithin(ms: number, begun: readonly number[]): number {
  return Math.max(0, ...begun.map((from) => begun.filter((at) => at >= from && at < from + ms).length));
}

describe("the rate", () => {
  test.each([
    [1, 0],
    [3, 0],
    [3, 20],
    [2, 300],
  ])(
    "is used by %i workers together, and no more than that, with answers after %i ms",
    async (count, answerMs) => {
      const { clock, rate, begun, aWorker } = someWorkers();
      rate.answerMs = answerMs;
      await Promise.race([rate.noteAccountRate(KEY, 100), clock.advance(1_000)]);
      const workers = Array.from({ length: count }, () => aWorker());
      for (const { send } of workers) void press(send);
      await clock.advance(20_000);
      const seconds = 20 - answerMs / 1000;
      expect(begun.length / (seconds * 100)).toBeGreaterThan(0.975);
      expect(begun.length / (20 * 100)).toBeLessThanOrEqual(0.99 + 0.002);
      // Evenly: nowhere more than a tenth of a second's worth ahead, and half of what an answer takes.
      expect(mostWithin(1_000, begun)).toBeLessThanOrEqual(100 + 10 + (answerMs / 2) * 0.1);
      for (const { own } of workers) expect(own.length).toBeGreaterThan((begun.length / count) * 0.8);
    },
  );

  test("takes a question for some requests together, where many wait", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    for (let count = 0; count < 3; count += 1) void press(aWorker().send);
    await clock.advance(10_000);
    expect(rate.reservations / begun.length).toBeLessThan(0.2);
  });

  test("is not reserved for more requests than wait", async () => {
    const { clock, rate, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const [one, other] = [aWorker(), aWorker()];
    const sent = [one.send(), one.send(), other.send()];
    await clock.advance(30);
    await Promise.all(sent);
    expect([...one.own, ...other.own].length).toBe(3);
    await clock.advance(10);
    expect((await rate.reserve(KEY, { count: 1, rps: 99, notBeforeMs: 0 })).inMs).toBe(0);
  });

  test("is each worker's own: the requests of one with half the share take twice the time", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const [full, half] = [aWorker({ share: 0.8 }), aWorker({ share: 0.4 })];
    void press(half.send);
    await clock.advance(10_000);
    expect(half.own.length / 10).toBeGreaterThan(39);
    expect(half.own.length / 10).toBeLessThanOrEqual(41);
    begun.length = 0;
    void press(full.send);
    await clock.advance(10_000);
    expect(begun.length / 10).toBeGreaterThan(55);
    expect(begun.length / 10).toBeLessThan(65);
  });

  test("that another worker has read of the account is taken, and said once", async () => {
    const { clock, rate, aWorker } = someWorkers();
    const { send, own, news, limiter } = aWorker({ rps: 50 });
    void press(send, 300);
    await clock.advance(1_000);
    expect(own.length).toBeLessThanOrEqual(51);
    await rate.noteAccountRate(KEY, 200);
    own.length = 0;
    await clock.advance(2_000);
    expect(own.length).toBeGreaterThan(2 * 198 - 20);
    expect(news).toEqual([200]);
    expect(limiter.inFlight).toBe(248);
  });
});

describe("turns that are not taken in time are lost", () => {
  test("a worker whose event loop stood still does not come back with a rush", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    for (let count = 0; count < 3; count += 1) void press(aWorker().send);
    await clock.advance(5_000);
    clock.stall(3_000);
    const [before, backMs] = [begun.length, clock.now()];
    await clock.advance(2_000);
    const after = begun.filter((at) => at >= backMs);
    expect(after.length).toBe(begun.length - before);
    // What may be late, in all.
    expect(mostWithin(50, after)).toBeLessThanOrEqual(15 + 5 + 1);
    expect(after.length).toBeLessThanOrEqual(2 * 100 + 15);
    expect(after.length).toBeGreaterThan(2 * 99 - 35);
  });

  test("nothing is saved up while nobody waits", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const { send } = aWorker();
    const first = send();
    await clock.advance(10_000);
    await first;
    const many = Promise.all(Array.from({ length: 50 }, () => send()));
    await clock.advance(1_000);
    await many;
    expect(mostWithin(100, begun.slice(1))).toBeLessThanOrEqual(11);
  });

  test("a worker that is gone takes no more than its own with it", async () => {
    const { clock, rate, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    // One that reserves, and is never heard of again.
    await rate.reserve(KEY, { count: 10, rps: 99, notBeforeMs: 0 });
    const { send, own } = aWorker();
    void press(send);
    await clock.advance(1_000);
    expect(own[0]).toBeGreaterThan(100);
    expect(own.length).toBeGreaterThan(99 - 10 - 3);
  });
});

test("a request of higher priority goes before those that wait", async () => {
  const { clock, aWorker } = someWorkers();
  const { limiter } = aWorker({ rps: 10 });
  const order: string[] = [];
  const send = (name: string, priority: number): Promise<void> =>
    limiter.run(async () => void order.push(name), { signal, priority });
  const all = [send("first", 0), send("second", 0), send("third", 0), send("urgent", 1)];
  await clock.advance(1_000);
  await Promise.all(all);
  expect(order).toEqual(["first", "urgent", "second", "third"]);
});

test("whoever waits is interrupted at once, also while turns are asked for, and others go on", async () => {
  const { clock, rate, aWorker } = someWorkers();
  rate.answerMs = 1_000;
  const { send, own, limiter } = aWorker();
  const controller = new AbortController();
  const waiting = [1, 2, 3].map(() =>
    expect(send({ signal: controller.signal })).rejects.toMatchObject({ code: "INTERRUPTED" }),
  );
  await clock.advance(100);
  controller.abort();
  await Promise.all(waiting);
  const other = send();
  await clock.advance(3_000);
  await other;
  expect(own).toHaveLength(1);
  await limiter.settle();
});

describe("a throttle", () => {
  test("of one worker slows all down, once, and all come back together", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 30);
    const workers = [aWorker(), aWorker(), aWorker()];
    for (const { send } of workers) void press(send);
    await clock.advance(2_000);
    // Requests of each of them were refused, and are answered over some time.
    const sentMs = clock.now();
    for (let round = 0; round < 10; round += 1) {
      for (const { limiter } of workers) void limiter.heedThrottle(sentMs);
      await clock.advance(70);
    }
    for (const { limiter, news } of workers) {
      expect(limiter.rps).toBeGreaterThan(29.7 * 0.85);
      expect(limiter.rps).toBeLessThan(29.7 * 0.88);
      expect(news.filter((each) => each === "slower")).toHaveLength(1);
    }
    begun.length = 0;
    await clock.advance(1_000);
    expect(begun.length).toBeLessThan(28);
    expect(begun.length).toBeGreaterThan(22);
    await clock.advance(8_000);
    const speeds = workers.map(({ limiter }) => limiter.rps);
    expect(Math.max(...speeds) - Math.min(...speeds)).toBeLessThan(0.2);
    for (const speed of speeds) expect(speed).toBeCloseTo(29.7 * 0.97, 1);
    await clock.advance(100_000);
    for (const { limiter } of workers) expect(limiter.rps).toBe(29.7);
  });

  test("after it slows down further, and again only once", async () => {
    const { clock, rate, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const workers = [aWorker(), aWorker()];
    for (const { send } of workers) void press(send);
    await clock.advance(2_000);
    for (let cut = 0; cut < 2; cut += 1) {
      for (const { limiter } of workers) void limiter.heedThrottle(clock.now());
      await clock.advance(1_000);
    }
    for (const { limiter } of workers) {
      expect(limiter.rps).toBeGreaterThan(99 * 0.85 * 0.85);
      expect(limiter.rps).toBeLessThan(99 * 0.85 * 0.85 * 1.08);
    }
  });

  test("is known to a worker that comes later", async () => {
    const { clock, rate, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const early = aWorker();
    void press(early.send);
    await clock.advance(1_000);
    void early.limiter.heedThrottle(clock.now());
    await clock.advance(3_000);
    const late = aWorker();
    void press(late.send);
    await clock.advance(500);
    expect(late.limiter.rps).toBeCloseTo(early.limiter.rps, 0);
    expect(late.limiter.rps).toBeLessThan(95);
  });

  test("again and again leaves a fiftieth of the rate, so that it is noticed when it gets better", async () => {
    const { clock, rate, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    const { limiter, send } = aWorker();
    void press(send);
    for (let cut = 0; cut < 60; cut += 1) {
      await clock.advance(1_500);
      void limiter.heedThrottle(clock.now());
    }
    await clock.advance(1);
    expect(limiter.rps).toBeGreaterThanOrEqual(0.02 * 99);
    expect(limiter.rps).toBeLessThan(0.03 * 99);
  });
});

describe("while the rate cannot be reached", () => {
  test("nothing goes, and it goes on without a rush when it is back", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    await rate.noteAccountRate(KEY, 100);
    for (let count = 0; count < 2; count += 1) void press(aWorker().send);
    await clock.advance(1_000);
    rate.isAway = true;
    await clock.advance(1_000);
    const before = begun.length;
    await clock.advance(40_000);
    expect(begun.length).toBe(before);
    rate.isAway = false;
    await clock.advance(2_000);
    expect(begun.length - before).toBeGreaterThan(100);
    expect(mostWithin(1_000, begun.slice(before))).toBeLessThanOrEqual(100 + 10);
  });

  test("for a minute, requests fail, and those after them at once", async () => {
    const { clock, rate, begun, aWorker } = someWorkers();
    rate.isAway = true;
    const { send } = aWorker();
    const failed = press(send);
    await clock.advance(61_000);
    await expect(failed).resolves.toMatchObject({ code: "LEDGER_UNREACHABLE" });
    await expect(send()).rejects.toMatchObject({ code: "LEDGER_UNREACHABLE" });
    expect(begun).toEqual([]);
  });
});
