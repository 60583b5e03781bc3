import { expect, test } from "vitest";

import { CATEGORIES, categoryOf } from "../../emulator/quota/categories.ts";
import { TokenBucket } from "../../emulator/quota/token-bucket.ts";
import { OPERATIONS } from "../../emulator/operations/table.ts";
import { DOCUMENTED_QUOTAS, Quotas, type QuotaSettings } from "../../emulator/quota/quotas.ts";
import { startEmulator, type Emulator } from "../support/emulator.ts";
import { callCognito, callRaw } from "./support/raw.ts";

const DESCRIBE_POOL = "DescribeUserPool";

/** An emulator with a pool in it, held to the documented rates but for these. */
async function anEmulator(
  changes: Partial<Omit<QuotaSettings, "categories">> & { categories?: Partial<QuotaSettings["categories"]> },
): Promise<{ emulator: Emulator; poolId: string }> {
  const emulator = await startEmulator({ quotas: "off" });
  const { body } = await callCognito(emulator, "CreateUserPool", { PoolName: "people" });
  const categories = { ...DOCUMENTED_QUOTAS.categories, ...changes.categories };
  emulator.control.changeQuotas(asBuckets({ ...DOCUMENTED_QUOTAS, ...changes, categories }));
  return { emulator, poolId: (body["UserPool"] as { Id: string }).Id };
}

/** The same buckets, filled a thousand times more slowly: a test must not depend on how long it takes. */
function asBuckets({ categories, ...settings }: QuotaSettings): QuotaSettings {
  const slow = (rps: number) => rps / 1000;
  const slowCategories = Object.entries(categories).map(([name, rps]) => [name, slow(rps)]);
  return {
    // The names are those of the settings.
    categories: Object.fromEntries(slowCategories) as QuotaSettings["categories"],
    operationInPool: slow(settings.operationInPool),
    readsOfUser: slow(settings.readsOfUser),
    writesOfUser: slow(settings.writesOfUser),
    burstSeconds: settings.burstSeconds * 1000,
  };
}

/** How many of so many requests, sent at once, were let through; the others must be refused as AWS refuses them. */
async function countTaken(
  emulator: Emulator,
  count: number,
  request: (index: number) => readonly [operation: string, body: object],
): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) => callCognito(emulator, ...request(index))),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  for (const { status, body } of refused) {
    expect([status, body]).toEqual([400, { __type: "TooManyRequestsException", message: "Rate exceeded" }]);
  }
  return answers.length - refused.length;
}

test("quota-category: holds the operations of a category to one rate, for all pools together", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 3 } });
  await using _ = emulator;
  await expect(countTaken(emulator, 8, () => [DESCRIBE_POOL, { UserPoolId: poolId }])).resolves.toBe(3);
});

test("quota-category: an infinite rate holds nothing back", async () => {
  const rates = { categories: { UserPoolRead: Infinity }, operationInPool: Infinity };
  const { emulator, poolId } = await anEmulator(rates);
  await using _ = emulator;
  await expect(countTaken(emulator, 20, () => [DESCRIBE_POOL, { UserPoolId: poolId }])).resolves.toBe(20);
});

test("quota-category: a request that is refused by its shape takes nothing", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 1 } });
  await using _ = emulator;
  const bad = await callCognito(emulator, DESCRIBE_POOL, {});
  expect(bad.body["__type"]).toBe("InvalidParameterException");
  await expect(countTaken(emulator, 1, () => [DESCRIBE_POOL, { UserPoolId: poolId }])).resolves.toBe(1);
});

test("quota-category: another category is not touched", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 1 } });
  await using _ = emulator;
  await countTaken(emulator, 3, () => [DESCRIBE_POOL, { UserPoolId: poolId }]);
  await expect(countTaken(emulator, 3, () => ["ListUsers", { UserPoolId: poolId }])).resolves.toBe(3);
});

