import type { Mapping } from "./mapping.ts";

/**
 * Auth0's user profile. Its e-mail is lower case for database users only; a missing verified flag means false.
 * Users whose identities are all of other providers (google-oauth2, github, …) have no password at Auth0.
 */
const auth0: Mapping = {
  username: { firstOf: ["username", "email", "phone_number", "user_id"] },
  sourceId: "user_id",
  disabled: "blocked",
  socialOnly: { path: "identities[*].provider", noneOf: ["auth0", "email", "sms"] },
  mfa: "multifactor",
  // The export job has none; the support's export, once joined to it, and the bulk import's array do.
  passwordHash: { firstOf: ["passwordHash", "password_hash", "custom_password_hash"] },
  attributes: {
    email: "email",
    email_verified: "email_verified",
    phone_number: "phone_number",
    phone_number_verified: { firstOf: ["phone_verified", "phone_number_verified"] },
    name: "name",
    given_name: "given_name",
    family_name: "family_name",
    nickname: "nickname",
    picture: "picture",
    updated_at: "updated_at",
    "custom:legacy_id": "user_id",
  },
};

const PRESETS: Readonly<Record<string, Mapping>> = { auth0 };

/** The names of the source types that have a preset. */
export const PRESET_NAMES: readonly string[] = Object.keys(PRESETS);

/** The mapping that comes with a source type, or undefined for a source whose fields can bear any name. */
export function presetFor(sourceType: string): Mapping | undefined {
  return PRESETS[sourceType];
}
