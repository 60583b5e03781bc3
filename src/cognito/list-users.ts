import { ListUsersCommand, type UserType } from "@aws-sdk/client-cognito-identity-provider";
import type { Attributes } from "../core/planned-user.ts";
import type { Cognito } from "./cognito.ts";

/** A user as the pool lists it. */
export interface ListedUser {
  readonly username: string;
  readonly sub: string | undefined;
  readonly email: string | undefined;
  readonly phoneNumber: string | undefined;
  /** In API encoding; sub, and what is linked (`identities`), among them. */
  readonly attributes: Attributes;
  /** Undefined where the service does not say. */
  readonly enabled: boolean | undefined;
  readonly status: string | undefined;
  /** Epoch milliseconds, as is modifiedAt. */
  readonly createdAt: number | undefined;
  readonly modifiedAt: number | undefined;
}

/** An attribute that ListUsers can search by and that names one user. */
export type SearchAttribute = "username" | "sub" | "email" | "phone_number";

/** Which users a list holds. */
export interface UserFilter {
  readonly attribute: SearchAttribute;
  readonly equals: string;
}

/** Users a page holds at the most (documented). */
export const PAGE_USERS = 60;

/**
 * Lists the pool's users, a page at a time. ListUsers makes no monthly active user, AdminGetUser does (documented).
 * A page may hold fewer users than there are, even none; only a missing token ends the list.
 */
export async function* listUsers(
  cognito: Cognito,
  {
    poolId,
    filter,
  }: {
    readonly poolId: string;
    readonly filter?: UserFilter;
  },
  signal: AbortSignal,
): AsyncGenerator<readonly ListedUser[]> {
  let token: string | undefined;
  do {
    const input = {
      UserPoolId: poolId,
      Limit: PAGE_USERS,
      ...(filter === undefined
        ? {}
        : { Filter: `${filter.attribute} = "${escapeFilterValue(filter.equals)}"` }),
      ...(token === undefined ? {} : { PaginationToken: token }),
    };
    const page = await cognito.call(
      "ListUsers",
      (client, abort) => client.send(new ListUsersCommand(input), abort),
      {
        repeat: "safe",
        signal,
      },
    );
    yield (page.Users ?? []).map(toListedUser);
    token = page.PaginationToken;
  } while (token !== undefined && token !== "");
}

// Documented: a quotation mark in the value is escaped with a backslash.
function escapeFilterValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

/** A user of ListUsers or ListUsersInGroup. */
export function toListedUser(user: UserType): ListedUser {
  const value = (name: string): string | undefined =>
    user.Attributes?.find((attribute) => attribute.Name === name)?.Value;
  return {
    username: user.Username ?? "",
    sub: value("sub"),
    email: value("email"),
    phoneNumber: value("phone_number"),
    attributes: (user.Attributes ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""]),
    enabled: user.Enabled,
    status: user.UserStatus,
    createdAt: user.UserCreateDate?.getTime(),
    modifiedAt: user.UserLastModifiedDate?.getTime(),
  };
}
