import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
  UpdateGroupCommand,
  type CreateGroupCommandInput,
} from "@aws-sdk/client-cognito-identity-provider";
import { describe, expect, test } from "vitest";

import { DEFAULT_RULES } from "../../emulator/rules.ts";
import { aPool, type TestPool } from "./support/pool.ts";
import { addUser, getUser, userIn } from "./support/user.ts";

const ROLE = "arn:aws:iam::123456789012:role/staff";

async function addGroup(
  { cognito, poolId }: TestPool,
  GroupName: string,
  rest: Partial<CreateGroupCommandInput> = {},
) {
  const command = new CreateGroupCommand({ UserPoolId: poolId, GroupName, ...rest });
  return (await cognito.send(command)).Group;
}

async function getGroup({ cognito, poolId }: TestPool, GroupName: string) {
  return (await cognito.send(new GetGroupCommand({ UserPoolId: poolId, GroupName }))).Group;
}

async function removeGroup({ cognito, poolId }: TestPool, GroupName: string) {
  return cognito.send(new DeleteGroupCommand({ UserPoolId: poolId, GroupName }));
}

async function join({ cognito, poolId }: TestPool, GroupName: string, Username = "ann") {
  return cognito.send(new AdminAddUserToGroupCommand({ UserPoolId: poolId, GroupName, Username }));
}

async function leave({ cognito, poolId }: TestPool, GroupName: string, Username = "ann") {
  return cognito.send(new AdminRemoveUserFromGroupCommand({ UserPoolId: poolId, GroupName, Username }));
}

interface Paging {
  readonly Limit?: number;
  readonly NextToken?: string | undefined;
}

/** One page of names, and the token of the next. */
interface Names {
  readonly names: readonly (string | undefined)[];
  readonly next: string | undefined;
}

async function groupsOfPool({ cognito, poolId }: TestPool, paging: Paging = {}): Promise<Names> {
  const { Groups = [], NextToken } = await cognito.send(
    new ListGroupsCommand({ UserPoolId: poolId, ...paging }),
  );
  return { names: Groups.map(({ GroupName }) => GroupName), next: NextToken };
}

async function groupsOfAnn({ cognito, poolId }: TestPool, paging: Paging = {}): Promise<Names> {
  const request = { UserPoolId: poolId, Username: "ann", ...paging };
  const { Groups = [], NextToken } = await cognito.send(new AdminListGroupsForUserCommand(request));
  return { names: Groups.map(({ GroupName }) => GroupName), next: NextToken };
}

async function membersOf(
  { cognito, poolId }: TestPool,
  GroupName: string,
  paging: Paging = {},
): Promise<Names> {
  const request = { UserPoolId: poolId, GroupName, ...paging };
  const { Users = [], NextToken } = await cognito.send(new ListUsersInGroupCommand(request));
  return { names: Users.map(({ Username }) => Username), next: NextToken };
}

/** Every page's names, with something done after the first. */
async function readAll(
  read: (paging: Paging) => Promise<Names>,
  Limit: number,
  afterFirst: () => Promise<unknown>,
) {
  const names: (string | undefined)[] = [];
  let page = await read({ Limit });
  await afterFirst();
  names.push(...page.names);
  while (page.next !== undefined) {
    page = await read({ Limit, NextToken: page.next });
    names.push(...page.names);
  }
  return names;
}

