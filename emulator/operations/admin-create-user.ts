import { randomUUID } from "node:crypto";

import type { Account } from "../state/account.ts";
import { claimedAliases, takenAliases } from "../state/claim.ts";
import { conform, verifiedWithoutValue } from "../state/conform.ts";
import { generatePassword, passwordTrouble } from "../state/password.ts";
import type { Pool, VerifiableName } from "../state/pool.ts";
import { attributeOf, type FlatAttributes, type User } from "../state/user.ts";
import { readUsername } from "../state/username.ts";
import { viewAttributes, viewUser } from "../view/user.ts";
import { ApiError, invalidParameter } from "../wire/error.ts";
import type { Context } from "./context.ts";

interface Request {
  readonly UserPoolId: string;
  readonly Username: string;
  readonly UserAttributes?: readonly { readonly Name: string; readonly Value?: string }[];
  readonly TemporaryPassword?: string;
  readonly ForceAliasCreation?: boolean;
  readonly MessageAction?: "RESEND" | "SUPPRESS";
  readonly DesiredDeliveryMediums?: readonly ("SMS" | "EMAIL")[];
}

/** Creates a user, or sends a created one its invitation again. */
export function adminCreateUser({ account }: Context, request: Request): object {
  const pool = account.pool(request.UserPoolId);
  const password = choosePassword(pool, request);
  const user =
    request.MessageAction === "RESEND" ? inviteAgain(account, pool, request) : create(account, pool, request);
  if (request.MessageAction !== "SUPPRESS") sendInvitation(account, { pool, user, password, request });
  return { User: viewUser(user, viewAttributes(user)) };
}

function choosePassword(pool: Pool, { TemporaryPassword: given }: Request): string {
  const policy = pool.settings.passwordPolicy;
  if (given === undefined) return generatePassword(policy);
  const trouble = passwordTrouble(given, policy);
  if (trouble !== undefined) throw new ApiError("InvalidPasswordException", trouble);
  return given;
}

// Types documented; the words are reported, and so is that only this status can be resent to.
function inviteAgain(account: Account, pool: Pool, request: Request): User {
  const user = pool.users.find(request.Username);
  if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
  if (user.status !== "FORCE_CHANGE_PASSWORD") {
    const message = `Resend not possible. ${user.sub} status is not FORCE_CHANGE_PASSWORD`;
    throw new ApiError("UnsupportedUserStateException", message);
  }
  user.modifiedMs = account.clock();
  return user;
}

function create(account: Account, pool: Pool, request: Request): User {
  const { rules } = account;
  const reading = readUsername(pool, request.Username, rules);
  if (reading.kind === "refused") throw invalidParameter(reading.why);
  const named = reading.kind === "attribute" ? reading.attribute : undefined;
  const attributes = readAttributes(account, pool, { request, named });
  if (exists(pool, request.Username)) {
    throw new ApiError("UsernameExistsException", "User account already exists");
  }
  const aliases = claimedAliases(pool, attributes);
  for (const { name, owner } of takenAliases(pool, attributes, aliases)) {
    // A name that users sign in with in place of a username never moves (guess); an alias does when it is forced (documented).
    if (pool.settings.signIn.kind === "attribute" || request.ForceAliasCreation !== true) {
      const attribute = name === "phone_number" ? "phone number" : name;
      throw new ApiError(rules.aliasExistsError, `An account with the ${attribute} already exists.`);
    }
    pool.users.releaseAlias(owner, name);
    markUnverified(owner, name);
  }
  const sub = randomUUID();
  return pool.users.add({
    // In a pool with UsernameAttributes the username is the sub (reported).
    username: named === undefined ? request.Username : sub,
    sub,
    status: "FORCE_CHANGE_PASSWORD",
    attributes,
    aliases,
    nowMs: account.clock(),
  });
}

function exists(pool: Pool, name: string): boolean {
  if (pool.settings.signIn.kind === "username") return pool.users.byUsername(name) !== undefined;
  return pool.settings.signIn.attributes.some(
    (attribute) => pool.users.aliasOwner(attribute, name) !== undefined,
  );
}

// An owner that loses its alias keeps the value, unverified (reported).
function markUnverified(owner: User, name: string): void {
  owner.attributes = owner.attributes.map((text, index) => {
    return index % 2 === 1 && owner.attributes[index - 1] === `${name}_verified` ? "false" : text;
  });
}

// Required attributes may be missing here: the user is asked for them at the first sign-in (documented).
function readAttributes(
  { rules }: Account,
  pool: Pool,
  { request, named }: { readonly request: Request; readonly named: VerifiableName | undefined },
): FlatAttributes {
  const given = new Map((request.UserAttributes ?? []).map(({ Name, Value = "" }) => [Name, Value]));
  if (named !== undefined) {
    const value = given.get(named) ?? "";
    if (value !== "" && value !== request.Username) {
      // Wording reported for e-mail.
      throw invalidParameter(
        `User ${named} should be empty or same as username, since username attribute is ${named}`,
      );
    }
    given.set(named, request.Username);
  }
  const troubles: string[] = [];
  const attributes: string[] = [];
  for (const [name, value] of given) {
    const attribute = pool.settings.schema.get(name);
    if (attribute === undefined) {
      troubles.push(`${name}: Attribute does not exist in the schema.`);
    } else if (name === "sub") {
      throw invalidParameter("The attribute sub cannot be set.");
    } else if (value !== "") {
      const conformity = conform(attribute, value, rules);
      if (conformity.kind === "conforms") attributes.push(attribute.Name, conformity.value);
      else if (!conformity.why.startsWith(`${name}: `)) throw invalidParameter(conformity.why);
      else troubles.push(conformity.why);
    }
  }
  if (troubles.length > 0)
    throw invalidParameter(`Attributes did not conform to the schema: ${troubles.join("\n")}`);
  const verificationTrouble = verifiedWithoutValue(attributes, rules);
  if (verificationTrouble !== undefined) throw invalidParameter(verificationTrouble);
  return attributes;
}

interface Invitation {
  readonly pool: Pool;
  readonly user: User;
  readonly password: string;
  readonly request: Request;
}

// SMS is the default (API model); where a user has no such address nothing is sent (guess).
function sendInvitation(account: Account, { pool, user, password, request }: Invitation): void {
  for (const medium of request.DesiredDeliveryMediums ?? ["SMS" as const]) {
    const destination = attributeOf(user, medium === "SMS" ? "phone_number" : "email");
    if (destination === undefined) continue;
    account.outbox.push({
      kind: "invitation",
      poolId: pool.settings.id,
      username: user.username,
      medium,
      destination,
      temporaryPassword: password,
      sentMs: account.clock(),
    });
  }
}
