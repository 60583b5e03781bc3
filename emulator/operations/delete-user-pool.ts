import { checkNoImport } from "../state/check-no-import.ts";
import { invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

/** Deletes a pool with everything in it, unless it is protected (words reported). A job that runs in it fails. */
export function deleteUserPool({ account }: Context, request: { readonly UserPoolId: string }): object {
  const pool = account.pool(request.UserPoolId);
  if (pool.settings.isProtected) {
    throw invalidParameter(
      "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
    );
  }
  checkNoImport(account, pool);
  account.removePool(pool);
  return {};
}
