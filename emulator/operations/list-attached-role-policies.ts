import { findRole } from "../state/find-role.ts";
import type { Context } from "./context.ts";

/** Names the managed policies of a role, of which there are none here. */
export function listAttachedRolePolicies(
  { account }: Context,
  { RoleName }: { readonly RoleName: string },
): object {
  findRole(account, RoleName);
  return { AttachedPolicies: [], IsTruncated: false };
}
