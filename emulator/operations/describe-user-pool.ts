import { viewPool } from "../view/pool.ts";
import type { Context } from "./context.ts";

/** Shows a pool's settings. */
export function describeUserPool({ account }: Context, request: { readonly UserPoolId: string }): object {
  return { UserPool: viewPool(account.pool(request.UserPoolId)) };
}
