import {
  CreateGroupCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "./cognito.ts";
import { isException } from "./explain-error.ts";
import { PAGE_USERS, toListedUser, type ListedUser } from "./list-users.ts";

/** Groups a page of ListGroups holds at the most (API model). */
const LIST_PAGE = 60;

/** The names of all groups of a pool; at most 10,000 (documented quota). */
export async function listGroupNames(
  cognito: Cognito,
  poolId: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  let token: string | undefined;
  do {
    const input = {
      UserPoolId: poolId,
      Limit: LIST_PAGE,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    const page = await cognito.call(
      "ListGroups",
      (client, abort) => client.send(new ListGroupsCommand(input), abort),
      { repeat: "safe", signal },
    );
    for (const { GroupName } of page.Groups ?? []) names.add(GroupName ?? "");
    token = page.NextToken;
  } while (token !== undefined && token !== "");
  return names;
}

/** Creates a group without description, role or precedence; one that is there already stays as it is. */
export async function createGroup(
  cognito: Cognito,
  { poolId, name }: { readonly poolId: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const input = { UserPoolId: poolId, GroupName: name };
  try {
    await cognito.call(
      "CreateGroup",
      (client, abort) => client.send(new CreateGroupCommand(input), abort),
      // Created twice, it is there all the same.
      { repeat: "safe", signal },
    );
  } catch (error) {
    if (!isException(error, "GroupExistsException")) throw error;
  }
}

/** Lists the members of a group, a page at a time; a group that is not there has none. Makes no monthly active user. */
export async function* listMembers(
  cognito: Cognito,
  { poolId, name }: { readonly poolId: string; readonly name: string },
  signal: AbortSignal,
): AsyncGenerator<readonly ListedUser[]> {
  let token: string | undefined;
  do {
    const input = {
      UserPoolId: poolId,
      GroupName: name,
      Limit: PAGE_USERS,
      ...(token === undefined ? {} : { NextToken: token }),
    };
    try {
      const page = await cognito.call(
        "ListUsersInGroup",
        (client, abort) => client.send(new ListUsersInGroupCommand(input), abort),
        { repeat: "safe", signal },
      );
      yield (page.Users ?? []).map(toListedUser);
      token = page.NextToken;
    } catch (error) {
      if (!isException(error, "ResourceNotFoundException")) throw error;
      return;
    }
  } while (token !== undefined && token !== "");
}
