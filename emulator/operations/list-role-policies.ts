import { findRole } from "../state/find-role.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly RoleName: string;
  readonly Marker?: string;
  readonly MaxItems?: number;
}

/** What a page holds unless less is asked for (documented). */
const PAGE = 100;

/** Names the inline policies of a role, a page at a time. The marker is the number of those before. */
export function listRolePolicies(
  { account }: Context,
  { RoleName, Marker = "0", MaxItems = PAGE }: Request,
): object {
  const names = [...findRole(account, RoleName).policies.keys()];
  const start = Number(Marker);
  const end = start + MaxItems;
  const isTruncated = end < names.length;
  return {
    PolicyNames: names.slice(start, end),
    IsTruncated: isTruncated,
    ...(isTruncated ? { Marker: String(end) } : {}),
  };
}
