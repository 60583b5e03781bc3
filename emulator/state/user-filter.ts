import { invalidParameter } from "../wire/error.ts";
import { attributeOf, type User } from "./user.ts";
import type { UserDirectory } from "./user-directory.ts";

/** A filter of ListUsers: one attribute, equal to or beginning with a value (documented). */
export interface UserFilter {
  readonly name: string;
  readonly comparison: "equals" | "begins-with";
  readonly value: string;
}

/** The names a filter may have (documented). */
const SEARCHABLE: ReadonlySet<string> = new Set([
  "username",
  "email",
  "phone_number",
  "name",
  "given_name",
  "family_name",
  "preferred_username",
  "cognito:user_status",
  "status",
  "sub",
]);

const FILTER = /^\s*([^\s=^"]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/s;

/** Reads a filter such as `email ^= "a\"b"` (grammar documented, wording reported); an empty one is none. */
export function parseFilter(text: string): UserFilter | undefined {
  if (text.trim() === "") return undefined;
  const [, name, operator, quoted] = FILTER.exec(text) ?? [];
  if (name === undefined || quoted === undefined) throw invalidParameter("Error while parsing filter.");
  if (!SEARCHABLE.has(name)) throw invalidParameter(`The attribute ${name} cannot be searched for.`);
  const value = quoted.replaceAll(/\\(.)/gs, "$1");
  return { name, comparison: operator === "=" ? "equals" : "begins-with", value };
}

/** Whether a user passes a filter; only the user status ignores case (documented). */
export function passesFilter(user: User, filter: UserFilter): boolean {
  const [actual, wanted] =
    filter.name === "cognito:user_status"
      ? [user.status, filter.value.toUpperCase()]
      : [searchedValue(user, filter.name), filter.value];
  if (actual === undefined) return false;
  return filter.comparison === "equals" ? actual === wanted : actual.startsWith(wanted);
}

/** The users that can pass a filter, where an index knows them without a search. */
export function usersByIndex(users: UserDirectory, filter: UserFilter): readonly User[] | undefined {
  if (filter.comparison !== "equals") return undefined;
  switch (filter.name) {
    case "username":
      return listOf(users.byUsername(filter.value));
    case "sub":
      return listOf(users.bySub(filter.value));
    default:
      return users.byAttribute(filter.name, filter.value);
  }
}

function searchedValue(user: User, name: string): string | undefined {
  switch (name) {
    case "username":
      return user.username;
    case "status":
      return user.enabled ? "Enabled" : "Disabled";
    default:
      return attributeOf(user, name);
  }
}

function listOf(user: User | undefined): readonly User[] {
  return user === undefined ? [] : [user];
}
