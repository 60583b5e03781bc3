import { expect, test } from "vitest";

import { startEmulator, type Emulator, type Fault, type PlannedFault } from "../support/emulator.ts";
import { callCognito, callRaw } from "./support/raw.ts";
import { callControl } from "./support/control.ts";

const CREATE = "CreateUserPool";

const create = (emulator: Emulator) => callCognito(emulator, CREATE, { PoolName: "people" });

/** Faults are planned by a test in process and over HTTP; both must do the same. */
const WAYS: readonly (readonly [string, (emulator: Emulator, fault: PlannedFault) => Promise<unknown>])[] = [
  ["in process", async (emulator, fault) => emulator.control.planFault(fault)],
  ["over HTTP", async (emulator, fault) => callControl(emulator, "POST", "faults", fault)],
];

/** What a client sees of each fault. */
const SEEN: readonly (readonly [Fault, unknown])[] = [
  [
    { kind: "error", status: 500, type: "InternalErrorException", message: "Not today" },
    { status: 500, type: "InternalErrorException", message: "Not today" },
  ],
  [{ kind: "throttle" }, { status: 400, type: "TooManyRequestsException", message: "Rate exceeded" }],
  [
    { kind: "html", status: 503 },
    { status: 503, html: true },
  ],
  [{ kind: "drop" }, { cause: "UND_ERR_SOCKET" }],
  [{ kind: "reset" }, { cause: "ECONNRESET" }],
  [{ kind: "truncate" }, { cause: "UND_ERR_SOCKET" }],
];

/** Creates a pool, and tells what the client saw of the answer. */
async function lookAt(emulator: Emulator): Promise<unknown> {
  try {
    const response = await fetch(emulator.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${CREATE}`,
        authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}`,
      },
      body: '{"PoolName":"people"}',
    });
    const text = await response.text();
    const { status } = response;
    if (response.headers.get("content-type") === "text/html")
      return { status, html: text.includes("<html>") };
    const { __type: type, message } = JSON.parse(text) as Record<string, string>;
    return { status, type, message };
  } catch (error) {
    return { cause: ((error as Error).cause as { code: string }).code };
  }
}

for (const [way, plan] of WAYS) {
  for (const [fault, seen] of SEEN) {
    test.each(["before-effect", "after-effect"] as const)(
      `${fault.kind}, planned ${way}, %s: the client sees it once`,
      async (moment) => {
        await using emulator = await startEmulator();
        await plan(emulator, { operation: CREATE, moment, fault });
        await expect(lookAt(emulator)).resolves.toEqual(seen);
        expect(emulator.state.pools.size).toBe(moment === "before-effect" ? 0 : 1);
        expect(emulator.control.stats().operations[CREATE]).toEqual({ requests: 1, refused: {}, spoilt: 1 });
        expect((await create(emulator)).status).toBe(200);
      },
    );
  }
}

test("a planned fault meets the requests that its numbers say", async () => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, from: 2, count: 2, fault: { kind: "throttle" } });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count += 1) statuses.push((await create(emulator)).status);
  expect(statuses).toEqual([200, 400, 400, 200, 200]);
});

test("a planned fault for any operation counts all requests, and one without an end goes on until it is cleared", async () => {
  await using emulator = await startEmulator();
  await create(emulator);
  emulator.control.planFault({ operation: "*", count: 0, fault: { kind: "html", status: 502 } });
  expect(emulator.control.faults).toEqual([
    { operation: "*", from: 2, count: 0, met: 0, fault: { kind: "html", status: 502 } },
  ]);
  await expect(lookAt(emulator)).resolves.toMatchObject({ status: 502 });
  await expect(lookAt(emulator)).resolves.toMatchObject({ status: 502 });
  expect(emulator.control.faults).toMatchObject([{ met: 2 }]);
  emulator.control.clearFaults();
  expect((await create(emulator)).status).toBe(200);
});

test("a throttle of CloudWatch Logs has the error of CloudWatch Logs", async () => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: "DescribeLogGroups", fault: { kind: "throttle" } });
  const { body } = await callRaw(emulator, "Logs_20140328.DescribeLogGroups");
  expect(body["__type"]).toBe("ThrottlingException");
});

