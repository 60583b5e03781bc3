import { checkPrecedence } from "../state/check-precedence.ts";
import type { Group } from "../state/group.ts";
import { PlacedSet } from "../state/placed-set.ts";
import { viewGroup } from "../view/group.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly Precedence?: number;
}

/** Creates a group without members; its name must be new (words reported), its role need not exist. */
export function createGroup({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  checkPrecedence(request.Precedence);
  if (pool.groups.get(request.GroupName) !== undefined) {
    throw new ApiError("GroupExistsException", "A group with the name already exists.");
  }
  if (pool.groups.size >= account.rules.groupsInPool) {
    throw new ApiError("LimitExceededException", account.rules.texts.tooManyGroups);
  }
  const nowMs = account.clock();
  const group: Group = {
    name: request.GroupName,
    description: request.Description,
    roleArn: request.RoleArn,
    precedence: request.Precedence,
    createdMs: nowMs,
    modifiedMs: nowMs,
    members: new PlacedSet(),
  };
  pool.groups.add(group);
  return { Group: viewGroup(request.UserPoolId, group) };
}
