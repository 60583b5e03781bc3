import { findGroup } from "../state/find-group.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
}

/** Deletes a group; its members stay in the pool, and do not count as active (guess). */
export function deleteGroup({ account }: Context, request: Request): object {
  const { pool, group } = findGroup(account, request);
  pool.groups.remove(group);
  return {};
}
