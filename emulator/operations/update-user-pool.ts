import { readChangeable, type ChangeableRequest } from "../state/changeable-settings.ts";
import { checkNoImport } from "../state/check-no-import.ts";
import type { Context } from "./context.ts";

interface Request extends ChangeableRequest {
  readonly UserPoolId: string;
  readonly PoolName?: string;
}

/**
 * Changes a pool's settings: what the request leaves out goes back to its default (documented), all but the name,
 * which has none. Schema, aliases and username settings are no part of the request and stay.
 */
export function updateUserPool({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  checkNoImport(account, pool);
  const changes = readChangeable(request);
  const { PoolName: name = pool.settings.name } = request;
  pool.settings = { ...pool.settings, ...changes, name, modifiedMs: account.clock() };
  return {};
}
