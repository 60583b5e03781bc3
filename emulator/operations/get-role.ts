import { findRole } from "../state/find-role.ts";
import { viewRole } from "../view/role.ts";
import type { Context } from "./context.ts";

/** Shows a role. */
export function getRole({ account }: Context, request: { readonly RoleName: string }): object {
  const role = findRole(account, request.RoleName);
  // Only GetRole shows when a role was last used; nothing here uses one by then (AWS sample: an empty element).
  return { Role: { ...viewRole(role), RoleLastUsed: {} } };
}