test("quota-category: the documented rates hold unless told otherwise", async () => {
  await using emulator = await startEmulator();
  expect(emulator.control.quotas).toMatchObject({
    categories: { UserCreation: 50, UserUpdate: 25, UserAccountRecovery: 30, UserList: 30, UserRead: 120 },
    operationInPool: 5,
    readsOfUser: 10,
    writesOfUser: 10,
  });
  emulator.control.changeQuotas(asBuckets(DOCUMENTED_QUOTAS));
  await expect(countTaken(emulator, 20, () => ["CreateUserPool", { PoolName: "p" }])).resolves.toBe(15);
});

test("quota-operation-in-pool: a single operation has a rate of its own in each pool", async () => {
  const { emulator, poolId } = await anEmulator({});
  await using _ = emulator;
  await expect(countTaken(emulator, 9, () => ["GetCSVHeader", { UserPoolId: poolId }])).resolves.toBe(5);
  const { body } = await callCognito(emulator, "CreateUserPool", { PoolName: "others" });
  const other = (body["UserPool"] as { Id: string }).Id;
  await expect(countTaken(emulator, 3, () => ["GetCSVHeader", { UserPoolId: other }])).resolves.toBe(3);
});

test("quota-user: one user is read and written ten times a second at most, another one still is", async () => {
  const { emulator, poolId } = await anEmulator({});
  await using _ = emulator;
  await callCognito(emulator, "AdminCreateUser", { UserPoolId: poolId, Username: "ann" });
  await callCognito(emulator, "AdminCreateUser", { UserPoolId: poolId, Username: "bob" });
  const read = (name: string) => ["AdminGetUser", { UserPoolId: poolId, Username: name }] as const;
  await expect(countTaken(emulator, 15, () => read("ann"))).resolves.toBe(10);
  await expect(countTaken(emulator, 3, () => read("bob"))).resolves.toBe(3);
});

test("quota-category: every category has its documented rate", () => {
  const rates = Object.entries(CATEGORIES).map(([name, { rps }]) => [name, rps]);
  expect(Object.fromEntries(rates)).toEqual({
    UserAuthentication: 120,
    UserCreation: 50,
    UserAccountRecovery: 30,
    UserRead: 120,
    UserUpdate: 25,
    UserResourceRead: 50,
    UserResourceUpdate: 25,
    UserList: 30,
    UserPoolRead: 15,
    UserPoolUpdate: 15,
    UserPoolResourceRead: 20,
    UserPoolResourceUpdate: 15,
    UserPoolClientRead: 15,
    UserPoolClientUpdate: 15,
    LimitManagement: 1,
    LogsDescribeLogGroups: 10,
    LogsDescribeLogStreams: 25,
    LogsGetLogEvents: 25,
    LogsFilterLogEvents: 10,
  });
});

test("quota-user: a request that is refused takes nothing from the rate of the others", async () => {
  const { emulator, poolId } = await anEmulator({ readsOfUser: 1, categories: { UserRead: 2 } });
  await using _ = emulator;
  for (const Username of ["ann", "bob"]) {
    await callCognito(emulator, "AdminCreateUser", { UserPoolId: poolId, Username });
  }
  const read = (Username: string) => ["AdminGetUser", { UserPoolId: poolId, Username }] as const;
  await expect(countTaken(emulator, 6, () => read("ann"))).resolves.toBe(1);
  await expect(countTaken(emulator, 1, () => read("bob"))).resolves.toBe(1);
});

test("quota-user: a user has one rate under all its names", async () => {
  const { emulator, poolId } = await anEmulator({ readsOfUser: 3 });
  await using _ = emulator;
  await callCognito(emulator, "AdminCreateUser", { UserPoolId: poolId, Username: "ann" });
  const { sub = "" } = emulator.state.pools.get(poolId)?.users.byUsername("ann") ?? {};
  const read = (index: number) => {
    return ["AdminGetUser", { UserPoolId: poolId, Username: index % 2 === 0 ? "ann" : sub }] as const;
  };
  await expect(countTaken(emulator, 8, read)).resolves.toBe(3);
});

