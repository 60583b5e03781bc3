import { countUnnamed } from "../state/count-unnamed.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
}

/** Locks a user out; its status stays what it is (reported). */
export function adminDisableUser({ account }: Context, request: Request): object {
  const found = account.user(request);
  found.user.enabled = false;
  found.user.modifiedMs = account.clock();
  countUnnamed(account, found, "AdminDisableUser");
  return {};
}
