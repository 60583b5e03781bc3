import type { Client } from "../state/client.ts";
import type { User } from "../state/user.ts";

/**
 * A user's attributes as an id token claims them: those that the client reads (documented), flags as booleans,
 * the address as an object, everything else as text (reported).
 */
export function idClaims(
  { attributes }: User,
  { readAttributes }: Client,
): Readonly<Record<string, unknown>> {
  const claims: Record<string, unknown> = {};
  for (let index = 0; index < attributes.length; index += 2) {
    const name = attributes[index] ?? "";
    const value = attributes[index + 1] ?? "";
    if (readAttributes !== undefined && !readAttributes.includes(name)) continue;
    if (name.startsWith("dev:")) continue;
    claims[name] = claimValue(name, value);
  }
  return claims;
}

function claimValue(name: string, value: string): unknown {
  switch (name) {
    case "email_verified":
    case "phone_number_verified":
      return value === "true";
    case "address":
      return { formatted: value };
    case "updated_at":
      return Number(value);
    default:
      return value;
  }
}