test("quota-user: one user signs in ten times a second at most", async () => {
  const { emulator, poolId } = await anEmulator({ readsOfUser: 2 });
  await using _ = emulator;
  const ClientId = await aClientOf(emulator, poolId);
  const begin = (name: string) =>
    [
      "InitiateAuth",
      { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: { USERNAME: name } },
    ] as const;
  await expect(countThrottled(emulator, 5, () => begin("ann"))).resolves.toBe(3);
  await expect(countThrottled(emulator, 2, () => begin("bob"))).resolves.toBe(0);
});

test("quota-category: answers to challenges have three times the rate of sign-ins, and then theirs", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserAuthentication: 2 } });
  await using _ = emulator;
  const ClientId = await aClientOf(emulator, poolId);
  const answer = ["RespondToAuthChallenge", { ClientId, ChallengeName: "SMS_MFA" }] as const;
  await expect(countThrottled(emulator, 10, () => answer)).resolves.toBe(2);
  const begin = ["InitiateAuth", { ClientId, AuthFlow: "USER_PASSWORD_AUTH" }] as const;
  await expect(countThrottled(emulator, 1, () => begin)).resolves.toBe(1);
});

test("quota-category: new passwords for temporary ones count as the recovery of accounts", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserAccountRecovery: 1 } });
  await using _ = emulator;
  const ClientId = await aClientOf(emulator, poolId);
  const answer = ["RespondToAuthChallenge", { ClientId, ChallengeName: "NEW_PASSWORD_REQUIRED" }] as const;
  await expect(countThrottled(emulator, 3, () => answer)).resolves.toBe(2);
});

async function aClientOf(emulator: Emulator, poolId: string): Promise<string> {
  const { body } = await callCognito(emulator, "CreateUserPoolClient", {
    UserPoolId: poolId,
    ClientName: "app",
  });
  return (body["UserPoolClient"] as { ClientId: string }).ClientId;
}

/** How many of so many requests, each refused for one reason or another, were refused for their rate. */
async function countThrottled(
  emulator: Emulator,
  count: number,
  request: () => readonly [operation: string, body: object],
): Promise<number> {
  const answers = await Promise.all(Array.from({ length: count }, () => callCognito(emulator, ...request())));
  return answers.filter(({ body }) => body["__type"] === "TooManyRequestsException").length;
}

test("quota-user: reading and writing one user have a rate each", async () => {
  const { emulator, poolId } = await anEmulator({ readsOfUser: 4, writesOfUser: 2 });
  await using _ = emulator;
  const ann = { UserPoolId: poolId, Username: "ann" };
  await callCognito(emulator, "AdminCreateUser", ann);
  await expect(countTaken(emulator, 9, () => ["AdminDisableUser", ann])).resolves.toBe(1);
  await expect(countTaken(emulator, 9, () => ["AdminGetUser", ann])).resolves.toBe(4);
});

test("quota-user: ten thousand other users do not refill the bucket of one", () => {
  const quotas = new Quotas();
  const rates = { readsOfUser: 1, categories: { UserRead: Infinity } };
  quotas.change({ ...rates, burstSeconds: 1 });
  quotas.change(asBuckets(quotas.settings));
  const read = (username: string) => quotas.take({ operation: "AdminGetUser", poolId: "pool", username });
  read("ann");
  for (let number = 0; number < 20_000; number += 1) read(`user${number}`);
  expect(() => read("ann")).toThrow("Rate exceeded");
});

test("quota-burst: without any, one request still gets through", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 4 }, burstSeconds: 0 });
  await using _ = emulator;
  await expect(countTaken(emulator, 5, () => [DESCRIBE_POOL, { UserPoolId: poolId }])).resolves.toBe(1);
});

test("quota-burst: how many may come at once after a rest is a setting", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 4 }, burstSeconds: 2 });
  await using _ = emulator;
  await expect(countTaken(emulator, 12, () => [DESCRIBE_POOL, { UserPoolId: poolId }])).resolves.toBe(8);
});

