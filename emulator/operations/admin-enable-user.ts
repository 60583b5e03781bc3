import { countUnnamed } from "../state/count-unnamed.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Lets a disabled user in again; its status stays what it is (reported). */
export function adminEnableUser({ account }: Context, request: Request): object {
  const found = account.user(request);
  found.user.enabled = true;
  found.user.modifiedMs = account.clock();
  countUnnamed(account, found, "AdminEnableUser");
  return {};
}
