import type { Preset } from "./preset.ts";

/**
 * Auth0's user profile. Its e-mail is lower case for database users only; a missing verified flag means false.
 * Users whose identities are all of other providers (google-oauth2, github, …) have no password at Auth0.
 */
export const auth0: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "phone_number", "user_id"] },
    sourceId: "user_id",
    disabled: "blocked",
    socialOnly: { path: "identities[*].provider", noneOf: ["auth0", "email", "sms"] },
    mfa: {
      firstOf: [
        "multifactor",
        "mfa_factors[*].totp",
        {
          lookup: { listed: "phone_number", in: "mfa_factors[*].phone.value" },
          table: { true: "sms", false: null },
        },
        "mfa_factors",
      ],
    },
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
  },
  comments: { email_verified: "Auth0's own word; a missing flag means false" },
  suggestions: [
    {
      key: "groups",
      value: "app_metadata.roles",
      why: "the pool's groups, where your roles are kept there",
    },
    {
      key: "linkedProviders",
      value: {
        list: "identities",
        provider: "provider",
        subject: "user_id",
        names: { "google-oauth2": "Google", facebook: "Facebook", apple: "SignInWithApple" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
