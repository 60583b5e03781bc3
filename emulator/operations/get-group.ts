import { findGroup } from "../state/find-group.ts";
import { viewGroup } from "../view/group.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly GroupName: string;
}

/** Shows one group. */
export function getGroup({ account }: Context, request: Request): object {
  return { Group: viewGroup(request.UserPoolId, findGroup(account, request).group) };
}
