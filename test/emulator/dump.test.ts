import { AdminCreateUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import { startEmulator, type Emulator } from "../support/emulator.ts";
import { aPool, aRow, createJob, CREDENTIALS, importRows, startJob, upload } from "./support/pool.ts";
import { callCognito, callRaw } from "./support/raw.ts";
import { callControl } from "./support/control.ts";

/** A pool with a bit of everything in it. */
async function aFullPool() {
  const pool = await aPool(
    { AliasAttributes: ["email"], UsernameConfiguration: { CaseSensitive: false }, Schema: [{ Name: "x" }] },
    {},
  );
  await importRows(pool, [aRow({ name: "Ann\\, née Öz" }), aRow({ "cognito:username": "bad", email: "" })]);
  await upload(await createJob(pool, "later"), "a,b\n");
  const bob = new AdminCreateUserCommand({
    UserPoolId: pool.poolId,
    Username: "bob",
    UserAttributes: [{ Name: "email", Value: "bob@example.com" }],
    DesiredDeliveryMediums: ["EMAIL"],
    TemporaryPassword: "Password1!",
  });
  await pool.cognito.send(bob);
  return pool;
}

/** Everything that the API shows of the pools, the users, the jobs and the logs. */
async function lookAround(emulator: Emulator, poolId: string): Promise<readonly unknown[]> {
  const ask = async (operation: string, body: object) => {
    const { status, body: answer } = await callCognito(emulator, operation, { UserPoolId: poolId, ...body });
    return { status, answer };
  };
  const [group] = emulator.state.logs.groups.values();
  const [stream] = group?.streams.keys() ?? [];
  const place = { logGroupName: group?.name, logStreamName: stream, startFromHead: true };
  return [
    await ask("DescribeUserPool", {}),
    await ask("ListUsers", {}),
    await ask("ListUsers", { Filter: 'email = "bob@example.com"' }),
    await ask("ListUserImportJobs", { MaxResults: 10 }),
    await callRaw(emulator, "Logs_20140328.GetLogEvents", place).then(({ body }) => body),
    await ask("AdminCreateUser", { Username: "ANN" }),
    await ask("AdminGetUser", { Username: "ann@example.com" }),
    emulator.control.stats().monthlyActiveUsers,
    emulator.control.outbox,
  ];
}

test("a dump, restored elsewhere in process, shows the same", async () => {
  await using pool = await aFullPool();
  const dump = [...pool.emulator.control.dump()];
  await using other = await startEmulator({ quotas: "off", credentials: CREDENTIALS });
  await other.control.restore(dump);
  await using third = await startEmulator({ quotas: "off" });
  await third.control.restore(dump);
  expect([...third.control.dump()]).toEqual(dump);
});

test("a dump, restored elsewhere over HTTP, shows the same", async () => {
  await using pool = await aFullPool();
  const dump = await callControl(pool.emulator, "GET", "dump");
  await using other = await startEmulator({ quotas: "off" });
  await callControl(other, "PUT", "dump", dump);
  expect(await callControl(other, "GET", "dump")).toBe(dump);
  await using third = await startEmulator({ quotas: "off" });
  await callControl(third, "PUT", "dump", dump);
  expect(await lookAround(third, pool.poolId)).toEqual(await lookAround(other, pool.poolId));
  expect(await lookAround(other, pool.poolId)).toHaveLength(9);
});

test("a dump holds each user once, with its attributes by name", async () => {
  await using pool = await aFullPool();
  const users = [...pool.emulator.control.dump()].filter(({ kind }) => kind === "user");
  expect(users).toMatchObject([
    {
      username: "ann",
      status: "RESET_REQUIRED",
      enabled: true,
      attributes: { name: "Ann, née Öz" },
      groups: [],
    },
    { username: "bob", credential: { kind: "temporary", password: "Password1!" } },
  ]);
});

test("what changes after a dump does not change the dump", async () => {
  await using pool = await aFullPool();
  const dump = [...pool.emulator.control.dump()];
  const before = structuredClone(dump);
  const jobs = [...(pool.emulator.state.pools.get(pool.poolId)?.jobs.values() ?? [])];
  for (const job of jobs) job.counts.failed += 1;
  expect(dump).toEqual(before);
});

test("a dump is refused while an import job runs", async () => {
  await using pool = await aPool({}, { rules: { jobStartDelayMs: 600_000 } });
  const job = await createJob(pool);
  await upload(job, "csv");
  await startJob(pool, job.JobId);
  await expect(callControl(pool.emulator, "GET", "dump")).rejects.toThrow(
    `400 {"error":"import job ${job.JobId} is running: dump when it has ended"}`,
  );
});

test.each([
  ["nothing", "", "the dump is empty"],
  ["no account line first", '{"kind":"message","message":{}}', "a dump begins with its account line"],
  [
    "another region",
    '{"kind":"account","version":1,"accountId":"123456789012","region":"eu-west-1"}',
    "this is a dump of account 123456789012 in eu-west-1, not of 123456789012 in us-east-1",
  ],
  ["another version", '{"kind":"account","version":2}', "this is a dump of version 2, not 1"],
  [
    "a user before its pool",
    '{"kind":"account","version":1,"accountId":"123456789012","region":"us-east-1"}\n{"kind":"user","poolId":"eu-west-1_x","attributes":{},"groups":[]}',
    "the dump has no pool eu-west-1_x",
  ],
  [
    "half a line",
    '{"kind":"account","version":1,"accountId":"123456789012","region":"us-east-1"}\n{"kind":"user","password":"Secret1!',
    'line 2 of the dump is not JSON"',
  ],
  [
    "no end",
    '{"kind":"account","version":1,"accountId":"123456789012","region":"us-east-1"}\n',
    "the dump is cut off: its end is missing",
  ],
  [
    "a line of the future",
    '{"kind":"account","version":1,"accountId":"123456789012","region":"us-east-1"}\n{"kind":"device"}',
    "no lines of kind device",
  ],
])("a broken dump, with %s, is refused and changes nothing", async (_, dump, message) => {
  await using pool = await aFullPool();
  const before = [...pool.emulator.control.dump()];
  await expect(callControl(pool.emulator, "PUT", "dump", dump)).rejects.toThrow(message);
  expect([...pool.emulator.control.dump()]).toEqual(before);
});

test("a reset forgets everything but the settings", async () => {
  await using pool = await aFullPool();
  const { control } = pool.emulator;
  control.planFault({ operation: "*", count: 0, fault: { kind: "drop" } });
  control.changeRules({ jobsInPool: 3 });
  await callControl(pool.emulator, "DELETE", "dump");
  expect([...control.dump()].map(({ kind }) => kind)).toEqual(["account", "end"]);
  expect([control.faults, control.outbox, control.rules.jobsInPool]).toEqual([[], [], 3]);
});

test("goes on when whoever asked for a large dump hangs up in its middle", async () => {
  await using pool = await aPool();
  const users = pool.emulator.state.pools.get(pool.poolId)?.users;
  const attributes = ["name", "x".repeat(2000)];
  for (let number = 0; number < 20_000; number += 1) {
    const username = `u${number}`;
    users?.add({ username, sub: username, status: "CONFIRMED", attributes, aliases: [], nowMs: 0 });
  }
  const asking = new AbortController();
  const response = await fetch(`${pool.emulator.url}/_emulator/dump`, { signal: asking.signal });
  await response.body?.getReader().read();
  asking.abort();
  const dump = String(await callControl(pool.emulator, "GET", "dump"));
  expect(dump.match(/"kind":"user"/g)).toHaveLength(20_000);
});
