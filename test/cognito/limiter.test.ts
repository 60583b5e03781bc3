import { describe, expect, test } from "vitest";
import { Limiter } from "../../src/cognito/limiter.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const signal = new AbortController().signal;

/** A limiter and the moments at which its requests began; each is answered after so many milliseconds. */
function aLimiter({ rps = 50, share = 1, replyMs = 0 } = {}) {
  const clock = new VirtualClock();
  const limiter = new Limiter({ rps, share }, clock);
  const begun: number[] = [];
  const send = (turn: { readonly signal?: AbortSignal; readonly priority?: number } = {}): Promise<void> =>
    limiter.run(
      async () => {
        begun.push(clock.now());
        if (replyMs > 0) await clock.pause(replyMs, signal);
      },
      { signal, priority: 0, ...turn },
    );
  return { clock, limiter, begun, send };
}

/** Sends so many requests at a time, over and over. */
function press(send: () => Promise<void>, workers: number): void {
  const work = async (): Promise<never> => {
    for (;;) await send();
  };
  // They never end; what they throw fails the test that waits for them.
  for (let worker = 0; worker < workers; worker += 1) void work();
}

describe("how much of a rate is used", () => {
  test.each([25, 50, 125])("nearly all of %i a second at a share of 1", async (rps) => {
    const { clock, begun, send } = aLimiter({ rps });
    press(send, 8);
    await clock.advance(20_000);
    expect(begun.length / (20 * rps)).toBeGreaterThan(0.985);
    expect(begun.length / (20 * rps)).toBeLessThanOrEqual(0.99 + 1 / (20 * rps));
  });

  test("four fifths at a share of 0.8", async () => {
    const { clock, begun, send } = aLimiter({ rps: 50, share: 0.8 });
    press(send, 8);
    await clock.advance(10_000);
    expect(begun).toHaveLength(401);
  });

  test("all of it with replies of a second", async () => {
    const { clock, begun, send, limiter } = aLimiter({ rps: 125, replyMs: 1_000 });
    press(send, limiter.inFlight);
    await clock.advance(20_000);
    expect(begun.length / (20 * 125)).toBeGreaterThan(0.985);
  });

  test("all of it while the event loop stands still now and then", async () => {
    const { clock, begun, send } = aLimiter({ rps: 125 });
    press(send, 8);
    for (let round = 0; round < 100; round += 1) {
      await clock.advance(80);
      clock.stall(20);
    }
    expect(begun.length / (10 * 125)).toBeGreaterThan(0.985);
  });
});

test("no more are under way than it says", async () => {
  const { clock, begun, send, limiter } = aLimiter({ rps: 5, replyMs: 60_000 });
  press(send, 100);
  await clock.advance(30_000);
  expect(begun).toHaveLength(limiter.inFlight);
  expect(limiter.inFlight).toBe(16);
});

test("a request of higher priority goes before those that wait", async () => {
  const { clock, limiter } = aLimiter({ rps: 10 });
  const order: string[] = [];
  const send = (name: string, priority: number): Promise<void> =>
    limiter.run(async () => void order.push(name), { signal, priority });
  const all = [send("first", 0), send("second", 0), send("third", 0), send("urgent", 1)];
  await clock.advance(1_000);
  await Promise.all(all);
  expect(order).toEqual(["first", "urgent", "second", "third"]);
});

test("whoever waits for a turn is interrupted at once, and what is under way is not touched", async () => {
  const { clock, send, begun } = aLimiter({ rps: 10, replyMs: 5_000 });
  const controller = new AbortController();
  const first = send({ signal: controller.signal });
  await clock.advance(1);
  const waiting = [send({ signal: controller.signal }), send({ signal: controller.signal })];
  const refusals = waiting.map((each) => expect(each).rejects.toMatchObject({ code: "INTERRUPTED" }));
  controller.abort();
  await Promise.all(refusals);
  await clock.advance(5_000);
  await first;
  expect(begun).toHaveLength(1);
  // Its place is free for others.
  const after = send();
  await clock.advance(5_100);
  await after;
  expect(begun).toHaveLength(2);
});

test("an error of the work comes through, and takes no place away", async () => {
  const { clock, limiter, send, begun } = aLimiter();
  const failing = limiter.run(() => Promise.reject(new Error("no")), { signal, priority: 0 });
  const caught = expect(failing).rejects.toThrow("no");
  await clock.advance(10);
  await caught;
  const next = send();
  await clock.advance(100);
  await next;
  expect(begun).toHaveLength(1);
});

test("another rate counts at once", async () => {
  const { clock, limiter, begun, send } = aLimiter({ rps: 10 });
  press(send, 4);
  await clock.advance(10_000);
  expect(begun).toHaveLength(100);
  limiter.setRate(100);
  await clock.advance(10_000);
  expect(begun.length).toBeGreaterThanOrEqual(100 + 980);
  expect(limiter.inFlight).toBe(124);
});

test("a throttle slows it down, and it comes back", async () => {
  const { clock, limiter, begun, send } = aLimiter({ rps: 20 });
  press(send, 4);
  await clock.advance(1_000);
  await limiter.heedThrottle(1_000);
  expect(limiter.rps).toBeCloseTo(19.8 * 0.85);
  begun.length = 0;
  await clock.advance(1_000);
  expect(begun.length).toBeGreaterThanOrEqual(16);
  expect(begun.length).toBeLessThanOrEqual(18);
  await clock.advance(80_000);
  expect(limiter.rps).toBe(19.8);
});
