import {
  ListUsersCommand,
  type ListUsersCommandOutput,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { AliasAttribute } from "../core/alias.ts";
import type { Attributes } from "../core/planned-user.ts";
import type { Cognito } from "./cognito.ts";
import { pages } from "./pages.ts";

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
  /** Whether text messages are a second factor set in the old way (MFAOptions); what is set since, no list says (documented). */
  readonly hasSmsOption?: true;
}

/** An attribute that ListUsers can search by and that names one user, or can. */
export type SearchAttribute = "username" | "sub" | AliasAttribute;

/** Which users a list holds. */
export interface UserFilter {
  readonly attribute: SearchAttribute;
  readonly equals: string;
}

/** Users a page holds at the most (documented). */
export const PAGE_USERS = 60;

/** Which users of which pool are listed. */
export interface UserQuery {
  readonly poolId: string;
  readonly filter?: UserFilter;
  /** The token of an earlier page: the list goes on behind it. */
  readonly token?: string | undefined;
}

/** A page of the list of users. */
export interface UserPage {
  readonly users: readonly ListedUser[];
  /** The token of the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/**
 * Lists the pool's users, a page at a time. ListUsers makes no monthly active user, AdminGetUser does (documented).
 * A page may hold fewer users than there are, even none; only a missing token ends the list.
 */
export async function* listUsers(
  cognito: Cognito,
  query: UserQuery,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedUser[]> {
  for await (const { users } of listUserPages(cognito, query, signal)) yield users;
}

/** The pages of {@link listUsers}, with their tokens. */
export async function* listUserPages(
  cognito: Cognito,
  { poolId, filter, token }: UserQuery,
  signal: AbortSignal,
): AsyncGenerator<UserPage> {
  const wanted = {
    UserPoolId: poolId,
    Limit: PAGE_USERS,
    ...(filter === undefined
      ? {}
      : { Filter: `${filter.attribute} = "${escapeFilterValue(filter.equals)}"` }),
  };
  const read = (PaginationToken: string | undefined): Promise<ListUsersCommandOutput> =>
    cognito.call(
      "ListUsers",
      (client, abort) => client.send(new ListUsersCommand({ ...wanted, PaginationToken }), abort),
      { repeat: "safe", signal },
    );
  for await (const { Users = [], PaginationToken } of pages(read, (page) => page.PaginationToken, token))
    yield { users: Users.map(toListedUser), next: PaginationToken === "" ? undefined : PaginationToken };
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
    ...(user.MFAOptions?.some(({ DeliveryMedium }) => DeliveryMedium === "SMS") === true
      ? { hasSmsOption: true }
      : {}),
  };
}
