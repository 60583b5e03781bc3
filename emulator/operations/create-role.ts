import { parsePolicy } from "../state/policy.ts";
import { randomId } from "../state/random-id.ts";
import type { Role, Tag } from "../state/role.ts";
import { viewRole } from "../view/role.ts";
import { ApiError } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly AssumeRolePolicyDocument: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly MaxSessionDuration?: number;
  readonly Tags?: readonly Tag[];
}

/** Creates a role with AWS's defaults (documented): the path `/`, sessions of an hour. */
export function createRole({ account }: Context, request: Request): object {
  const { RoleName: name, AssumeRolePolicyDocument: trust, Path: path = "/" } = request;
  if (account.roles.find(name) !== undefined) {
    throw new ApiError("EntityAlreadyExists", `Role with name ${name} already exists.`, { status: 409 });
  }
  if (parsePolicy(trust) === undefined) {
    // Words reported.
    throw new ApiError("MalformedPolicyDocument", "This policy contains invalid Json");
  }
  const role: Role = {
    name,
    id: `AROA${randomId(17).toUpperCase()}`,
    path,
    arn: `arn:aws:iam::${account.id}:role${path}${name}`,
    createdMs: account.clock(),
    description: request.Description,
    maxSessionSeconds: request.MaxSessionDuration ?? 3600,
    tags: request.Tags ?? [],
    trust,
    policies: new Map(),
  };
  account.roles.put(role);
  return { Role: viewRole(role) };
}
