import { AdminCreateUserCommand, AdminGetUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { expect, test } from "vitest";

import { startEmulator } from "../support/emulator.ts";
import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, aRow, createJob, describeJob, importRows } from "./support/pool.ts";
import { callCognito } from "./support/raw.ts";
import { callControl } from "./support/control.ts";

test("the clock stands, moves on and runs again, and the emulator goes by it", async () => {
  await using pool = await aPool();
  const { clock } = pool.emulator.control;
  clock.stopAt(Date.UTC(2030, 0, 1));
  const job = await createJob(pool);
  expect(job.CreationDate).toEqual(new Date("2030-01-01T00:00:00Z"));
  clock.advance(23 * 3_600_000);
  expect((await describeJob(pool, job.JobId)).Status).toBe("Created");
  clock.advance(3_600_000);
  expect((await describeJob(pool, job.JobId)).Status).toBe("Expired");
  clock.run();
  expect(clock.isStanding).toBe(false);
  const second = Date.UTC(2030, 0, 2);
  expect(clock.now()).toBeGreaterThanOrEqual(second);
  expect(clock.now()).toBeLessThan(second + 60_000);
});

test.each([{ stopAtMs: 1e17 }, { stopAtMs: -1 }, { advanceMs: 1e15 }, { advanceMs: -1e15 }])(
  "the clock over HTTP: %o is refused, as no date could be written for it",
  async (change) => {
    await using emulator = await startEmulator();
    await expect(callControl(emulator, "PATCH", "clock", change)).rejects.toThrow("is no time from 1970");
    expect(Math.abs(emulator.control.clock.now() - Date.now())).toBeLessThan(60_000);
  },
);

test("the clock over HTTP", async () => {
  await using emulator = await startEmulator();
  const stopped = await callControl(emulator, "PATCH", "clock", { stopAtMs: 5000, advanceMs: 10 });
  expect(stopped).toEqual({ nowMs: 5010, isStanding: true });
  expect(emulator.control.clock.now()).toBe(5010);
  await callControl(emulator, "PATCH", "clock", { run: true });
  expect(await callControl(emulator, "GET", "clock")).toMatchObject({ isStanding: false });
  expect(emulator.control.clock.now()).toBeLessThan(600_000);
  await callControl(emulator, "PATCH", "clock", { reset: true });
  expect(Math.abs(emulator.control.clock.now() - Date.now())).toBeLessThan(60_000);
  await expect(callControl(emulator, "PATCH", "clock", {})).rejects.toThrow(
    "say stopAtMs, advanceMs, run or reset",
  );
  await expect(callControl(emulator, "PATCH", "clock", { run: false })).rejects.toThrow(/^400 .*run/);
});

test("settings change while it runs", async () => {
  await using pool = await aPool();
  pool.emulator.control.changeRules({ firstLineNumber: 1, texts: { aliasTaken: "Taken." } });
  const { lines } = await importRows(pool, [aRow()]);
  expect(lines).toEqual(["[SUCCEEDED] Line Number 1 - The import succeeded."]);
  expect(pool.emulator.control.rules.texts).toEqual({ ...DEFAULT_RULES.texts, aliasTaken: "Taken." });
});

test("settings over HTTP: patterns are texts, and what is left out stays", async () => {
  await using emulator = await startEmulator({ rules: { jobsInPool: 7, jobFailsAfterRows: 3 } });
  const changed = await callControl(emulator, "PATCH", "rules", {
    firstLineNumber: 1,
    stoppableStatuses: ["Created"],
    jobFailsAfterRows: null,
    phonePattern: "^\\+\\d{3}$",
    texts: { rowTooLong: "Long." },
  });
  expect(changed).toMatchObject({ firstLineNumber: 1, jobsInPool: 7, phonePattern: "^\\+\\d{3}$" });
  const { rules } = emulator.control;
  expect(rules.phonePattern.test("+491")).toBe(true);
  expect([rules.texts.rowTooLong, rules.texts.aliasTaken]).toEqual(["Long.", DEFAULT_RULES.texts.aliasTaken]);
  expect(rules.jobFailsAfterRows).toBe(Infinity);
  expect(await callControl(emulator, "GET", "rules")).toEqual(changed);
});

test.each([
  ["an unknown setting", { lineNumber: 1 }, "there is no setting lineNumber"],
  ["an unknown text", { texts: { nothing: "" } }, "there is no setting texts.nothing"],
  ["another type", { jobsInPool: "7" }, "jobsInPool must be a number"],
  [
    "a word that is none of the choices",
    { aliasConflict: "eaten" },
    "aliasConflict must be one of failed, skipped, moved",
  ],
  ["a number that is none of the choices", { firstLineNumber: 3 }, "firstLineNumber must be one of 1, 2"],
  ["a list of something else", { stoppableStatuses: [1] }, "stoppableStatuses must be a list of Created,"],
  [
    "a list with a word that is none of the choices",
    { stoppableStatuses: ["Created", "Succeeded"] },
    "stoppableStatuses must be a list of Created, Pending, InProgress",
  ],
  ["no end where the default has one", { jobsInPool: null }, "jobsInPool must be a number"],
  ["a number below zero", { emptyLogPages: -1 }, "emptyLogPages must not be negative"],
  ["a broken pattern", { emailPattern: "(" }, "emailPattern: Invalid regular expression"],
  ["no object", [], "the settings must be an object"],
])("settings over HTTP: refuses %s and changes nothing", async (_, settings, message) => {
  await using emulator = await startEmulator();
  await expect(callControl(emulator, "PATCH", "rules", settings)).rejects.toThrow(message);
  expect(emulator.control.rules).toEqual(DEFAULT_RULES);
});

