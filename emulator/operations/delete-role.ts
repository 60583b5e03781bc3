import { findRole } from "../state/find-role.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

/** Deletes a role that has no policies any more (documented; words reported). */
export function deleteRole({ account }: Context, { RoleName }: { readonly RoleName: string }): object {
  const role = findRole(account, RoleName);
  if (role.policies.size > 0) {
    throw new ApiError("DeleteConflict", "Cannot delete entity, must delete policies first.", {
      status: 409,
    });
  }
  account.roles.delete(role.name);
  return {};
}
