import { expect, test } from "vitest";
import { FerryError } from "../../src/core/ferry-error.ts";
import { RetryBudget } from "../../src/cognito/retry-budget.ts";
import { withRetry } from "../../src/cognito/retry.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

function anError(name: string, over: object = {}): Error {
  return Object.assign(new Error("said"), { name }, over);
}

/** Fails with these errors in turn, then answers; counts its calls. */
function aCall(failures: readonly Error[]): { call: () => Promise<string>; count: () => number } {
  let calls = 0;
  return {
    call: async () => {
      const failure = failures[calls];
      calls += 1;
      if (failure !== undefined) throw failure;
      return "answer";
    },
    count: () => calls,
  };
}

const signal = new AbortController().signal;

test("a safe call is repeated after a throttle and after a lost reply", async () => {
  const { call, count } = aCall([anError("TooManyRequestsException"), anError("InternalErrorException")]);
  expect(await withRetry(call, { repeat: "safe", signal })).toBe("answer");
  expect(count()).toBe(3);
});

test("a call with an effect is repeated after a throttle, but never after a lost reply", async () => {
  const lost = anError("Error", { code: "ECONNRESET" });
  const { call, count } = aCall([anError("TooManyRequestsException"), lost]);
  await expect(withRetry(call, { repeat: "once", signal })).rejects.toBe(lost);
  expect(count()).toBe(2);
});

test("a refusal is not repeated", async () => {
  const { call, count } = aCall([anError("InvalidParameterException")]);
  await expect(withRetry(call, { repeat: "safe", signal })).rejects.toThrow("said");
  expect(count()).toBe(1);
});

test("a trouble from before a request was sent is not repeated, whatever has caused it", async () => {
  const cause = anError("Error", { code: "ECONNREFUSED" });
  const away = new FerryError("LEDGER_UNREACHABLE", "away", { hint: "wait", cause });
  const { call, count } = aCall([away]);
  await expect(withRetry(call, { repeat: "safe", signal })).rejects.toBe(away);
  expect(count()).toBe(1);
});

test("an interruption ends the waiting at once", async () => {
  const controller = new AbortController();
  const { call, count } = aCall(Array.from({ length: 8 }, () => anError("TooManyRequestsException")));
  const retried = withRetry(call, {
    repeat: "safe",
    signal: controller.signal,
    onRetry: () => controller.abort(),
  });
  await expect(retried).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(count()).toBe(1);
});

test("an answer that comes after an interruption counts where it was waited for, and is not counted where it was cut off", async () => {
  const controller = new AbortController();
  controller.abort();
  const refusal = anError("UsernameExistsException");
  const interrupted = { repeat: "once", signal: controller.signal } as const;
  const finishing = withRetry(aCall([refusal]).call, { ...interrupted, whenInterrupted: "finish" });
  await expect(finishing).rejects.toBe(refusal);
  await expect(withRetry(aCall([refusal]).call, interrupted)).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("a lost reply stays one after an interruption, and nothing is repeated any more", async () => {
  const controller = new AbortController();
  controller.abort();
  const finish = { signal: controller.signal, whenInterrupted: "finish" } as const;
  const lost = anError("Error", { code: "ECONNRESET" });
  await expect(withRetry(aCall([lost]).call, { ...finish, repeat: "once" })).rejects.toBe(lost);
  const safe = aCall([lost]);
  await expect(withRetry(safe.call, { ...finish, repeat: "safe" })).rejects.toMatchObject({
    code: "INTERRUPTED",
  });
  expect(safe.count()).toBe(1);
});

function throttles(count: number): readonly Error[] {
  return Array.from({ length: count }, () => anError("TooManyRequestsException"));
}

test("a call that is throttled is given up after a minute at the earliest, and two at the latest", async () => {
  const clock = new VirtualClock();
  const { call } = aCall(throttles(100));
  const givenUp = expect(withRetry(call, { repeat: "once", signal, clock })).rejects.toThrow("said");
  let seconds = 0;
  const counting = givenUp.then(() => (seconds = clock.now() / 1000));
  for (let second = 0; second < 200; second += 1) await clock.advance(1_000);
  await counting;
  expect(seconds).toBeGreaterThan(55);
  expect(seconds).toBeLessThan(130);
});

test("throttles do not use up the tries of lost replies, nor the budget", async () => {
  const clock = new VirtualClock();
  const budget = anEmptyBudget();
  const { call } = aCall(throttles(12));
  const answered = withRetry(call, { repeat: "safe", signal, clock, budget });
  await clock.advance(200_000);
  expect(await answered).toBe("answer");
});

function anEmptyBudget(): RetryBudget {
  const budget = new RetryBudget();
  while (budget.spend());
  return budget;
}

test("with an empty budget a lost reply is not repeated, until enough calls were answered", async () => {
  const clock = new VirtualClock();
  const budget = anEmptyBudget();
  const lost = anError("InternalErrorException");
  const options = { repeat: "safe", signal, clock, budget } as const;
  await expect(withRetry(aCall([lost]).call, options)).rejects.toBe(lost);
  for (let answers = 0; answers < 11; answers += 1) await withRetry(aCall([]).call, options);
  const repeated = withRetry(aCall([lost]).call, options);
  await clock.advance(1_000);
  expect(await repeated).toBe("answer");
});

test("the call is told which try it is", async () => {
  const clock = new VirtualClock();
  const attempts: number[] = [];
  const call = async (attempt: number): Promise<void> => {
    attempts.push(attempt);
    if (attempt < 3) throw anError("TooManyRequestsException");
  };
  const called = withRetry(call, { repeat: "once", signal, clock });
  await clock.advance(10_000);
  await called;
  expect(attempts).toEqual([1, 2, 3]);
});
