import type { Account } from "../state/account.ts";
import type { Client } from "../state/client.ts";
import type { Pool } from "../state/pool.ts";
import type { User } from "../state/user.ts";
import { ApiError } from "../wire/error.ts";

/** Through which app client a request comes in. */
export interface Caller {
  readonly account: Account;
  readonly pool: Pool;
  readonly client: Client;
}

/** The caller of a request that a user makes. */
export function callerOf(account: Account, request: { readonly ClientId: string }): Caller {
  return { account, ...account.client(request.ClientId) };
}

/** The caller of a request that an administrator makes: the client must be the pool's. */
export function adminCallerOf(
  account: Account,
  request: { readonly UserPoolId: string; readonly ClientId: string },
): Caller {
  const pool = account.pool(request.UserPoolId);
  const client = pool.clients.get(request.ClientId);
  if (client !== undefined) return { account, pool, client };
  throw new ApiError("ResourceNotFoundException", `User pool client ${request.ClientId} does not exist.`);
}

/** Whether the client keeps to itself which users exist. */
export function hidesUsers({ client }: Caller): boolean {
  return client.preventUserExistenceErrors === "ENABLED";
}

/** The user with a name, for operations on accounts, or AWS's error (wording reported) unless the client hides it. */
export function accountNamed(caller: Caller, name: string): User | undefined {
  const user = caller.pool.users.find(name);
  if (user !== undefined || hidesUsers(caller)) return user;
  throw new ApiError("UserNotFoundException", "Username/client id combination not found.");
}
