import { findRole } from "../state/find-role.ts";
import { findRolePolicy } from "../state/find-role-policy.ts";
import { encodeStrictly } from "../wire/signature.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly PolicyName: string;
}

/** Shows an inline policy of a role, encoded for URLs (documented). */
export function getRolePolicy({ account }: Context, { RoleName, PolicyName }: Request): object {
  const role = findRole(account, RoleName);
  const PolicyDocument = encodeStrictly(findRolePolicy(role, PolicyName));
  return { RoleName: role.name, PolicyName, PolicyDocument };
}