describe("one group", () => {
  test("group-update: shows what it was created with, and what an update changes", async () => {
    let now = 1_700_000_000_000;
    await using pool = await aPool({}, { clock: () => now });
    const settings = { Description: "All", RoleArn: ROLE, Precedence: 0 };
    const created = {
      GroupName: "staff",
      UserPoolId: pool.poolId,
      ...settings,
      CreationDate: new Date(now),
      LastModifiedDate: new Date(now),
    };
    expect(await addGroup(pool, "staff", settings)).toEqual(created);
    expect(await getGroup(pool, "staff")).toEqual(created);
    now += 1000;
    const request = { UserPoolId: pool.poolId, GroupName: "staff", Precedence: 5 };
    const { Group } = await pool.cognito.send(new UpdateGroupCommand(request));
    expect(Group).toEqual({ ...created, Precedence: 5, LastModifiedDate: new Date(now) });
    expect(await getGroup(pool, "staff")).toEqual(Group);
  });

  test("group-update: has only the members that were given", async () => {
    await using pool = await aPool();
    expect(Object.keys((await addGroup(pool, "staff")) ?? {}).sort()).toEqual([
      "CreationDate",
      "GroupName",
      "LastModifiedDate",
      "UserPoolId",
    ]);
  });

  test("group-exists: refuses a second group of the same name", async () => {
    await using pool = await aPool();
    await addGroup(pool, "staff");
    await expect(addGroup(pool, "staff")).rejects.toMatchObject({
      name: "GroupExistsException",
      message: "A group with the name already exists.",
    });
    expect(await addGroup(pool, "Staff")).toMatchObject({ GroupName: "Staff" });
  });

  test("group-exists: ignores case where usernames do", async () => {
    await using pool = await aPool({ UsernameConfiguration: { CaseSensitive: false } });
    await addGroup(pool, "staff");
    await expect(addGroup(pool, "Staff")).rejects.toMatchObject({ name: "GroupExistsException" });
    expect(await getGroup(pool, "STAFF")).toMatchObject({ GroupName: "staff" });
    await removeGroup(pool, "STAFF");
    await addGroup(pool, "Staff");
  });

  test("group-missing: is not found by any operation", async () => {
    await using pool = await aPool();
    await addUser(pool);
    const request = { UserPoolId: pool.poolId, GroupName: "staff" };
    const calls: readonly Promise<unknown>[] = [
      getGroup(pool, "staff"),
      pool.cognito.send(new UpdateGroupCommand(request)),
      removeGroup(pool, "staff"),
      join(pool, "staff"),
      leave(pool, "staff"),
      membersOf(pool, "staff"),
    ];
    for (const answer of await Promise.allSettled(calls)) {
      expect(answer).toMatchObject({
        status: "rejected",
        reason: { name: "ResourceNotFoundException", message: "Group not found." },
      });
    }
  });

  test("group-precedence: may be shared, and is no greater than 2,147,483,647", async () => {
    await using pool = await aPool();
    const greatest = { Precedence: 2_147_483_647 };
    await addGroup(pool, "a", greatest);
    await addGroup(pool, "b", greatest);
    const tooGreat = { Precedence: 2_147_483_648 };
    const update = new UpdateGroupCommand({ UserPoolId: pool.poolId, GroupName: "a", ...tooGreat });
    for (const refused of [addGroup(pool, "c", tooGreat), pool.cognito.send(update)]) {
      await expect(refused).rejects.toMatchObject({ name: "InvalidParameterException" });
    }
  });

  test("group-quota: a pool holds so many", async () => {
    await using pool = await aPool({}, { rules: { groupsInPool: 2 } });
    await addGroup(pool, "a");
    await addGroup(pool, "b");
    await expect(addGroup(pool, "c")).rejects.toMatchObject({
      name: "LimitExceededException",
      message: DEFAULT_RULES.texts.tooManyGroups,
    });
    await removeGroup(pool, "a");
    await addGroup(pool, "c");
    expect(DEFAULT_RULES.groupsInPool).toBe(10_000);
  });
});

describe("members", () => {
  test("group-again: joining twice and leaving twice change nothing", async () => {
    await using pool = await aPool({ AliasAttributes: ["email"] });
    await addUser(pool, "ann", { email: "ann@example.com", email_verified: "true" });
    await addGroup(pool, "staff");
    await join(pool, "staff");
    await join(pool, "staff", "ann@example.com");
    expect(await membersOf(pool, "staff")).toEqual({ names: ["ann"], next: undefined });
    expect(await groupsOfAnn(pool)).toEqual({ names: ["staff"], next: undefined });
    await leave(pool, "staff");
    await leave(pool, "staff");
    expect(await membersOf(pool, "staff")).toEqual({ names: [], next: undefined });
    expect(await groupsOfAnn(pool)).toEqual({ names: [], next: undefined });
  });

  test("group-again: an absent user joins nothing", async () => {
    await using pool = await aPool();
    await addGroup(pool, "staff");
    for (const refused of [join(pool, "staff"), leave(pool, "staff"), groupsOfAnn(pool)]) {
      await expect(refused).rejects.toMatchObject({ name: "UserNotFoundException" });
    }
  });

  test("group-user-quota: a user is in so many, whose error the settings name", async () => {
    await using documented = await aPool({}, { rules: { groupsOfUser: 1 } });
    const rules = { groupsOfUser: 1, tooManyGroupsOfUserError: "LimitExceededException" };
    await using other = await aPool({}, { rules });
    for (const [pool, name] of [
      [documented, "InvalidParameterException"],
      [other, "LimitExceededException"],
    ] as const) {
      await addUser(pool);
      for (const group of ["a", "b"]) await addGroup(pool, group);
      await join(pool, "a");
      await join(pool, "a");
      const message = DEFAULT_RULES.texts.tooManyGroupsOfUser;
      await expect(join(pool, "b")).rejects.toMatchObject({ name, message });
      expect((await membersOf(pool, "b")).names).toEqual([]);
    }
    expect(DEFAULT_RULES.groupsOfUser).toBe(100);
  });

  test("group-delete: a deleted group leaves its users", async () => {
    await using pool = await aPool();
    await addUser(pool);
    for (const group of ["a", "b"]) {
      await addGroup(pool, group);
      await join(pool, group);
    }
    await removeGroup(pool, "a");
    expect((await groupsOfAnn(pool)).names).toEqual(["b"]);
    await addGroup(pool, "a");
    expect((await membersOf(pool, "a")).names).toEqual([]);
    expect(await getUser(pool)).toMatchObject({ Username: "ann" });
  });

  test("group-delete: a deleted user leaves its groups, and its successor is in none", async () => {
    await using pool = await aPool();
    await addUser(pool);
    await addGroup(pool, "staff");
    await join(pool, "staff");
    await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: "ann" }));
    expect((await membersOf(pool, "staff")).names).toEqual([]);
    await addUser(pool);
    expect((await groupsOfAnn(pool)).names).toEqual([]);
    expect(userIn(pool).extras).toBeUndefined();
  });
});

