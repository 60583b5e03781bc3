import { findRole } from "../state/find-role.ts";
import { findRolePolicy } from "../state/find-role-policy.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly PolicyName: string;
}

/** Takes an inline policy away from a role. */
export function deleteRolePolicy({ account }: Context, { RoleName, PolicyName }: Request): object {
  const role = findRole(account, RoleName);
  findRolePolicy(role, PolicyName);
  role.policies.delete(PolicyName);
  return {};
}
