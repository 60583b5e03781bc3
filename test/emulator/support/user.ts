import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  type AdminGetUserCommandOutput,
} from "@aws-sdk/client-cognito-identity-provider";

import type { User } from "../../../emulator/index.ts";
import { attributesOf, type TestPool } from "./pool.ts";

/** Attributes by name. */
export type Attributes = Readonly<Record<string, string>>;

/** Attributes in the API's form. */
function listed(attributes: Attributes) {
  return Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
}

/** Creates a user without an invitation; returns its username. */
export async function addUser(
  { cognito, poolId }: TestPool,
  username = "ann",
  attributes: Attributes = {},
): Promise<string> {
  const { User: user } = await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: username,
      MessageAction: "SUPPRESS",
      UserAttributes: listed(attributes),
    }),
  );
  return user?.Username ?? "";
}

/** Shows a user. */
export async function getUser(
  { cognito, poolId }: TestPool,
  username = "ann",
): Promise<AdminGetUserCommandOutput> {
  return cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username: username }));
}

/** A user's attributes by name, without its sub. */
export async function getAttributes(pool: TestPool, username = "ann"): Promise<Attributes> {
  const { UserAttributes: Attributes = [] } = await getUser(pool, username);
  const { sub: _, ...rest } = attributesOf({ Attributes });
  return rest;
}

/** Changes a user's attributes. */
export async function change(
  { cognito, poolId }: TestPool,
  attributes: Attributes,
  username = "ann",
): Promise<unknown> {
  return cognito.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId: poolId,
      Username: username,
      UserAttributes: listed(attributes),
    }),
  );
}

/** A user as the emulator holds it. */
export function userIn({ emulator, poolId }: TestPool, username = "ann"): User {
  const user = emulator.state.pools.get(poolId)?.users.byUsername(username);
  if (user === undefined) throw new Error(`there is no user ${username}`);
  return user;
}

/** How many users of the pool ever counted as active. */
export function activeUsers({ emulator, poolId }: TestPool): number {
  const counts = emulator.state.pools.get(poolId)?.activeUsers.values() ?? [];
  return [...counts].reduce((sum, count) => sum + count, 0);
}

/** Forgets that a user was active. */
export function forgetActivity(pool: TestPool, username = "ann"): void {
  pool.emulator.state.pools.get(pool.poolId)?.activeUsers.clear();
  userIn(pool, username).activeMonth = 0;
}
