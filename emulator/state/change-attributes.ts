import { invalidParameter } from "../wire/error.ts";
import type { Account, UserOfPool } from "./account.ts";
import { claimAliases } from "./claim-aliases.ts";
import type { Pool } from "./pool.ts";
import { checkVerified, readAttributes, type GivenAttribute } from "./read-attributes.ts";
import { flatAttribute, withAttributes, type FlatAttributes, type User } from "./user.ts";

/**
 * Changes a user's attributes by the pool's rules, for an administrator; empty values take attributes away
 * (documented). Nothing changes unless everything does.
 */
export function changeAttributes(
  account: Account,
  { pool, user }: UserOfPool,
  given: readonly GivenAttribute[],
): void {
  const { rules } = account;
  const read = readAttributes(pool, given, rules, "change");
  checkMutable(pool, read);
  checkRequired(pool, read);
  checkFactors(pool, user, read);
  const changes = withVerification(account, { pool, user }, read);
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

// What follows from a new e-mail or phone number, or from its end, for whether it is verified.
function withVerification(
  account: Account,
  { pool, user }: UserOfPool,
  changes: FlatAttributes,
): FlatAttributes {
  const waiting = new Set<string>();
  const flags: string[] = [];
  for (const name of ["email", "phone_number"] as const) {
    const value = flatAttribute(changes, name);
    if (value === undefined || value === flatAttribute(user.attributes, name)) continue;
    const flag = flatAttribute(changes, `${name}_verified`);
    if (value === "") {
      // What becomes of the flag is a guess.
      flags.push(`${name}_verified`, "");
    } else if (flag !== "true" && pool.settings.verifiedBeforeUpdate.includes(name)) {
      // The old value stays until the user has verified the new one (documented).
      waiting.add(name);
    } else if (flag === undefined && account.rules.changedContactBecomesUnverified) {
      flags.push(`${name}_verified`, "false");
    }
  }
  return [...changes.filter((_, index) => !waiting.has(changes[index - (index % 2)] ?? "")), ...flags];
}

function namesOf(attributes: FlatAttributes): readonly string[] {
  return attributes.filter((_, index) => index % 2 === 0);
}