describe("lists", () => {
  const letters = ["a", "b", "c", "d", "e", "f"];

  test("group-list: groups come in the order of creation, while others come and go", async () => {
    await using pool = await aPool();
    for (const letter of letters) await addGroup(pool, letter);
    const names = await readAll(
      (paging) => groupsOfPool(pool, paging),
      2,
      async () => {
        for (const letter of ["b", "c", "f"]) await removeGroup(pool, letter);
        await addGroup(pool, "g");
      },
    );
    expect(names).toEqual(["a", "b", "d", "e", "g"]);
  });

  test("group-list: members come in the order of joining, while others come and go", async () => {
    await using pool = await aPool();
    await addGroup(pool, "staff");
    for (const letter of letters) await addUser(pool, letter);
    for (const letter of letters.toReversed()) await join(pool, "staff", letter);
    const names = await readAll(
      (paging) => membersOf(pool, "staff", paging),
      2,
      async () => {
        const { poolId: UserPoolId } = pool;
        await leave(pool, "staff", "d");
        await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username: "c" }));
        await leave(pool, "staff", "f");
        await join(pool, "staff", "f");
      },
    );
    expect(names).toEqual(["f", "e", "b", "a", "f"]);
  });

  test("group-list: a user's groups come in the order of their creation, while others come and go", async () => {
    await using pool = await aPool();
    await addUser(pool);
    for (const letter of letters) await addGroup(pool, letter);
    for (const letter of ["e", "d", "c", "a"]) await join(pool, letter);
    const names = await readAll(
      (paging) => groupsOfAnn(pool, paging),
      2,
      async () => {
        await removeGroup(pool, "d");
        await leave(pool, "a");
        await join(pool, "f");
      },
    );
    expect(names).toEqual(["a", "c", "e", "f"]);
  });

  test("group-list: a page holds 60 unless a limit is given, and the last one has no token", async () => {
    await using pool = await aPool();
    await addUser(pool);
    const names = Array.from({ length: 61 }, (_, place) => `g${place}`);
    for (const name of names) {
      await addGroup(pool, name);
      await join(pool, name);
    }
    for (const read of [groupsOfPool, groupsOfAnn]) {
      for (const paging of [{}, { Limit: 0 }, { Limit: 60 }]) {
        expect(await read(pool, paging)).toEqual({ names: names.slice(0, 60), next: expect.any(String) });
      }
    }
    await removeGroup(pool, "g60");
    for (const read of [groupsOfPool, groupsOfAnn]) {
      expect(await read(pool)).toEqual({ names: names.slice(0, 60), next: undefined });
    }
  });

  test("group-list: a token is good for its own list alone", async () => {
    await using pool = await aPool();
    await addUser(pool);
    for (const letter of ["a", "b"]) {
      await addGroup(pool, letter);
      await join(pool, letter);
    }
    const { next: NextToken } = await groupsOfPool(pool, { Limit: 1 });
    const inGroup = { UserPoolId: pool.poolId, GroupName: "a", NextToken };
    for (const refused of [
      groupsOfAnn(pool, { NextToken }),
      groupsOfPool(pool, { NextToken: "x" }),
      pool.cognito.send(new ListUsersInGroupCommand(inGroup)),
    ]) {
      await expect(refused).rejects.toMatchObject({
        name: "InvalidParameterException",
        message: "Paging Marker is Invalid",
      });
    }
  });

  test("group-list: shows members as ListUsers does", async () => {
    await using pool = await aPool();
    await addUser(pool, "ann", { name: "Ann" });
    await addGroup(pool, "staff");
    await join(pool, "staff");
    const request = { UserPoolId: pool.poolId, GroupName: "staff" };
    const { Users } = await pool.cognito.send(new ListUsersInGroupCommand(request));
    expect(Users).toMatchObject([
      {
        Username: "ann",
        Attributes: [{ Name: "sub" }, { Name: "name", Value: "Ann" }],
        Enabled: true,
        UserStatus: "FORCE_CHANGE_PASSWORD",
      },
    ]);
  });
});
