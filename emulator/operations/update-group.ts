import { checkPrecedence } from "../state/check-precedence.ts";
import { findGroup } from "../state/find-group.ts";
import { viewGroup } from "../view/group.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly Precedence?: number;
}

/** Changes what is given of a group; what is left out stays (reported: Terraform's provider relies on it). */
export function updateGroup({ account }: Context, request: Request): object {
  const { group } = findGroup(account, request);
  checkPrecedence(request.Precedence);
  group.description = request.Description ?? group.description;
  group.roleArn = request.RoleArn ?? group.roleArn;
  group.precedence = request.Precedence ?? group.precedence;
  group.modifiedMs = account.clock();
  return { Group: viewGroup(request.UserPoolId, group) };
}
