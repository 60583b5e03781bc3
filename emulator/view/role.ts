import type { Role } from "../state/role.ts";
import { encodeStrictly } from "../wire/signature.ts";

/** A role as the API shows it; policies come back encoded for URLs (documented). */
export function viewRole(role: Role): object {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdMs / 1000,
    AssumeRolePolicyDocument: encodeStrictly(role.trust),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
    ...(role.tags.length === 0 ? {} : { Tags: role.tags }),
  };
}
