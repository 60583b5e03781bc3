import { ApiError } from "../wire/error.ts";
import type { Role } from "./role.ts";

/** The inline policy of this name, as JSON, or IAM's error (words reported). */
export function findRolePolicy(role: Role, name: string): string {
  const policy = role.policies.get(name);
  if (policy === undefined) {
    throw new ApiError("NoSuchEntity", `The role policy with name ${name} cannot be found.`, { status: 404 });
  }
  return policy;
}
