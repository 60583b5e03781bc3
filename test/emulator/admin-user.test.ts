import {
  AdminAddUserToGroupCommand,
  AdminConfirmSignUpCommand,
  AdminDeleteUserAttributesCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminLinkProviderForUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUpdateUserAttributesCommand,
  CreateGroupCommand,
  ListUsersCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { expect, test } from "vitest";

import type { UnnamedOperation } from "../../emulator/rules.ts";
import { aPool, usersOf, type TestPool } from "./support/pool.ts";
import { activeUsers, addUser, forgetActivity, getAttributes, getUser, userIn } from "./support/user.ts";

/** What a request about one user needs. */
function about({ poolId }: TestPool, username = "ann") {
  return { UserPoolId: poolId, Username: username };
}

test("user-lock: disabling and enabling leave the status, and move the date of the last change", async () => {
  let now = Date.now();
  await using pool = await aPool({}, { clock: () => now });
  await addUser(pool);
  now += 5000;
  await pool.cognito.send(new AdminDisableUserCommand(about(pool)));
  const locked = await getUser(pool);
  expect(locked).toMatchObject({ Enabled: false, UserStatus: "FORCE_CHANGE_PASSWORD" });
  expect(locked.UserLastModifiedDate).toEqual(new Date(now));
  expect((await usersOf(pool, 'status = "Disabled"')).map(({ Username }) => Username)).toEqual(["ann"]);
  await pool.cognito.send(new AdminDisableUserCommand(about(pool)));
  await pool.cognito.send(new AdminEnableUserCommand(about(pool)));
  expect(await getUser(pool)).toMatchObject({ Enabled: true, UserStatus: "FORCE_CHANGE_PASSWORD" });
});

test("user-delete: a deleted user is gone, and its name and its aliases are free", async () => {
  await using pool = await aPool({ AliasAttributes: ["email"] });
  const attributes = { email: "ann@example.com", email_verified: "true" };
  await addUser(pool, "ann", attributes);
  await pool.cognito.send(new AdminDeleteUserCommand(about(pool, "ann@example.com")));
  for (const name of ["ann", "ann@example.com"]) {
    await expect(getUser(pool, name)).rejects.toMatchObject({ name: "UserNotFoundException" });
  }
  expect(await usersOf(pool)).toEqual([]);
  await addUser(pool, "bob", attributes);
  await addUser(pool, "ann");
  expect((await getUser(pool, "ann@example.com")).Username).toBe("bob");
});

test("list-order, list-page: a token outlives the user that it points at", async () => {
  await using pool = await aPool();
  for (const name of ["ann", "bob", "cleo", "dan"]) await addUser(pool, name);
  const { UserPoolId } = about(pool);
  const first = await pool.cognito.send(new ListUsersCommand({ UserPoolId, Limit: 2 }));
  for (const name of ["bob", "cleo"]) await pool.cognito.send(new AdminDeleteUserCommand(about(pool, name)));
  await addUser(pool, "eve");
  const { PaginationToken } = first;
  const second = await pool.cognito.send(new ListUsersCommand({ UserPoolId, PaginationToken }));
  expect(second.Users?.map(({ Username }) => Username)).toEqual(["dan", "eve"]);
});

test("user-confirm: confirms a user who signed up, once, and verifies nothing", async () => {
  await using pool = await aPool();
  await addUser(pool, "ann", { email: "ann@example.com" });
  userIn(pool).status = "UNCONFIRMED";
  await pool.cognito.send(new AdminConfirmSignUpCommand(about(pool)));
  expect(await getUser(pool)).toMatchObject({ UserStatus: "CONFIRMED" });
  expect(await getAttributes(pool)).toEqual({ email: "ann@example.com" });
  await expect(pool.cognito.send(new AdminConfirmSignUpCommand(about(pool)))).rejects.toMatchObject({
    name: "NotAuthorizedException",
    message: "User cannot be confirmed. Current status is CONFIRMED",
  });
});

test("user-confirm: refuses a user whom an administrator created", async () => {
  await using pool = await aPool();
  await addUser(pool);
  await expect(pool.cognito.send(new AdminConfirmSignUpCommand(about(pool)))).rejects.toMatchObject({
    message: "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD",
  });
});

test("user-lock, user-delete, user-confirm: do not know an absent user", async () => {
  await using pool = await aPool();
  const { cognito } = pool;
  const calls: readonly Promise<unknown>[] = [
    cognito.send(new AdminDisableUserCommand(about(pool))),
    cognito.send(new AdminEnableUserCommand(about(pool))),
    cognito.send(new AdminDeleteUserCommand(about(pool))),
    cognito.send(new AdminConfirmSignUpCommand(about(pool))),
  ];
  for (const answer of await Promise.allSettled(calls)) {
    expect(answer).toMatchObject({
      status: "rejected",
      reason: { name: "UserNotFoundException", message: "User does not exist." },
    });
  }
});

/** Operations on one user, by name, and whether AWS names it as one that counts. */
const OPERATIONS: readonly [string, boolean, (pool: TestPool) => Promise<unknown>][] = [
  [
    "AdminUpdateUserAttributes",
    true,
    (pool) =>
      pool.cognito.send(
        new AdminUpdateUserAttributesCommand({
          ...about(pool),
          UserAttributes: [{ Name: "name", Value: "A" }],
        }),
      ),
  ],
  [
    "AdminDeleteUserAttributes",
    true,
    (pool) =>
      pool.cognito.send(
        new AdminDeleteUserAttributesCommand({ ...about(pool), UserAttributeNames: ["name"] }),
      ),
  ],
  [
    "AdminAddUserToGroup",
    true,
    (pool) => pool.cognito.send(new AdminAddUserToGroupCommand({ ...about(pool), GroupName: "staff" })),
  ],
  [
    "AdminRemoveUserFromGroup",
    true,
    (pool) => pool.cognito.send(new AdminRemoveUserFromGroupCommand({ ...about(pool), GroupName: "staff" })),
  ],
  [
    "AdminConfirmSignUp",
    true,
    (pool) => {
      userIn(pool).status = "UNCONFIRMED";
      return pool.cognito.send(new AdminConfirmSignUpCommand(about(pool)));
    },
  ],
  ["AdminDisableUser", false, (pool) => pool.cognito.send(new AdminDisableUserCommand(about(pool)))],
  ["AdminEnableUser", false, (pool) => pool.cognito.send(new AdminEnableUserCommand(about(pool)))],
  ["AdminDeleteUser", false, (pool) => pool.cognito.send(new AdminDeleteUserCommand(about(pool)))],
  [
    "AdminListGroupsForUser",
    false,
    (pool) => pool.cognito.send(new AdminListGroupsForUserCommand(about(pool))),
  ],
  [
    "AdminSetUserMFAPreference",
    false,
    (pool) => pool.cognito.send(new AdminSetUserMFAPreferenceCommand(about(pool))),
  ],
  [
    "AdminLinkProviderForUser",
    false,
    (pool) =>
      pool.cognito.send(
        new AdminLinkProviderForUserCommand({
          UserPoolId: pool.poolId,
          DestinationUser: { ProviderName: "Cognito", ProviderAttributeValue: "ann" },
          SourceUser: {
            ProviderName: "okta",
            ProviderAttributeName: "email",
            ProviderAttributeValue: "a@b.c",
          },
        }),
      ),
  ],
];

test.each(OPERATIONS)(
  "active-named, active-unnamed: %s counts a user as active: %s",
  async (name, counts, call) => {
    await using pool = await aPool();
    await using counting = await aPool({}, { rules: { alsoCountsAsActive: [name as UnnamedOperation] } });
    for (const tried of [pool, counting]) {
      await addUser(tried);
      await tried.cognito.send(new CreateGroupCommand({ UserPoolId: tried.poolId, GroupName: "staff" }));
      forgetActivity(tried);
      await call(tried);
    }
    expect(activeUsers(pool)).toBe(counts ? 1 : 0);
    expect(activeUsers(counting)).toBe(1);
  },
);
