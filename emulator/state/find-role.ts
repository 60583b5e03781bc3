import { ApiError } from "../wire/error.ts";
import type { Account } from "./account.ts";
import type { Role } from "./role.ts";

/** The role of this name, or IAM's error (words reported). */
export function findRole(account: Account, name: string): Role {
  const role = account.roles.find(name);
  if (role === undefined) {
    throw new ApiError("NoSuchEntity", `The role with name ${name} cannot be found.`, { status: 404 });
  }
  return role;
}
