import { newSub } from "./new-sub.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Account } from "./account.ts";
import { claimAliases, type AliasClaim } from "./claim-aliases.ts";
import type { Pool, VerifiableName } from "./pool.ts";
import { checkVerified, readAttributes, type GivenAttribute } from "./read-attributes.ts";
import { withAttributes, type Credential, type User, type UserStatus } from "./user.ts";
import { readUsername } from "./username.ts";

/** A user to be created, as a request describes it. */
export interface UserRequest {
  readonly username: string;
  readonly attributes: readonly GivenAttribute[];
  readonly ofOthers: AliasClaim["ofOthers"];
  readonly credential: Credential | undefined;
  readonly status: UserStatus;
  /** What is said when the name is taken; AdminCreateUser's words unless given. */
  readonly takenMessage?: string;
}

/** Creates a user by the pool's rules, for AdminCreateUser and SignUp. Required attributes may be missing. */
export function createUser(account: Account, pool: Pool, request: UserRequest): User {
  const { rules } = account;
  const { username: name, ofOthers, credential, status } = request;
  const reading = readUsername(pool, name, rules);
  if (reading.kind === "refused") throw invalidParameter(reading.why);
  const named = reading.kind === "attribute" ? reading.attribute : undefined;
  const attributes = withAttributes([], readAttributes(pool, addName(request, named), rules));
  checkVerified(attributes, rules);
  if (pool.isNameTaken(name)) {
    throw new ApiError("UsernameExistsException", request.takenMessage ?? "User account already exists");
  }
  const aliases = claimAliases(pool, { claimant: undefined, attributes, ofOthers }, rules);
  const sub = newSub();
  // In a pool with UsernameAttributes the username is the sub (reported).
  const username = named === undefined ? name : sub;
  return pool.users.add({ username, sub, status, attributes, aliases, credential, nowMs: account.clock() });
}

// In a pool with UsernameAttributes the name is the attribute's value (reported, with the wording for e-mail).
function addName(
  { username, attributes }: UserRequest,
  named: VerifiableName | undefined,
): readonly GivenAttribute[] {
  if (named === undefined) return attributes;
  const value = attributes.findLast(({ Name }) => Name === named)?.Value ?? "";
  if (value !== "" && value !== username) {
    const why = `User ${named} should be empty or same as username, since username attribute is ${named}`;
    throw invalidParameter(why);
  }
  return [...attributes, { Name: named, Value: username }];
}
