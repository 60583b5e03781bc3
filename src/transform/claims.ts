import type { Claims } from "../core/planned-user.ts";
import { comparedName, VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";

/**
 * The claims of one user; `values` are attributes in API encoding. Documented: an alias is unique, an e-mail address or phone
 * number once it is verified, a preferred username at once. Reported: where contacts are usernames, they are unique
 * whether verified or not.
 */
export function claimsOf(username: string, values: ReadonlyMap<string, string>, pool: Pool): Claims {
  const preferred = values.get("preferred_username");
  const isPreferredAlias = pool.aliasAttributes.includes("preferred_username");
  return {
    username: comparedName(username, pool),
    email: contactClaim("email", values, pool),
    phone: contactClaim("phone_number", values, pool),
    preferredUsername:
      isPreferredAlias && preferred !== undefined ? comparedName(preferred, pool) : undefined,
  };
}

function contactClaim(contact: Contact, values: ReadonlyMap<string, string>, pool: Pool): string | undefined {
  const value = values.get(contact);
  if (value === undefined) return undefined;
  const isVerifiedAlias =
    pool.aliasAttributes.includes(contact) && values.get(VERIFIED_FLAG[contact]) === "true";
  return isVerifiedAlias || pool.usernameAttributes.includes(contact) ? comparedName(value, pool) : undefined;
}
