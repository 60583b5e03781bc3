import { invalidParameter } from "../wire/error.ts";
import type { Account, UserOfPool } from "./account.ts";
import { claimAliases } from "./claim-aliases.ts";
import type { Pool, VerifiableName } from "./pool.ts";
import { checkVerified, readAttributes, type GivenAttribute } from "./read-attributes.ts";
import { flatAttribute, withAttributes, type FlatAttributes, type User } from "./user.ts";

/** A new e-mail address or phone number that nobody has vouched for. */
export interface UnverifiedContact {
  readonly name: VerifiableName;
  readonly value: string;
}

/**
 * Changes a user's attributes by the pool's rules, for an administrator; empty values take attributes away
 * (documented). Nothing changes unless everything does. Returns the new contacts that the pool verifies by itself and the
 * request does not call verified: Cognito sends each of them a code (documented).
 */
export function changeAttributes(
  account: Account,
  { pool, user }: UserOfPool,
  given: readonly GivenAttribute[],
): readonly UnverifiedContact[] {
  const { rules } = account;
  const read = readAttributes(pool, given, rules, "change");
  checkMutable(pool, read);
  checkRequired(pool, read);
  checkFactors(pool, user, read);
  const unverified = unverifiedContacts(user, read);
  const changes = withVerification(account, pool, { read, unverified });
  const attributes = withAttributes(user.attributes, changes);
  checkVerified(attributes, rules);
  const aliases = claimAliases(
    pool,
    {
      claimant: user,
      attributes,
      ofOthers: rules.aliasOnUpdate,
      isUpdate: true,
    },
    rules,
  );
  pool.users.change(user, attributes, aliases);
  user.modifiedMs = account.clock();
  return unverified.filter(({ name }) => pool.settings.autoVerified.includes(name));
}

// Also one that the user never had (reported, as are the words).
function checkMutable(pool: Pool, changes: FlatAttributes): void {
  const immutable = namesOf(changes).filter((name) => pool.settings.schema.get(name)?.Mutable === false);
  if (immutable.length === 0) return;
  throw invalidParameter(immutable.map((name) => `user.${name}: Attribute cannot be updated.`).join("\n"));
}

// That required attributes stay is reported; the words are those of a missing one.
function checkRequired(pool: Pool, changes: FlatAttributes): void {
  const missing = namesOf(changes).filter((name) => {
    return pool.settings.schema.get(name)?.Required === true && flatAttribute(changes, name) === "";
  });
  if (missing.length === 0) return;
  throw invalidParameter(missing.map((name) => `user.${name}: The attribute is required`).join("\n"));
}

// Reported for a phone number and required MFA; the same for e-mail, and the words, are guesses.
function checkFactors(pool: Pool, { extras }: User, changes: FlatAttributes): void {
  if (pool.settings.mfa !== "ON") return;
  for (const [name, factor] of [
    ["phone_number", "SMS_MFA"],
    ["email", "EMAIL_OTP"],
  ] as const) {
    if (flatAttribute(changes, name) === "" && extras?.mfa?.enabled.includes(factor) === true) {
      throw invalidParameter(`Cannot delete ${name}: the user needs it for ${factor}.`);
    }
  }
}

const CONTACTS: readonly VerifiableName[] = ["email", "phone_number"];

/** The contacts that a request gives another value and does not call verified. */
function unverifiedContacts(user: User, read: FlatAttributes): readonly UnverifiedContact[] {
  return CONTACTS.flatMap((name) => {
    const value = flatAttribute(read, name) ?? "";
    const isChanged = value !== "" && value !== flatAttribute(user.attributes, name);
    return isChanged && flatAttribute(read, `${name}_verified`) !== "true" ? [{ name, value }] : [];
  });
}

// What follows from a new e-mail or phone number, or from its end, for whether it is verified.
function withVerification(
  { rules }: Account,
  { settings }: Pool,
  { read, unverified }: { readonly read: FlatAttributes; readonly unverified: readonly UnverifiedContact[] },
): FlatAttributes {
  const waiting = new Set<string>();
  // What becomes of the flag of a contact that is taken away is a guess.
  const flags = CONTACTS.flatMap((name) =>
    flatAttribute(read, name) === "" ? [`${name}_verified`, ""] : [],
  );
  for (const { name } of unverified) {
    // The old value stays until the user has verified the new one (documented).
    if (settings.verifiedBeforeUpdate.includes(name)) waiting.add(name);
    else if (flatAttribute(read, `${name}_verified`) === undefined && rules.changedContactBecomesUnverified)
      flags.push(`${name}_verified`, "false");
  }
  return [...read.filter((_, index) => !waiting.has(read[index - (index % 2)] ?? "")), ...flags];
}

function namesOf(attributes: FlatAttributes): readonly string[] {
  return attributes.filter((_, index) => index % 2 === 0);
}
