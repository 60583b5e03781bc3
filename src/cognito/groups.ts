import {
  CreateGroupCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
  type ListGroupsCommandOutput,
  type ListUsersInGroupCommandOutput,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Cognito } from "./cognito.ts";
import { isException } from "./explain-error.ts";
import { pages } from "./pages.ts";
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
  const read = (NextToken: string | undefined): Promise<ListGroupsCommandOutput> =>
    cognito.call(
      "ListGroups",
      (client, abort) =>
        client.send(new ListGroupsCommand({ UserPoolId: poolId, Limit: LIST_PAGE, NextToken }), abort),
      { repeat: "safe", signal },
    );
  for await (const { Groups = [] } of pages(read, ({ NextToken }) => NextToken))
    for (const { GroupName } of Groups) names.add(GroupName ?? "");
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
  const group = { UserPoolId: poolId, GroupName: name, Limit: PAGE_USERS };
  const read = (NextToken: string | undefined): Promise<ListUsersInGroupCommandOutput | undefined> =>
    cognito
      .call(
        "ListUsersInGroup",
        (client, abort) => client.send(new ListUsersInGroupCommand({ ...group, NextToken }), abort),
        { repeat: "safe", signal },
      )
      .catch((error: unknown) => {
        if (!isException(error, "ResourceNotFoundException")) throw error;
        return undefined;
      });
  for await (const page of pages(read, (each) => each?.NextToken)) {
    if (page !== undefined) yield (page.Users ?? []).map(toListedUser);
  }
}
