import { claimAliases } from "../state/claim-aliases.ts";
import { checkPassword } from "../state/password.ts";
import { readAttributes, type GivenAttribute } from "../state/read-attributes.ts";
import { attributeOf, withAttributes, type User } from "../state/user.ts";
import { invalidParameter } from "../wire/error.ts";
import type { SignInAnswer } from "./answer.ts";
import type { Caller } from "./caller.ts";
import { missingAttributes, stepAfterLogin } from "./next-step.ts";
import { notAuthorized, required } from "./refusals.ts";
import { closeSession, findSession, userOfSession } from "./sessions.ts";
import { checkWritable } from "./writable.ts";

const PREFIX = "userAttributes.";

/** Sets the password, and the attributes, that replace a temporary password; the user is confirmed (documented). */
export function answerNewPassword(
  caller: Caller,
  responses: Readonly<Record<string, string>>,
  id: string | undefined,
): SignInAnswer {
  const { pool, account } = caller;
  const session = findSession(caller, id, "NEW_PASSWORD_REQUIRED");
  const user = userOfSession(caller, session);
  // There is nothing left to replace once somebody else has set a password (guess).
  if (user.credential?.kind !== "temporary") throw notAuthorized("Invalid session for the user.");
  const password = required(responses, "NEW_PASSWORD");
  checkPassword(password, pool.settings.passwordPolicy);
  setAttributes(caller, user, attributesIn(responses));
  closeSession(caller, id ?? "");
  user.credential = { kind: "permanent", password };
  user.status = "CONFIRMED";
  user.modifiedMs = account.clock();
  return stepAfterLogin(caller, user);
}

// An empty value takes nothing away here, where only what is missing can be given (guess).
function attributesIn(responses: Readonly<Record<string, string>>): readonly GivenAttribute[] {
  return Object.entries(responses)
    .filter(([name, value]) => name.startsWith(PREFIX) && value !== "")
    .map(([name, value]) => ({ Name: name.slice(PREFIX.length), Value: value }));
}

function setAttributes(caller: Caller, user: User, given: readonly GivenAttribute[]): void {
  const { pool, account } = caller;
  checkGiven(caller, user, given);
  if (given.length === 0) return;
  checkWritable(caller, given);
  const attributes = withAttributes(user.attributes, readAttributes(pool, given, account.rules));
  const aliases = claimAliases(pool, { claimant: user, attributes, ofOthers: "refuse" }, account.rules);
  pool.users.change(user, attributes, aliases);
}

// All three refusals are reported, the second for e-mails only.
function checkGiven(caller: Caller, user: User, given: readonly GivenAttribute[]): void {
  const { schema } = caller.pool.settings;
  const names = new Set(given.map(({ Name }) => Name));
  const missing = missingAttributes(caller, user).filter((name) => !names.has(name));
  if (missing.length > 0)
    throw invalidParameter(`Invalid attributes given, ${missing.join(", ")} is missing`);
  for (const name of ["email", "phone_number"]) {
    if (names.has(name) && attributeOf(user, name) !== undefined) {
      throw notAuthorized(`Cannot modify an already provided ${name}`);
    }
  }
  for (const name of names) {
    const isFixed = name.endsWith("_verified") || schema.get(name)?.Mutable === false;
    if (isFixed && attributeOf(user, name) !== undefined) {
      throw invalidParameter(`Cannot modify the non-mutable attribute ${name}`);
    }
  }
}
