import { errors } from "undici";
import { describe, expect, test } from "vitest";
import { dispositionOf, withRetry } from "../../src/cognito/retry.ts";

function anError(name: string, over: object = {}): Error {
  return Object.assign(new Error("said"), { name }, over);
}

describe("what a failed call means", () => {
  test.each([
    {
      what: "TooManyRequestsException",
      error: anError("TooManyRequestsException"),
      disposition: "throttled",
    },
    {
      what: "LimitExceededException, which is no rate",
      error: anError("LimitExceededException", { $metadata: { httpStatusCode: 400 } }),
      disposition: "final",
    },
    { what: "InternalErrorException", error: anError("InternalErrorException"), disposition: "unknown" },
    {
      what: "an unnamed 503",
      error: anError("Unknown", { $metadata: { httpStatusCode: 503 } }),
      disposition: "unknown",
    },
    {
      what: "an HTML page with 500, which no retry mends",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 500 } }),
      disposition: "final",
    },
    {
      what: "a load balancer's HTML page with 503",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 503 } }),
      disposition: "unknown",
    },
    {
      what: "an HTML page with 200",
      error: Object.assign(new SyntaxError("Unexpected token <"), { $metadata: { httpStatusCode: 200 } }),
      disposition: "final",
    },
    { what: "a connection reset", error: anError("Error", { code: "ECONNRESET" }), disposition: "unknown" },
    {
      what: "a reset below fetch failed",
      error: new TypeError("fetch failed", { cause: anError("Error", { code: "ECONNRESET" }) }),
      disposition: "unknown",
    },
    {
      what: "undici's lost socket",
      error: new errors.SocketError("other side closed"),
      disposition: "unknown",
    },
    { what: "InvalidParameterException", error: anError("InvalidParameterException"), disposition: "final" },
    { what: "something that is no error", error: "text", disposition: "final" },
  ])("$what is $disposition", ({ error, disposition }) => {
    expect(dispositionOf(error)).toBe(disposition);
  });
});

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
