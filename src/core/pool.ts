import { toNfc } from "./nfc.ts";

/** A contact that Cognito can verify and that can serve as an alias or as the username. */
export type Contact = "email" | "phone_number";

/** All contacts, in the order in which Cognito lists them. */
export const CONTACTS: readonly Contact[] = ["email", "phone_number"];

/** The name of the flag that says whether a contact is verified. */
export const VERIFIED_FLAG: Readonly<Record<Contact, string>> = {
  email: "email_verified",
  phone_number: "phone_number_verified",
};

/** One attribute of the pool's schema, named as Cognito names it (`custom:` and `dev:` prefixes included). */
export interface PoolAttribute {
  readonly name: string;
  readonly type: "String" | "Number" | "DateTime" | "Boolean";
  readonly required: boolean;
  /** Whether the attribute can be changed after the user is created. */
  readonly mutable: boolean;
  /** Bounds of a string's length in characters, or of a number's value; undefined where the pool sets none. */
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** What else of a pool an operator should know before users come, and no decision about a user depends on. */
export interface PoolSetup {
  /** The Lambda triggers that are set, by their names in the API. */
  readonly triggers: readonly string[];
  /** Who sends e-mails: Cognito itself, 50 a day (documented), or Amazon SES for the operator. */
  readonly emailSender: "cognito" | "ses";
  /** Whether the pool can send text messages. */
  readonly sendsSms: boolean;
  /** How many users it has, as it estimates. */
  readonly estimatedUsers: number;
}

/**
 * What poolferry knows of a user pool: the settings that decide how a user must look to be imported.
 * Read live by cognito/read-pool.ts; transform sees nothing else of Cognito.
 */
export interface Pool {
  readonly id: string;
  readonly name: string;
  /** The id of its AWS account, 12 digits; undefined where nothing says it. */
  readonly account?: string | undefined;
  readonly attributes: readonly PoolAttribute[];
  /**
   * The columns of the import CSV, exactly as GetCSVHeader gives them. Where no import job is made, the names of the
   * attributes that can be set.
   */
  readonly csvHeader: readonly string[];
  /** Contacts whose verified flag lets a user into an import job. */
  readonly autoVerified: readonly Contact[];
  /**
   * Of those, the ones that keep their old value until the user has verified the new one, or an administrator calls it verified
   * in the request that sets it (documented). Undefined in a ledger of before this was read.
   */
  readonly verifiedBeforeUpdate?: readonly Contact[] | undefined;
  /** Contacts that *are* the username; Cognito then makes up a UUID as the Username. */
  readonly usernameAttributes: readonly Contact[];
  /** What else a user can sign in with, beside the username. */
  readonly aliasAttributes: readonly string[];
  readonly caseSensitive: boolean;
  readonly mfa: "OFF" | "ON" | "OPTIONAL";
  /** Undefined in a ledger of before this was read. */
  readonly setup?: PoolSetup | undefined;
}

/**
 * A name as the pool compares it: two names are the same to the pool exactly when these are equal.
 * UsernameConfiguration.CaseSensitive covers usernames and e-mail aliases (documented).
 */
export function comparedName(name: string, pool: Pool): string {
  if (pool.caseSensitive) return name;
  const composed = toNfc(name);
  const lower = composed.toLowerCase();
  // Lower-casing can leave what NFC composes: there is a small j with caron, but no capital one.
  return lower === composed ? lower : toNfc(lower);
}

/**
 * A string that differs when a plan's decisions could be others for the pool as it is now. Names and the order in which
 * the service lists things do not count.
 */
export function poolFingerprint(pool: Pool): string {
  const { id, autoVerified, usernameAttributes, caseSensitive, mfa } = pool;
  const attributes = pool.attributes.map((attribute) => JSON.stringify(attribute)).sort();
  const names = [pool.csvHeader.toSorted(), pool.aliasAttributes.toSorted()];
  return JSON.stringify([id, attributes, names, autoVerified, usernameAttributes, caseSensitive, mfa]);
}
