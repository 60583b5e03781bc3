import { newSub } from "../state/new-sub.ts";
import type { Rules } from "../rules.ts";
import { claimedAliases, takenAliases, type TakenAlias } from "../state/claim.ts";
import { checkPasswordHash, type HashTrouble } from "../state/password-hash.ts";
import { conform, verifiedWithoutValue } from "../state/conform.ts";
import type { Pool } from "../state/pool.ts";
import {
  flatAttribute,
  type AliasName,
  type Credential,
  type FlatAttributes,
  type HashAlgorithm,
  type MfaSettings,
  type UserStatus,
} from "../state/user.ts";
import { readUsername } from "../state/username.ts";
import type { Columns } from "./header.ts";
import type { ValueKeeper } from "./value-keeper.ts";

/** What becomes of a row. */
export type Verdict =
  | { readonly kind: "skipped" }
  | { readonly kind: "failed"; readonly why: string }
  | { readonly kind: "fails-the-job"; readonly why: string }
  | {
      readonly kind: "created";
      readonly user: { readonly username: string; readonly sub: string } & RowUser;
    };

interface RowUser {
  readonly attributes: FlatAttributes;
  readonly aliases: readonly AliasName[];
  readonly status: UserStatus;
  readonly credential: Credential | undefined;
  /** The second factors that the file turns on. */
  readonly mfa: MfaSettings | undefined;
  /** Aliases that move here from other users. */
  readonly moved: readonly TakenAlias[];
}

/** The pool that rows are read for. */
export interface RowReader {
  readonly pool: Pool;
  readonly rules: Rules;
  readonly columns: Columns;
  readonly hashAlgorithm: HashAlgorithm | undefined;
  readonly keeper: ValueKeeper;
}

/** Applies the row rules to one row's values, in the order in which the first broken rule names the failure (guess). */
export function judgeRow(reader: RowReader, values: readonly string[]): Verdict {
  const { pool, rules, columns, keeper } = reader;
  if (values.length !== columns.count) {
    return {
      kind: rules.wrongFieldCount === "fails-the-job" ? "fails-the-job" : "failed",
      why: rules.texts.wrongFieldCount,
    };
  }
  const name = values[columns.username] ?? "";
  const reading = readUsername(pool, name, rules);
  if (reading.kind === "refused") return failed(reading.why);
  if (rules.existingUserCheck === "before-values" && pool.isNameTaken(name)) return { kind: "skipped" };

  const named = reading.kind === "attribute" ? { [reading.attribute]: name } : {};
  const attributes = readAttributes(reader, values, named);
  if (typeof attributes === "string") return failed(attributes);
  const why =
    verificationTrouble(pool, attributes, rules) ??
    requirementTrouble(pool, attributes) ??
    mfaTrouble(pool, values[columns.mfa] ?? "", rules);
  if (why !== undefined) return failed(why);
  const hash = columns.hash === undefined ? "" : (values[columns.hash] ?? "");
  const refusal = hashRefusal(reader, hash);
  if (refusal !== undefined) return refusal;
  if (pool.isNameTaken(name)) return { kind: "skipped" };

  const aliases = claimedAliases(pool, attributes);
  const moved = takenAliases(pool, attributes, aliases);
  if (moved.length > 0 && rules.aliasConflict === "failed") return failed(rules.texts.aliasTaken);
  if (moved.length > 0 && rules.aliasConflict === "skipped") return { kind: "skipped" };
  const sub = newSub();
  // In a pool with UsernameAttributes the username is the sub (reported).
  const username = reading.kind === "attribute" ? sub : keeper.keep(columns.username, name);
  const credential = credentialOf(reader, hash);
  const status = statusOf(reader, attributes, credential);
  const mfa = mfaOf(reader, attributes, values[columns.mfa] ?? "");
  return { kind: "created", user: { username, sub, status, credential, mfa, attributes, aliases, moved } };
}

function failed(why: string): Verdict {
  return { kind: "failed", why };
}

/** The row's attributes in flat form, or what is wrong with one of them. An empty value is no value (documented). */
function readAttributes(
  { rules, columns, keeper }: RowReader,
  values: readonly string[],
  named: Readonly<Partial<Record<string, string>>>,
): FlatAttributes | string {
  const attributes: string[] = [];
  for (const { place, attribute } of columns.attributes) {
    const given = values[place] ?? "";
    const name = named[attribute.Name];
    if (name !== undefined && given !== "" && given !== name) {
      return `User ${attribute.Name} should be empty or same as username, since username attribute is ${attribute.Name}`;
    }
    const value = name ?? given;
    if (value === "") continue;
    const isBirthdate = attribute.Name === "birthdate";
    const conformity = conform(attribute, isBirthdate ? toApiDate(value) : value, rules);
    if (conformity.kind === "breaks") return isBirthdate ? NO_BIRTHDATE : conformity.why;
    const isKeptAsGiven = isBirthdate && rules.birthdateStoredAs === "csv-form";
    attributes.push(attribute.Name, keeper.keep(place, isKeptAsGiven ? value : conformity.value));
  }
  return attributes;
}