test("quota-burst: a bucket fills at its rate and never above its capacity", () => {
  const bucket = new TokenBucket({ rps: 10, capacity: 5 }, 0);
  for (let taken = 0; taken < 5; taken += 1) bucket.take();
  expect([bucket.count(0), bucket.count(100), bucket.count(350)]).toEqual([0, 1, 3.5]);
  expect(bucket.isFull(499)).toBe(false);
  expect(bucket.count(60_000)).toBe(5);
  expect(bucket.isFull(60_000)).toBe(true);
});

test("quota-logs: CloudWatch Logs has rates by operation and an error of its own", async () => {
  await using emulator = await startEmulator({ quotas: { categories: { LogsDescribeLogGroups: 1 } } });
  const target = "Logs_20140328.DescribeLogGroups";
  const first = await callRaw(emulator, target);
  const second = await callRaw(emulator, target);
  expect([first.status, second.body]).toEqual([
    200,
    { __type: "ThrottlingException", message: "Rate exceeded" },
  ]);
});

test("quota-limit: GetProvisionedLimit shows a category's rate now and by default", async () => {
  await using emulator = await startEmulator({ quotas: { categories: { UserCreation: 90 } } });
  const LimitDefinition = { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } };
  const { body } = await callCognito(emulator, "GetProvisionedLimit", { LimitDefinition });
  expect(body).toEqual({ Limit: { LimitDefinition, ProvisionedLimitValue: 90, FreeLimitValue: 50 } });
});

test("quota-limit: without a limit it shows the greatest number that the API has", async () => {
  await using emulator = await startEmulator({ quotas: { categories: { UserCreation: Infinity } } });
  const LimitDefinition = { LimitClass: "API_CATEGORY", Attributes: { Category: "UserCreation" } };
  const { body } = await callCognito(emulator, "GetProvisionedLimit", { LimitDefinition });
  expect(body["Limit"]).toMatchObject({ ProvisionedLimitValue: 2_147_483_647 });
});

test.each(["Users", "LogsGetLogEvents", "constructor"])(
  "quota-limit: refuses %s, which is no category of Cognito",
  async (Category) => {
    await using emulator = await startEmulator();
    const LimitDefinition = { LimitClass: "API_CATEGORY", Attributes: { Category } };
    const { body } = await callCognito(emulator, "GetProvisionedLimit", { LimitDefinition });
    expect(body["__type"]).toBe("InvalidParameterException");
  },
);

test("switches the rates off and on while it runs", async () => {
  const { emulator, poolId } = await anEmulator({ categories: { UserPoolRead: 1 } });
  await using _ = emulator;
  const describe = () => [DESCRIBE_POOL, { UserPoolId: poolId }] as const;
  emulator.control.changeQuotas("off");
  expect(emulator.control.quotas).toBe("off");
  await expect(countTaken(emulator, 5, describe)).resolves.toBe(5);
  emulator.control.changeQuotas({});
  await expect(countTaken(emulator, 5, describe)).resolves.toBe(1);
  emulator.control.changeQuotas("documented");
  expect(emulator.control.quotas).toEqual(DOCUMENTED_QUOTAS);
  await expect(countTaken(emulator, 5, describe)).resolves.toBe(5);
});

test("every operation of Cognito and its logs is in exactly one category, and no category holds others", () => {
  const listed = Object.values(CATEGORIES).flatMap(({ operations }): readonly string[] => operations);
  expect(new Set(listed).size).toBe(listed.length);
  const isCounted = (operation: string) => categoryOf(operation) !== undefined;
  const uncounted = Object.keys(OPERATIONS).filter((operation) => !isCounted(operation));
  // IAM and STS publish no rates.
  expect(uncounted.filter((operation) => !/Role|CallerIdentity|PrincipalPolicy/.test(operation))).toEqual([]);
  expect(listed.filter((operation) => !(operation in OPERATIONS))).toEqual([]);
});
