import type { CreateUserPoolCommandInput } from "@aws-sdk/client-cognito-identity-provider";
import { PlacedSet } from "../../emulator/state/placed-set.ts";
import { extrasOf, type User, type UserStatus } from "../../emulator/state/user.ts";
import type { EmulatorOptions } from "./emulator.ts";
import { aTarget, type Target } from "./target.ts";

/** A user who is put into a pool as it is, without a request. */
export interface Inhabitant {
  readonly username: string;
  /** Without sub. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sub?: string;
  readonly status?: UserStatus;
  readonly enabled?: boolean;
  readonly groups?: readonly string[];
  /** When it was made and last changed, long ago unless given. */
  readonly madeMs?: number;
}

const LONG_AGO_MS = Date.UTC(2024, 4, 2, 8);

/** A pool with these users, at an emulator of its own whose lists come as fast as may be. */
export async function aFilledPool(
  inhabitants: Iterable<Inhabitant>,
  pool: Partial<CreateUserPoolCommandInput> = {},
  options: EmulatorOptions = {},
): Promise<Target> {
  const target = await aTarget(pool, { quotas: { categories: { UserList: 100_000 } }, ...options });
  for (const inhabitant of inhabitants) settle(target, inhabitant);
  return target;
}

/** Puts one more user into a pool. */
export function settle(
  { emulator, userPoolId }: Target,
  { username, sub, attributes, status, enabled, groups = [], madeMs }: Inhabitant,
): User {
  const pool = emulator.state.pools.get(userPoolId);
  if (pool === undefined) throw new Error(`there is no pool ${userPoolId}`);
  const user = pool.users.add({
    username,
    sub: sub ?? `sub-of-${username}`,
    status: status ?? "CONFIRMED",
    attributes: Object.entries(attributes).flat(),
    aliases: [],
    nowMs: madeMs ?? LONG_AGO_MS,
  });
  user.enabled = enabled ?? true;
  for (const name of groups) {
    const group = pool.groups.get(name) ?? newGroup(name);
    if (pool.groups.get(name) === undefined) pool.groups.add(group);
    group.members.add(user);
    extrasOf(user).groups.add(group);
  }
  return user;
}

function newGroup(name: string) {
  const settings = { description: undefined, roleArn: undefined, precedence: undefined };
  const members = new PlacedSet<User>();
  return { name, ...settings, createdMs: LONG_AGO_MS, modifiedMs: LONG_AGO_MS, members };
}
