import type { Rules } from "../rules.ts";
import { aliasesOf, type Pool, type VerifiableName } from "./pool.ts";

/** The API model's UsernameType: 1 to 128 characters, none of them white space. */
const USERNAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** What a name given at creation is in its pool. */
export type NameReading =
  | { readonly kind: "username" }
  | { readonly kind: "attribute"; readonly attribute: VerifiableName }
  | { readonly kind: "refused"; readonly why: string };

/**
 * Reads the name that a user is created under: in a pool with UsernameAttributes it must be one of those
 * (wording reported); in a pool with aliases it must not look like one (documented; e-mail wording reported).
 */
export function readUsername(pool: Pool, name: string, rules: Rules): NameReading {
  if (!USERNAME.test(name)) return { kind: "refused", why: rules.texts.usernameInvalid };
  const isEmail = rules.emailPattern.test(name);
  const isPhone = rules.phonePattern.test(name);
  const { signIn } = pool.settings;
  if (signIn.kind === "attribute") {
    if (isEmail && signIn.attributes.includes("email")) return { kind: "attribute", attribute: "email" };
    if (isPhone && signIn.attributes.includes("phone_number"))
      return { kind: "attribute", attribute: "phone_number" };
    return { kind: "refused", why: mustBeAttribute(signIn.attributes) };
  }
  const aliases = aliasesOf(signIn);
  if (isEmail && aliases.includes("email")) {
    const why = "Username cannot be of email format, since user pool is configured for email alias.";
    return { kind: "refused", why };
  }
  if (isPhone && aliases.includes("phone_number")) {
    return { kind: "refused", why: rules.texts.usernameOfPhoneFormat };
  }
  return { kind: "username" };
}

function mustBeAttribute(attributes: readonly VerifiableName[]): string {
  if (attributes.length > 1) return "Username should be either an email or a phone number.";
  return attributes[0] === "email" ? "Username should be an email." : "Username should be a phone number.";
}
