import type { Group } from "./group.ts";

/** The states a user can be in (API model). */
export type UserStatus =
  | "UNCONFIRMED"
  | "CONFIRMED"
  | "ARCHIVED"
  | "COMPROMISED"
  | "UNKNOWN"
  | "RESET_REQUIRED"
  | "FORCE_CHANGE_PASSWORD"
  | "EXTERNAL_PROVIDER";

/** Names and values in turn: one array a user costs a fraction of one object an attribute. */
export type FlatAttributes = readonly string[];

/** A user, kept small: a pool may hold a million of them. Only its pool's directory changes its attributes and aliases. */
export interface User {
  /** The user's place in the order of creation; never given twice in a pool. */
  readonly sequence: number;
  readonly username: string;
  readonly sub: string;
  enabled: boolean;
  status: UserStatus;
  readonly createdMs: number;
  modifiedMs: number;
  /** Without sub. */
  attributes: FlatAttributes;
  /** Which of the user's attributes find it as an alias. */
  aliases: readonly AliasName[];
  /** What a sign-in is held against; nothing for a user without a password. */
  credential: Credential | undefined;
  /** The last month in which the user counted as active, as year × 12 + month; 0 for never. */
  activeMonth: number;
  /** What few users have, made when it is first needed. */
  extras: UserExtras | undefined;
}

/**
 * What a user knows. A password is kept as it is, since SRP needs it: this server is for made-up users.
 * A hash came with an import and is replaced by the password at the first sign-in with it (documented).
 */
export type Credential =
  | { readonly kind: "permanent"; readonly password: string }
  | { readonly kind: "temporary"; readonly password: string; readonly setMs: number }
  | { readonly kind: "hash"; readonly algorithm: HashAlgorithm; readonly hash: string };

/** The algorithms whose hashes an import job takes (API model). */
export type HashAlgorithm = "BCRYPT" | "SCRYPT" | "ARGON2ID" | "PBKDF2_SHA256";

/** The attributes that can be an alias or stand in for the username. */
export type AliasName = "email" | "phone_number" | "preferred_username";

/** What most users do not have. */
export interface UserExtras {
  /** In the order of joining. */
  readonly groups: Set<Group>;
  /** The second factors in use. */
  mfa: MfaSettings | undefined;
  /** Users of identity providers who sign in as this one. */
  readonly identities: LinkedIdentity[];
  /** The code that was last sent, until it is used. */
  code: SentCode | undefined;
}

/** The second factors that a user is asked for. */
export interface MfaSettings {
  readonly enabled: readonly MfaFactor[];
  readonly preferred: MfaFactor | undefined;
}

/** A second factor, in the words of UserMFASettingList (documented). */
export type MfaFactor = "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP";

/** A user of an identity provider, named by one of its attributes. */
export interface LinkedIdentity {
  readonly providerName: string;
  readonly attributeName: string;
  readonly attributeValue: string;
  readonly linkedMs: number;
}

/** A code on its way to a user. */
export interface SentCode {
  readonly purpose: "confirm-sign-up" | "reset-password";
  /** Where it was sent to. */
  readonly attribute: "email" | "phone_number";
  readonly code: string;
  readonly sentMs: number;
}

/** The extras of a user, made if it has none. */
export function extrasOf(user: User): UserExtras {
  user.extras ??= { groups: new Set(), mfa: undefined, identities: [], code: undefined };
  return user.extras;
}

/** The value of one of the user's attributes, `sub` among them. */
export function attributeOf(user: User, name: string): string | undefined {
  return name === "sub" ? user.sub : flatAttribute(user.attributes, name);
}

/** The value of one attribute in a flat list. */
export function flatAttribute(attributes: FlatAttributes, name: string): string | undefined {
  for (let index = 0; index < attributes.length; index += 2) {
    if (attributes[index] === name) return attributes[index + 1];
  }
  return undefined;
}

/** A flat list with some attributes set; one whose new value is empty is gone. */
export function withAttributes(attributes: FlatAttributes, changes: FlatAttributes): FlatAttributes {
  const merged = new Map<string, string>();
  for (const list of [attributes, changes]) {
    for (let index = 0; index < list.length; index += 2) merged.set(list[index] ?? "", list[index + 1] ?? "");
  }
  return [...merged].filter(([, value]) => value !== "").flat();
}
