import { findRole } from "../state/find-role.ts";
import { parsePolicy } from "../state/policy.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly PolicyName: string;
  readonly PolicyDocument: string;
}

/** Puts an inline policy into a role, in place of the one of the same name. */
export function putRolePolicy({ account }: Context, request: Request): object {
  const role = findRole(account, request.RoleName);
  if (parsePolicy(request.PolicyDocument) === undefined) {
    // Words reported.
    throw new ApiError("MalformedPolicyDocument", "Syntax errors in policy.");
  }
  role.policies.set(request.PolicyName, request.PolicyDocument);
  return {};
}
