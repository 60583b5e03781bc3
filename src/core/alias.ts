import type { Attributes } from "./planned-user.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool } from "./pool.ts";

/** An attribute that can be an alias: what a user signs in with beside the username. */
export type AliasAttribute = Contact | "preferred_username";

/** An alias that an update makes a user's own. */
export interface NewAlias {
  readonly attribute: AliasAttribute;
  /** Undefined where the update verifies the contact that the user has. */
  readonly value: string | undefined;
}

/**
 * The aliases that an update gives its user, in a pool that has them. Documented: an address or number is one once it is
 * verified, a preferred username at once. Where contacts are the usernames there are none: Cognito refuses one that is
 * another user's (reported).
 */
export function newAliases(update: Attributes, { aliasAttributes }: Pool): readonly NewAlias[] {
  const wanted = new Map(update);
  const preferred = wanted.get("preferred_username") ?? "";
  return [
    ...CONTACTS.filter(
      (contact) =>
        aliasAttributes.includes(contact) &&
        wanted.get(VERIFIED_FLAG[contact]) === "true" &&
        wanted.get(contact) !== "",
    ).map((attribute) => ({ attribute, value: wanted.get(attribute) })),
    ...(aliasAttributes.includes("preferred_username") && preferred !== ""
      ? [{ attribute: "preferred_username", value: preferred } as const]
      : []),
  ];
}

/** Whether a user with these attributes signs in by that one, in a pool where it is an alias. */
export function hasAlias(attributes: Attributes, attribute: AliasAttribute): boolean {
  const have = new Map(attributes);
  if (!have.has(attribute)) return false;
  return attribute === "preferred_username" || have.get(VERIFIED_FLAG[attribute]) === "true";
}
