import { findRole } from "../state/find-role.ts";
import { parsePolicy } from "../state/policy.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly PolicyDocument: string;
}

/** Puts another trust policy in place of a role's own. */
export function updateAssumeRolePolicy(
  { account }: Context,
  { RoleName, PolicyDocument: trust }: Request,
): object {
  const role = findRole(account, RoleName);
  if (parsePolicy(trust) === undefined) {
    // Words reported.
    throw new ApiError("MalformedPolicyDocument", "This policy contains invalid Json");
  }
  account.roles.put({ ...role, trust });
  return {};
}
