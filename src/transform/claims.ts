import type { Claims } from "../core/planned-user.ts";
import type { AttributeValues } from "./attribute-values.ts";
import { comparedName, VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";

/**
 * The claims of one user; `values` are attributes in API encoding. Documented: an alias is unique, an e-mail address or phone
 * number once it is verified, a preferred username at once. Reported: where contacts are usernames, they are unique
 * whether verified or not.
 */
export function claimsOf(username: string, values: Pick<AttributeValues, "get">, pool: Pool): Claims {
  const isPreferredAlias = pool.aliasAttributes.includes("preferred_username");
  const preferred = isPreferredAlias ? values.get("preferred_username") : undefined;
  return {
    username: comparedName(username, pool),
    email: contactClaim("email", values, pool),
    phone: contactClaim("phone_number", values, pool),
    preferredUsername: preferred === undefined ? undefined : comparedName(preferred, pool),
  };
}

function contactClaim(
  contact: Contact,
  values: Pick<AttributeValues, "get">,
  pool: Pool,
): string | undefined {
  const isClaimed =
    pool.usernameAttributes.includes(contact) ||
    (pool.aliasAttributes.includes(contact) && values.get(VERIFIED_FLAG[contact]) === "true");
  const value = isClaimed ? values.get(contact) : undefined;
  return value === undefined ? undefined : comparedName(value, pool);
}