/** A guess, in the words that the API has for its own form. */
const NO_BIRTHDATE = "birthdate: The value must be a date in the form mm/dd/yyyy";

// A CSV writes mm/dd/yyyy (documented); anything else becomes a text that is no date at all.
function toApiDate(value: string): string {
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(value) ?? [];
  return year === undefined ? "mm/dd/yyyy" : `${year}-${month}-${day}`;
}

function verificationTrouble(pool: Pool, attributes: FlatAttributes, rules: Rules): string | undefined {
  const isVerified = (name: string) => flatAttribute(attributes, `${name}_verified`) === "true";
  // With one auto-verified attribute that one must be true, with two either is enough (documented).
  if (!pool.settings.autoVerified.some(isVerified)) return NOT_AUTO_VERIFIED;
  return verifiedWithoutValue(attributes, rules);
}

/** Documented, word for word. */
const NOT_AUTO_VERIFIED =
  "The User Record does not set any of the auto verified attributes to true. (Example: email_verified to true).";

// The words are the API's for a missing attribute (reported).
function requirementTrouble(pool: Pool, attributes: FlatAttributes): string | undefined {
  for (const attribute of pool.settings.schema.values()) {
    if (!attribute.Required || attribute.Name === "sub") continue;
    if (flatAttribute(attributes, attribute.Name) === undefined)
      return `${attribute.Name}: The attribute is required`;
  }
  return undefined;
}

// Blank is what the pool asks for (documented).
function mfaTrouble(pool: Pool, value: string, rules: Rules): string | undefined {
  const isAllowed = { OFF: /^(?:false)?$/i, ON: /^(?:true)?$/i, OPTIONAL: /^(?:true|false)?$/i }[
    pool.settings.mfa
  ];
  return isAllowed.test(value) ? undefined : rules.texts.mfaInvalid;
}

// A hash that cannot be taken keeps its user out; the user can come in without it (documented, the words guessed).
function hashRefusal({ rules, hashAlgorithm }: RowReader, hash: string): Verdict | undefined {
  if (hash === "") return undefined;
  const { texts } = rules;
  if (hashAlgorithm === undefined) {
    const effect = rules.hashWithoutAlgorithm;
    if (effect === "ignored") return undefined;
    return { kind: effect === "fails-the-row" ? "failed" : effect, why: texts.hashWithoutAlgorithm };
  }
  const words: Readonly<Record<HashTrouble, string>> = {
    malformed: texts.hashMalformed,
    "over-the-limit": texts.hashOverLimit,
    "other-algorithm": texts.hashOfOtherAlgorithm,
  };
  const trouble = checkPasswordHash(hashAlgorithm, hash, rules.pbkdf2Base64);
  return trouble === undefined ? undefined : failed(words[trouble]);
}

function credentialOf({ hashAlgorithm, columns, keeper }: RowReader, hash: string): Credential | undefined {
  if (hashAlgorithm === undefined || columns.hash === undefined || hash === "") return undefined;
  return { kind: "hash", algorithm: hashAlgorithm, hash: keeper.keep(columns.hash, hash) };
}

// Who has a hash or can be sent a code signs in at once (documented).
function statusOf(
  { pool, rules }: RowReader,
  attributes: FlatAttributes,
  credential: Credential | undefined,
): UserStatus {
  if (credential !== undefined) return "CONFIRMED";
  const { firstFactors } = pool.settings;
  const canBeSent = (name: string) => flatAttribute(attributes, `${name}_verified`) === "true";
  const hasFactor =
    (firstFactors.includes("EMAIL_OTP") && canBeSent("email")) ||
    (firstFactors.includes("SMS_OTP") && canBeSent("phone_number"));
  return hasFactor && rules.passwordlessConfirmed ? "CONFIRMED" : rules.importedStatus;
}

/** One object for all who have it. */
const SMS_CODES: MfaSettings = { enabled: ["SMS_MFA"], preferred: "SMS_MFA" };

// Only a phone number is a second factor that a file brings; a blank is the pool's own state (documented).
function mfaOf(
  { pool, rules }: RowReader,
  attributes: FlatAttributes,
  value: string,
): MfaSettings | undefined {
  const isOn = value.toLowerCase() === "true" || (value === "" && pool.settings.mfa === "ON");
  if (!isOn || !rules.mfaColumnKept) return undefined;
  return flatAttribute(attributes, "phone_number") === undefined ? undefined : SMS_CODES;
}
