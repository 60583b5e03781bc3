import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  paginateListUsers,
} from "@aws-sdk/client-cognito-identity-provider";
import * as sdk from "@aws-sdk/client-cognito-identity-provider";
import { expect, onTestFinished, test } from "vitest";

import { OPERATIONS } from "../../emulator/operations/table.ts";
import type { Emulator, Fault } from "../support/emulator.ts";
import { aPool, CREDENTIALS, type TestPool } from "./support/pool.ts";

/** The SDK's client as it comes: it retries by itself. */
function aDefaultClient({ url, region }: Emulator): CognitoIdentityProviderClient {
  const client = new CognitoIdentityProviderClient({ endpoint: url, region, credentials: CREDENTIALS });
  onTestFinished(() => client.destroy());
  return client;
}

const THROTTLED: Fault = {
  kind: "error",
  status: 400,
  type: "TooManyRequestsException",
  message: "Rate exceeded",
};
const BROKEN: Fault = {
  kind: "error",
  status: 500,
  type: "InternalErrorException",
  message: "Something went wrong",
};
const UNAVAILABLE: Fault = { kind: "error", status: 503, type: "ServiceUnavailable", message: "Busy" };
const DROPPED: Fault = { kind: "drop" };

/** A pool with ann, whose first AdminGetUser requests end in these faults. */
async function aTroubledPool(faults: readonly Fault[]): Promise<TestPool> {
  const beforeEffect = ({ operation, number }: { operation: string; number: number }) =>
    operation === "AdminGetUser" ? faults[number - 1] : undefined;
  const pool = await aPool({}, { hooks: { beforeEffect } });
  await pool.cognito.send(new AdminCreateUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
  return pool;
}

test.each<[string, readonly Fault[]]>([
  ["one throttle", [THROTTLED]],
  ["two throttles", [THROTTLED, THROTTLED]],
  ["an error of the service", [BROKEN]],
  ["a service that is busy", [UNAVAILABLE, UNAVAILABLE]],
  ["a connection that is cut", [DROPPED]],
  ["a connection that is cut, and a throttle", [DROPPED, THROTTLED]],
])("the SDK as it comes gets over %s", async (_, faults) => {
  await using pool = await aTroubledPool(faults);
  const client = aDefaultClient(pool.emulator);
  const answer = await client.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
  expect(answer.Username).toBe("ann");
  expect(answer.$metadata.attempts).toBe(faults.length + 1);
  expect(pool.emulator.requestCounts.get("AdminGetUser")).toBe(faults.length + 1);
});

test.each<[string, Fault, object]>([
  ["throttles", THROTTLED, { name: "TooManyRequestsException" }],
  ["errors of the service", BROKEN, { name: "InternalErrorException", $fault: "server" }],
  ["cut connections", DROPPED, { code: "ECONNRESET" }],
])("the SDK as it comes gives up after three %s", async (_, fault, error) => {
  await using pool = await aTroubledPool([fault, fault, fault]);
  const client = aDefaultClient(pool.emulator);
  const asked = client.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
  await expect(asked).rejects.toMatchObject({ ...error, $metadata: { attempts: 3 } });
});

test("the SDK as it comes does not repeat what the service refuses", async () => {
  await using pool = await aTroubledPool([]);
  const client = aDefaultClient(pool.emulator);
  const asked = client.send(new AdminGetUserCommand({ UserPoolId: pool.poolId, Username: "bob" }));
  await expect(asked).rejects.toMatchObject({ name: "UserNotFoundException", $metadata: { attempts: 1 } });
});

test("the SDK as it comes repeats a request that took effect, and is told so", async () => {
  const afterEffect = ({ operation, number }: { operation: string; number: number }) =>
    operation === "AdminCreateUser" && number === 1 ? DROPPED : undefined;
  await using pool = await aPool({}, { hooks: { afterEffect } });
  const client = aDefaultClient(pool.emulator);
  const created = client.send(new AdminCreateUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
  await expect(created).rejects.toMatchObject({
    name: "UsernameExistsException",
    $metadata: { attempts: 2 },
  });
});

/** Five users in five groups, in a pool among five pools, each as far as the emulator has it. */
async function aCrowdedPool(): Promise<TestPool> {
  const pool = await aPool();
  const call = async (operation: string, input: object) => {
    if (OPERATIONS[operation] === undefined) return;
    const Command = (sdk as unknown as Record<string, new (input: object) => AdminGetUserCommand>)[
      `${operation}Command`
    ];
    if (Command !== undefined) await pool.cognito.send(new Command(input));
  };
  const { poolId: UserPoolId } = pool;
  for (let number = 1; number <= 5; number += 1) {
    const GroupName = `group${number}`;
    const JobName = `job${number}`;
    const CloudWatchLogsRoleArn = "arn:aws:iam::123456789012:role/import-log";
    await call("AdminCreateUser", { UserPoolId, Username: `user${number}` });
    await call("CreateGroup", { UserPoolId, GroupName });
    await call("AdminAddUserToGroup", { UserPoolId, Username: "user1", GroupName });
    await call("AdminAddUserToGroup", { UserPoolId, Username: `user${number}`, GroupName: "group1" });
    await call("CreateUserPoolClient", { UserPoolId, ClientName: `client${number}` });
    await call("CreateUserImportJob", { UserPoolId, JobName, CloudWatchLogsRoleArn });
    if (number > 1) await call("CreateUserPool", { PoolName: `pool${number}` });
  }
  return pool;
}

type Paginate = (
  config: { client: CognitoIdentityProviderClient; pageSize: number },
  input: never,
) => AsyncIterable<object>;

const PAGINATORS: readonly (readonly [operation: string, paginate: Paginate, list: string])[] = [
  ["ListUsers", paginateListUsers, "Users"],
  ["ListUserPools", sdk.paginateListUserPools, "UserPools"],
  ["ListGroups", sdk.paginateListGroups, "Groups"],
  ["ListUsersInGroup", sdk.paginateListUsersInGroup, "Users"],
  ["AdminListGroupsForUser", sdk.paginateAdminListGroupsForUser, "Groups"],
  ["ListUserPoolClients", sdk.paginateListUserPoolClients, "UserPoolClients"],
];

test.each(PAGINATORS.filter(([operation]) => OPERATIONS[operation] !== undefined))(
  "the SDK's own paginator lists everything of %s once, whatever the size of a page",
  async (operation, paginate, list) => {
    await using pool = await aCrowdedPool();
    const client = aDefaultClient(pool.emulator);
    const inputs: Readonly<Record<string, object>> = {
      ListUserPools: {},
      ListUsersInGroup: { UserPoolId: pool.poolId, GroupName: "group1" },
      AdminListGroupsForUser: { UserPoolId: pool.poolId, Username: "user1" },
    };
    const input = inputs[operation] ?? { UserPoolId: pool.poolId };
    // A paginator writes its tokens into the input that it is given.
    for (const pageSize of [1, 2, 5, 50]) {
      const items: unknown[] = [];
      let pages = 0;
      for await (const page of paginate({ client, pageSize }, { ...input } as never)) {
        items.push(...((page as Record<string, unknown[] | undefined>)[list] ?? []));
        pages += 1;
      }
      expect(new Set(items.map((item) => JSON.stringify(item))).size).toBe(5);
      expect(items).toHaveLength(5);
      expect(pages).toBeGreaterThanOrEqual(Math.ceil(5 / pageSize));
    }
  },
);