test("rates over HTTP", async () => {
  await using emulator = await startEmulator();
  expect(await callControl(emulator, "PUT", "quotas", '"off"')).toBe("off");
  const changed = await callControl(emulator, "PUT", "quotas", {
    categories: { UserList: 3 },
    burstSeconds: 0.5,
  });
  expect(changed).toMatchObject({ categories: { UserList: 3, UserRead: 120 }, burstSeconds: 0.5 });
  expect(emulator.control.quotas).toEqual(changed);
  await expect(callControl(emulator, "PUT", "quotas", { categories: { Users: 3 } })).rejects.toThrow("Users");
});

test.each([
  ["an unknown kind", { operation: "SignUp", fault: { kind: "explode" } }],
  ["a hold without a name", { operation: "SignUp", fault: { kind: "hold" } }],
  ["a member that does not exist", { operation: "SignUp", times: 3, fault: { kind: "drop" } }],
  ["no operation", { fault: { kind: "drop" } }],
])("faults over HTTP: refuses %s", async (_, fault) => {
  await using emulator = await startEmulator();
  await expect(callControl(emulator, "POST", "faults", fault)).rejects.toThrow(/^400 /);
  expect(emulator.control.faults).toEqual([]);
});

test("faults and held requests over HTTP", async () => {
  await using emulator = await startEmulator();
  const hold = { operation: "CreateUserPool", fault: { kind: "hold", name: "the pool" } };
  expect(await callControl(emulator, "POST", "faults", hold)).toEqual([{ ...hold, from: 1, met: 0 }]);
  const creating = callCognito(emulator, "CreateUserPool", { PoolName: "people" });
  const held = { operation: "CreateUserPool", number: 1, name: "the pool" };
  expect(await callControl(emulator, "GET", "held/the%20pool")).toEqual(held);
  expect(await callControl(emulator, "GET", "held")).toEqual([held]);
  expect(await callControl(emulator, "DELETE", "held/the%20pool", { how: "go-on" })).toEqual({ released: 1 });
  expect((await creating).status).toBe(200);
  await callControl(emulator, "DELETE", "faults");
  expect(await callControl(emulator, "GET", "faults")).toEqual([]);
});

test("what it counts: requests, refusals by type, active users by month, messages", async () => {
  await using pool = await aPool();
  const { emulator, poolId } = pool;
  emulator.control.clock.stopAt(Date.UTC(2026, 10, 21));
  await importRows(pool, [aRow({ "cognito:username": "eve", email: "eve@example.com" })]);
  const user = (name: string) => ({ UserPoolId: poolId, Username: name });
  const get = (name: string) => pool.cognito.send(new AdminGetUserCommand(user(name)));
  const create = new AdminCreateUserCommand({
    ...user("ann"),
    UserAttributes: [{ Name: "email", Value: "ann@example.com" }],
    DesiredDeliveryMediums: ["EMAIL"],
  });
  await pool.cognito.send(create);
  await expect(pool.cognito.send(create)).rejects.toThrow("User account already exists");
  await get("ann");
  expect(emulator.control.stats().monthlyActiveUsers).toEqual({ [poolId]: { "2026-11": 1 } });
  await get("eve");
  emulator.control.clock.advance(20 * 86_400_000);
  await get("eve");
  const stats = await callControl(emulator, "GET", "stats");
  expect(stats).toEqual(emulator.control.stats());
  expect(stats).toMatchObject({
    operations: { AdminCreateUser: { requests: 2, refused: { UsernameExistsException: 1 }, spoilt: 0 } },
    monthlyActiveUsers: { [poolId]: { "2026-11": 2, "2026-12": 1 } },
    messages: 1,
  });
  expect(await callControl(emulator, "GET", "outbox")).toMatchObject([{ destination: "ann@example.com" }]);
  await callControl(emulator, "DELETE", "outbox");
  expect(emulator.control.outbox).toEqual([]);
});

test.each([
  ["GET", "nothing"],
  ["POST", "stats"],
])("%s %s: says what there is instead", async (method, path) => {
  await using emulator = await startEmulator();
  await expect(callControl(emulator, method, path)).rejects.toThrow(/^404 .*GET stats/);
});

test("what is no JSON is refused with the reason", async () => {
  await using emulator = await startEmulator();
  await expect(callControl(emulator, "POST", "faults", "{")).rejects.toThrow(/^400 .*JSON/);
});

const OWN_NAMES = ["127.0.0.1:9229", "[::1]:9229", "localhost", "emulator:9229", "host.docker.internal:9229"];

test.each([
  ...OWN_NAMES.map((name) => [name, 200] as const),
  ["evil.example.com:9229", 403] as const,
  ["127.0.0.1.example.com", 403] as const,
  ["internal.example.com", 403] as const,
])(
  "the controls, called by the name %s, answer %i: a page may have pointed its own name here",
  async (host, status) => {
    await using emulator = await startEmulator();
    const asking = request(`${emulator.url}/_emulator/outbox`, { headers: { host } }).end();
    const [response] = (await once(asking, "response")) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(status);
  },
);

test("the controls do not answer web pages", async () => {
  await using emulator = await startEmulator();
  const headers = { origin: "https://example.com" };
  const response = await fetch(`${emulator.url}/_emulator/outbox`, { method: "DELETE", headers });
  expect(response.status).toBe(403);
});