test("a delayed request is answered later", async () => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, fault: { kind: "delay", delayMs: 80 } });
  const startedMs = performance.now();
  expect((await create(emulator)).status).toBe(200);
  expect(performance.now() - startedMs).toBeGreaterThan(75);
});

test("a held request goes on when it is released, as if nothing had been", async () => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, fault: { kind: "hold", name: "here" } });
  const creating = create(emulator);
  expect(await emulator.control.waitUntilHeld("here")).toEqual({
    operation: CREATE,
    number: 1,
    name: "here",
  });
  expect(emulator.state.pools.size).toBe(0);
  expect(emulator.control.release("elsewhere")).toBe(0);
  expect(emulator.control.release("here")).toBe(1);
  expect((await creating).status).toBe(200);
  expect(emulator.control.held).toEqual([]);
});

test.each([
  ["before-effect", 0],
  ["after-effect", 1],
] as const)("a request held %s can be let go without an answer", async (moment, pools) => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, moment, fault: { kind: "hold", name: "here" } });
  const creating = create(emulator);
  await emulator.control.waitUntilHeld("here");
  emulator.control.release("here", "drop");
  await expect(creating).rejects.toThrow("fetch failed");
  expect(emulator.state.pools.size).toBe(pools);
});

test("several faults meet one request in the order in which they were planned", async () => {
  await using emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, fault: { kind: "hold", name: "here" } });
  emulator.control.planFault({ operation: CREATE, fault: { kind: "html", status: 504 } });
  const looking = lookAt(emulator);
  await emulator.control.waitUntilHeld("here");
  emulator.control.release("here");
  await expect(looking).resolves.toEqual({ status: 504, html: true });
});

test("closes while requests are delayed and held", async () => {
  const emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, fault: { kind: "delay", delayMs: 600_000 } });
  emulator.control.planFault({ operation: CREATE, from: 2, fault: { kind: "hold", name: "here" } });
  const requests = [create(emulator), create(emulator)];
  await emulator.control.waitUntilHeld("here");
  const settled = Promise.allSettled(requests);
  await emulator.close();
  expect((await settled).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("a fault for any operation counts all requests together", async () => {
  await using emulator = await startEmulator();
  await create(emulator);
  emulator.control.planFault({ operation: "*", from: 3, count: 2, fault: { kind: "throttle" } });
  const list = () => callCognito(emulator, "ListUserPools", { MaxResults: 1 });
  const answers = [await list(), await list(), await create(emulator), await list()];
  expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 200]);
});

test("a fault for an operation that does not exist is refused, as it would never fire", async () => {
  await using emulator = await startEmulator();
  const fault = { operation: "CreateUserPol", fault: { kind: "drop" } } as const;
  expect(() => emulator.control.planFault(fault)).toThrow("there is no operation CreateUserPol here");
  await expect(callControl(emulator, "POST", "faults", fault)).rejects.toThrow(
    "there is no operation CreateUserPol",
  );
});

test("waiting for a request to be held ends with the emulator", async () => {
  const emulator = await startEmulator();
  const waiting = emulator.control.waitUntilHeld("never");
  await emulator.close();
  await expect(waiting).rejects.toThrow("the emulator was closed before never was held");
});

test.each<[string, Fault]>([
  ["delayed", { kind: "delay", delayMs: 600_000 }],
  ["held", { kind: "hold", name: "here" }],
])("closing ends a request that is %s, without its effect, and none is held after it", async (_, fault) => {
  const emulator = await startEmulator();
  emulator.control.planFault({ operation: CREATE, fault });
  emulator.control.planFault({ operation: CREATE, fault: { kind: "hold", name: "there" } });
  const creating = create(emulator);
  await expect.poll(() => emulator.requestCounts.get(CREATE)).toBe(1);
  await Promise.all([emulator.close(), expect(creating).rejects.toThrow("fetch failed")]);
  expect(emulator.state.pools.size).toBe(0);
  expect(emulator.control.held).toEqual([]);
});
