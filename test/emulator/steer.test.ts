import { AdminCreateUserCommand, DescribeUserPoolCommand } from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import type { Call, Fault, Hooks } from "../support/emulator.ts";
import { aPool, createJob, upload, type TestPool } from "./support/pool.ts";

async function createAnn({ cognito, poolId }: TestPool): Promise<unknown> {
  return cognito.send(new AdminCreateUserCommand({ UserPoolId: poolId, Username: "ann" }));
}

function isAnnThere({ emulator, poolId }: TestPool): boolean {
  return emulator.state.pools.get(poolId)?.users.byUsername("ann") !== undefined;
}

/** Spoils the n-th request of an operation. */
function spoil(operation: string, number: number, fault: Fault) {
  return (call: Call) => (call.operation === operation && call.number === number ? fault : undefined);
}

const busy: Fault = {
  kind: "error",
  status: 400,
  type: "TooManyRequestsException",
  message: "Rate exceeded",
};

test("counts requests by operation, uploads too", async () => {
  await using pool = await aPool();
  await upload(await createJob(pool), "csv");
  await createJob(pool);
  expect(Object.fromEntries(pool.emulator.requestCounts)).toEqual({
    CreateUserPool: 1,
    CreateUserImportJob: 2,
    PutObject: 1,
  });
});

test.each<[string, Hooks, string, boolean]>([
  ["before", { beforeEffect: spoil("AdminCreateUser", 1, busy) }, "TooManyRequestsException", false],
  ["after", { afterEffect: spoil("AdminCreateUser", 1, busy) }, "TooManyRequestsException", true],
])("answers with a chosen error %s the effect", async (_, hooks, name, isCreated) => {
  await using pool = await aPool({}, { hooks });
  await expect(createAnn(pool)).rejects.toMatchObject({ name, message: "Rate exceeded" });
  expect(isAnnThere(pool)).toBe(isCreated);
  if (isCreated) await expect(createAnn(pool)).rejects.toMatchObject({ name: "UsernameExistsException" });
  else await expect(createAnn(pool)).resolves.toBeDefined();
});

test.each<[string, Hooks, boolean]>([
  ["before", { beforeEffect: spoil("AdminCreateUser", 1, { kind: "drop" }) }, false],
  ["after", { afterEffect: spoil("AdminCreateUser", 1, { kind: "drop" }) }, true],
])("drops the connection %s the effect", async (_, hooks, isCreated) => {
  await using pool = await aPool({}, { hooks });
  await expect(createAnn(pool)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(isAnnThere(pool)).toBe(isCreated);
});

test("leaves every other request alone", async () => {
  await using pool = await aPool({}, { hooks: { beforeEffect: spoil("DescribeUserPool", 2, busy) } });
  const describe = () => pool.cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool.poolId }));
  await expect(describe()).resolves.toBeDefined();
  await expect(describe()).rejects.toMatchObject({ name: "TooManyRequestsException" });
  await expect(describe()).resolves.toBeDefined();
});

test("holds a request for as long as a hook does", async () => {
  const held = Promise.withResolvers<Call>();
  const release = Promise.withResolvers<void>();
  const beforeEffect = async (call: Call) => {
    if (call.operation !== "AdminCreateUser") return;
    held.resolve(call);
    await release.promise;
  };
  await using pool = await aPool({}, { hooks: { beforeEffect } });
  const creating = createAnn(pool);
  expect(await held.promise).toEqual({ operation: "AdminCreateUser", number: 1 });
  expect(isAnnThere(pool)).toBe(false);
  release.resolve();
  await creating;
  expect(isAnnThere(pool)).toBe(true);
});

test("closes while a request is still held", async () => {
  const held = Promise.withResolvers<void>();
  const never = Promise.withResolvers<void>();
  const beforeEffect = async (call: Call) => {
    if (call.operation !== "AdminCreateUser") return;
    held.resolve();
    await never.promise;
  };
  const pool = await aPool({}, { hooks: { beforeEffect } });
  const creating = createAnn(pool);
  await held.promise;
  await pool.emulator.close();
  await expect(creating).rejects.toMatchObject({ code: "ECONNRESET" });
  await pool[Symbol.asyncDispose]();
});

test("spoils uploads before and after they are stored", async () => {
  const slow: Fault = {
    kind: "error",
    status: 503,
    type: "SlowDown",
    message: "Please reduce your request rate.",
  };
  const hooks = {
    beforeEffect: spoil("PutObject", 1, slow),
    afterEffect: spoil("PutObject", 2, { kind: "drop" }),
  };
  await using pool = await aPool({}, { hooks });
  const job = await createJob(pool);
  const stored = () => pool.emulator.state.pools.get(pool.poolId)?.jobs.get(job.JobId ?? "")?.csv;
  const refused = await upload(job, "first");
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain("<Code>SlowDown</Code>");
  expect(stored()).toBeUndefined();
  await expect(upload(job, "second")).rejects.toThrow("fetch failed");
  expect(Buffer.from(stored() ?? []).toString()).toBe("second");
});
