import type { Attributes, Claims } from "../core/planned-user.ts";
import { comparedName, type Contact, type Pool } from "../core/pool.ts";

/** The claims of one user; `attributes` in API encoding. */
export function claimsOf(username: string, attributes: Attributes, pool: Pool): Claims {
  const values = new Map(attributes);
  return {
    username: comparedName(username, pool),
    email: claimOf("email", "email_verified", values, pool),
    phone: claimOf("phone_number", "phone_number_verified", values, pool),
  };
}

function claimOf(
  contact: Contact,
  flag: string,
  values: ReadonlyMap<string, string>,
  pool: Pool,
): string | undefined {
  const isAlias = pool.aliasAttributes.includes(contact) || pool.usernameAttributes.includes(contact);
  const value = values.get(contact);
  return isAlias && value !== undefined && values.get(flag) === "true"
    ? comparedName(value, pool)
    : undefined;
}
