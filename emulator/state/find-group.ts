import { ApiError } from "../wire/error.ts";
import type { Account } from "./account.ts";
import type { Group } from "./group.ts";
import type { Pool } from "./pool.ts";

/** The group that a request names, and its pool, or AWS's error (wording reported). */
export function findGroup(
  account: Account,
  request: { readonly UserPoolId: string; readonly GroupName: string },
): { readonly pool: Pool; readonly group: Group } {
  const pool = account.pool(request.UserPoolId);
  const group = pool.groups.get(request.GroupName);
  if (group === undefined) throw new ApiError("ResourceNotFoundException", "Group not found.");
  return { pool, group };
}
