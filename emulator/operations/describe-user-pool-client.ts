import { adminCallerOf } from "../auth/caller.ts";
import { viewClient } from "../view/client.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly ClientId: string;
}

/** Shows an app client, its secret too. */
export function describeUserPoolClient({ account }: Context, request: Request): object {
  const { pool, client } = adminCallerOf(account, request);
  return { UserPoolClient: viewClient(pool, client) };
}
