import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { explainError } from "../../src/cognito/explain-error.ts";
import type { JsonObject } from "../../src/core/row.ts";
import { cognito } from "../../src/extract/cognito.ts";
import type { SourceSpec } from "../../src/extract/open-source.ts";
import type { OpenContext, SourceEvent } from "../../src/extract/source.ts";
import { describeSourceContract, openSpec, type KnownUser } from "../contract/source-contract.ts";
import { rowsOf } from "../support/builders.ts";
import { aFilledPool, settle, type Inhabitant } from "../support/filled-pool.ts";
import { startMoto } from "../support/moto.ts";
import { isInstalled } from "../support/programs.ts";
import { aRewritingProxy } from "../support/rewriting-proxy.ts";
import type { Target } from "../support/target.ts";

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
  return () => void vi.unstubAllEnvs();
});

const LONG_AGO = "2024-05-02T08:00:00.000Z";

function* inhabitants(users: Iterable<KnownUser>): Generator<Inhabitant> {
  for (const { id, name, email } of users) yield { username: id, attributes: { name, email } };
}

function specOf({ emulator, userPoolId }: Target, over: Partial<SourceSpec> = {}): SourceSpec {
  return { type: "cognito", path: userPoolId, endpointUrl: emulator.url, ...over };
}

/** How many connections lead to the address, from whichever process. */
function connectionsTo(url: string): number {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, "0");
  const ESTABLISHED = "01";
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${port}`) === true && state === ESTABLISHED).length;
}

describeSourceContract("a user pool", {
  put: async (users) => specOf(await aFilledPool(inhabitants(users))),
  expectedRows: (users) =>
    users.map(({ id, name, email }, index) => ({
      seq: index + 1,
      line: undefined,
      record: {
        Username: id,
        Enabled: true,
        UserStatus: "CONFIRMED",
        UserCreateDate: LONG_AGO,
        UserLastModifiedDate: LONG_AGO,
        Groups: [],
        sub: `sub-of-${id}`,
        name,
        email,
      },
    })),
  putBroken: async (users) => {
    const target = await aFilledPool(inhabitants(users));
    const second = target.emulator.state.pools.get(target.userPoolId)?.users.at(1);
    // The API model does not require it.
    if (second !== undefined) second.enabled = undefined as never;
    return specOf(target);
  },
  brokenPlace: /^user 2 of the list: Enabled/,
  openHandles: ({ endpointUrl = "" }) => connectionsTo(endpointUrl),
  manyUsers: 12_000,
});

async function read(spec: SourceSpec, context: OpenContext = {}) {
  const source = await cognito.open(String(spec.path), spec, context);
  return { source, records: (await rowsOf(source)).map(({ record }) => record as JsonObject) };
}

const ada: Inhabitant = { username: "ada", attributes: { email: "ada@example.com" } };

describe("a user pool's groups", () => {
  test("come from their lists of members, but not those that Cognito makes for identity providers", async () => {
    const events: SourceEvent[] = [];
    const target = await aFilledPool([{ ...ada, groups: ["empty"] }]);
    const { userPoolId, emulator } = target;
    target.emulator.state.pools
      .get(userPoolId)
      ?.groups.get("empty")
      ?.members.delete(target.emulator.state.pools.get(userPoolId)?.users.at(0) as never);
    for (let number = 1; number <= 130; number += 1) {
      const groups = [
        ...(number % 2 === 0 ? ["even"] : []),
        ...(number % 3 === 0 ? ["näh-e/über"] : []),
        `${userPoolId}_Google`,
      ];
      settle(target, { username: `u${number}`, attributes: {}, groups });
    }
    const { records } = await read(specOf(target), { observe: (event) => events.push(event) });
    const groupsOf = new Map(records.map(({ Username, Groups }) => [Username, Groups]));
    expect(groupsOf.get("ada")).toEqual([]);
    expect(groupsOf.get("u2")).toEqual(["even"]);
    expect(groupsOf.get("u6")).toEqual(["even", "näh-e/über"]);
    expect([...groupsOf.values()].flat().filter((name) => name === "even")).toHaveLength(65);
    expect(events.filter(({ kind }) => kind === "members-listed")).toEqual([
      { kind: "members-listed", group: "empty", members: 0 },
      { kind: "members-listed", group: "even", members: 65 },
      { kind: "members-listed", group: "näh-e/über", members: 43 },
    ]);
    expect(emulator.control.stats().operations["ListUsersInGroup"]?.requests).toBe(1 + 2 + 1);
  });

  test("go to the right ones of ten thousand users", async () => {
    const wanted = (number: number): readonly string[] => [
      ...(number % 2 === 0 ? ["even"] : []),
      ...(number % 7 === 0 ? ["seventh"] : []),
    ];
    function* users(): Generator<Inhabitant> {
      for (let number = 1; number <= 10_500; number += 1)
        yield { username: `u${number}`, attributes: {}, groups: wanted(number), enabled: number % 3 > 0 };
    }
    const { records } = await read(specOf(await aFilledPool(users())));
    expect(records).toHaveLength(10_500);
    const wrong = records.filter(({ Username, Groups, Enabled }, index) => {
      const groups = wanted(index + 1);
      const isRight = Username === `u${index + 1}` && Enabled === (index + 1) % 3 > 0;
      return !isRight || JSON.stringify(Groups) !== JSON.stringify(groups);
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test("stop the reading where they may not be listed", async () => {
    const target = await aFilledPool([ada]);
    const fault = { kind: "error", status: 400, type: "AccessDeniedException", message: "no" } as const;
    target.emulator.control.planFault({ operation: "ListGroups", fault });
    await expect(read(specOf(target))).rejects.toMatchObject({
      code: "ACCESS_DENIED",
      message: expect.stringContaining("ListGroups") as string,
    });
    await expect.poll(() => connectionsTo(target.emulator.url)).toBe(0);
  });
});

test("a user pool is read with calls that make nobody active", async () => {
  const target = await aFilledPool([
    { ...ada, enabled: false, status: "EXTERNAL_PROVIDER", groups: ["crew"] },
  ]);
  const { records, source } = await read(specOf(target));
  expect(records).toMatchObject([{ Enabled: false, UserStatus: "EXTERNAL_PROVIDER", Groups: ["crew"] }]);
  expect(source.description).toBe(`user pool ${target.userPoolId}`);
  const { monthlyActiveUsers, operations } = target.emulator.control.stats();
  expect(monthlyActiveUsers).toEqual({ [target.userPoolId]: {} });
  expect(Object.keys(operations).sort()).toEqual([
    "CreateUserPool",
    "GetProvisionedLimit",
    "ListGroups",
    "ListUsers",
    "ListUsersInGroup",
  ]);
});

test("a second factor that ListUsers tells is in the record", async () => {
  const target = await aFilledPool([ada]);
  const options = '"MFAOptions":[{"DeliveryMedium":"SMS","AttributeName":"phone_number"}]';
  const endpointUrl = await aRewritingProxy(target.emulator.url, (answer, operation) =>
    operation === "ListUsers" ? answer.replace('"Enabled"', `${options},"Enabled"`) : answer,
  );
  const { records } = await read(specOf(target, { endpointUrl }));
  expect(records).toMatchObject([{ MFAOptions: [{ DeliveryMedium: "SMS" }] }]);
});

test("refusals and lost replies are repeated, and nobody is given twice or missed", async () => {
  const users = Array.from({ length: 150 }, (_, index) => ({
    username: `u${index}`,
    attributes: {},
    groups: ["crew"],
  }));
  const target = await aFilledPool(users);
  const events: SourceEvent[] = [];
  for (const operation of ["ListUsers", "ListUsersInGroup"]) {
    target.emulator.control.planFault({ operation, from: 2, fault: { kind: "throttle" } });
    target.emulator.control.planFault({ operation, from: 4, fault: { kind: "drop" } });
  }
  const { records } = await read(specOf(target), { observe: (event) => events.push(event) });
  expect(records.map(({ Username, Groups }) => [Username, Groups])).toEqual(
    users.map(({ username, groups }) => [username, groups]),
  );
  expect(events.filter(({ kind }) => kind === "call-repeated")).toHaveLength(4);
});

describe("behind a whole reading", () => {
  test("come those who were made or changed since, though ListUsers names them anywhere", async () => {
    const target = await aFilledPool([ada, { ...ada, username: "bo" }]);
    const { source } = await read(specOf(target));
    const { cursor = "" } = source;
    expect(cursor).toMatch(/^changedAfter=/);
    expect((await read(specOf(target), { after: cursor })).records).toEqual([]);

    settle(target, { ...ada, username: "new", madeMs: Date.now() });
    const bo = target.emulator.state.pools.get(target.userPoolId)?.users.byUsername("bo");
    if (bo !== undefined) bo.modifiedMs = Date.now();
    const later = await read(specOf(target), { after: cursor });
    expect(later.records.map(({ Username }) => Username)).toEqual(["bo", "new"]);
    expect(later.source.description).toMatch(/users changed after 20.*Z, 1 others passed over$/);
  });

  test("come those whom ListUsers did not know yet", async () => {
    const target = await aFilledPool([ada]);
    const { clock } = target.emulator.control;
    target.emulator.control.changeRules({ listLagMs: 60_000 });
    settle(target, { ...ada, username: "late", madeMs: clock.now() });
    const { source, records } = await read(specOf(target));
    expect(records).toHaveLength(1);
    clock.advance(120_000);
    const later = await read(specOf(target), { after: source.cursor });
    expect(later.records.map(({ Username }) => Username)).toEqual(["late"]);
  });

  test("a moment can be written by hand", async () => {
    const target = await aFilledPool([ada, { ...ada, username: "bo", madeMs: Date.UTC(2025, 0, 1) }]);
    const { records } = await read(specOf(target), { after: "changedAfter=2024-12-31T12:00:00Z" });
    expect(records.map(({ Username }) => Username)).toEqual(["bo"]);
  });
});

describe("a place in a user pool", () => {
  test("within a list is kept with the moment from which changes count", async () => {
    const target = await aFilledPool(
      inhabitants(
        Array.from({ length: 70 }, (_, index) => ({ id: `u${index}`, name: "x", email: "x@example.com" })),
      ),
    );
    await using source = await cognito.open(target.userPoolId, specOf(target), {});
    let cursor = "";
    for await (const batch of source.batches()) {
      expect(batch).toHaveLength(60);
      cursor = source.cursor ?? "";
      break;
    }
    expect(cursor).toMatch(/^begun=\S+&token=\S+$/);
    target.emulator.control.clock.advance(3_600_000);
    const rest = await read(specOf(target), { after: cursor });
    expect(rest.records).toHaveLength(10);
    const begun = Date.parse(new URLSearchParams(cursor).get("begun") ?? "");
    const next = Date.parse(new URLSearchParams(rest.source.cursor).get("changedAfter") ?? "");
    expect(next).toBe(begun - 15 * 60_000);
  });

  test.each(["17", "changedAfter=yesterday", "token=abc", "begun=2024-05-02T08:00:00Z"])(
    "is not %s",
    async (after) => {
      const target = await aFilledPool([ada]);
      await expect(read(specOf(target), { after })).rejects.toMatchObject({
        code: "USAGE",
        message: expect.stringContaining("source.after") as string,
      });
    },
  );

  test("that Cognito does not know any more is refused", async () => {
    const target = await aFilledPool([ada]);
    await expect(read(specOf(target), { after: `begun=${LONG_AGO}&token=gone` })).rejects.toMatchObject({
      code: "USAGE",
      hint: expect.stringContaining("source.after") as string,
    });
  });
});

describe("a user pool that cannot be read", () => {
  test.each([
    ["that is not there", { path: "us-east-1_Absent123" }, "POOL_NOT_FOUND", "source.profile"],
    ["whose id is none", { path: "customers" }, "USAGE", "eu-central-1_AbCd12345"],
    [
      "in another region than its id says",
      { region: "eu-west-3" },
      "REGION_MISMATCH",
      "without source.region",
    ],
  ])("%s is refused when it is opened", async (_why, over, code, hint) => {
    const target = await aFilledPool([ada]);
    await expect(openSpec(specOf(target, over))).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint) as string,
    });
    await expect.poll(() => connectionsTo(target.emulator.url)).toBe(0);
  });

  test.each<[string, { endpointUrl?: string; profile?: string }, RegExp]>([
    ["whose address is none", { endpointUrl: "http://" }, /source\.endpointUrl, source\.region/],
    ["with a profile that is not there", { profile: "absent-account" }, /source\.profile with a profile/],
  ])("%s is refused with the config's own keys, and no flag", async (_why, over, hint) => {
    const target = await aFilledPool([ada]);
    // The SDK warns of keys beside a profile.
    if (over.profile !== undefined) vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    const error: unknown = await openSpec(specOf(target, over)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ hint: expect.stringMatching(hint) as string });
    expect(error).toMatchObject({ hint: expect.not.stringContaining("--") as string });
  });

  test("that does not answer is refused with the config's own keys", () => {
    const connection = {
      region: "eu-west-3",
      profile: undefined,
      endpointUrl: undefined,
      logsEndpointUrl: undefined,
    };
    const lost = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    const hintFor = (isSource: boolean) =>
      explainError(lost, { operation: "ListUsers", connection: { ...connection, isSource } });
    expect(hintFor(true)).toMatchObject({
      code: "ENDPOINT_UNREACHABLE",
      hint: "Check the network, source.region and source.endpointUrl",
    });
    expect(hintFor(false)).toMatchObject({ hint: "Check the network, the region and --endpoint-url" });
  });

  test.each([
    ["UnrecognizedClientException", "CREDENTIALS_INVALID", "source.profile"],
    ["AccessDeniedException", "ACCESS_DENIED", "source.profile"],
    ["UnknownOperationException", "ENDPOINT_UNSUPPORTED", "source.endpointUrl"],
    ["NotAuthorizedException", "SERVICE_REFUSED", "source.profile"],
  ])("that refuses with %s is %s, which names %s", async (type, code, key) => {
    const target = await aFilledPool([ada]);
    const fault = { kind: "error", status: 400, type, message: "closed" } as const;
    target.emulator.control.planFault({ operation: "ListUsers", count: 0, fault });
    const error: unknown = await openSpec(specOf(target)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, hint: expect.stringContaining(key) as string });
    expect(error).toMatchObject({ hint: expect.not.stringContaining("--") as string });
  });

  test("is told apart from one that refuses", async () => {
    const target = await aFilledPool([ada]);
    const fault = { kind: "error", status: 400, type: "NotAuthorizedException", message: "closed" } as const;
    target.emulator.control.planFault({ operation: "ListUsers", from: 2, count: 0, fault });
    await expect(read(specOf(target))).rejects.toMatchObject({ code: "SERVICE_REFUSED" });
  });
});

test("an abort while members are listed ends the reading and closes the connection", async () => {
  const target = await aFilledPool([{ ...ada, groups: ["crew"] }]);
  target.emulator.control.planFault({
    operation: "ListUsersInGroup",
    fault: { kind: "hold", name: "members" },
  });
  const controller = new AbortController();
  const reading = read(specOf(target), { signal: controller.signal });
  const refused = expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
  await target.emulator.control.waitUntilHeld("members");
  controller.abort();
  await refused;
  await expect.poll(() => connectionsTo(target.emulator.url)).toBe(0);
  target.emulator.control.release("members");
});

const hasMoto = isInstalled("moto_server", "reading a user pool of a server that we did not write");

test.skipIf(!hasMoto)(
  "a user pool of a server that we did not write is read the same",
  async () => {
    const endpoint = await startMoto();
    const client = new CognitoIdentityProviderClient({ endpoint, region: "us-east-1" });
    onTestFinished(() => client.destroy());
    const { UserPool } = await client.send(new CreateUserPoolCommand({ PoolName: "old" }));
    const UserPoolId = UserPool?.Id ?? "";
    await client.send(new CreateGroupCommand({ UserPoolId, GroupName: "crew" }));
    for (let number = 1; number <= 65; number += 1) {
      const Username = `u${number}`;
      const UserAttributes = [{ Name: "email", Value: `${Username}@example.com` }];
      await client.send(new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes }));
    }
    await client.send(new AdminAddUserToGroupCommand({ UserPoolId, GroupName: "crew", Username: "u65" }));
    await client.send(new AdminDisableUserCommand({ UserPoolId, Username: "u2" }));
    const { records } = await read({ type: "cognito", path: UserPoolId, endpointUrl: endpoint });
    expect(new Set(records.map(({ Username }) => Username)).size).toBe(65);
    const byName = new Map(records.map((record) => [record["Username"], record]));
    expect(byName.get("u65")).toMatchObject({ Groups: ["crew"], Enabled: true, email: "u65@example.com" });
    expect(byName.get("u2")).toMatchObject({
      Groups: [],
      Enabled: false,
      UserStatus: "FORCE_CHANGE_PASSWORD",
    });
  },
  30_000,
);
