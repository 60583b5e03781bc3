import type { Preset } from "./preset.ts";

/**
 * Ory Kratos' identities. What traits there are is up to your identity schema: these are the names of Ory's own presets
 * and other usual ones. An address is verified where a verified address of the identity is the same, whatever its case.
 */
export const kratos: Preset = {
  mapping: {
    username: {
      firstOf: ["traits.username", "traits.email", "traits.phone", "traits.phone_number", "id"],
    },
    sourceId: "id",
    enabled: { lookup: "state", table: { active: true, inactive: false } },
    socialOnly: {
      path: {
        split: {
          join: [
            "credentials.oidc.type",
            "credentials.saml.type",
            "credentials.password.type",
            "credentials.code.type",
            "credentials.webauthn.type",
            "credentials.passkey.type",
          ],
          with: " ",
        },
        at: " ",
      },
      noneOf: ["password", "code", "webauthn", "passkey"],
    },
    mfa: {
      firstOf: [
        "credentials.totp.type",
        "credentials.lookup_secret.type",
        "credentials.webauthn.config.credentials",
      ],
    },
    passwordHash: "credentials.password.config.hashed_password",
    attributes: {
      email: "traits.email",
      email_verified: {
        listed: "traits.email",
        in: { pick: "verifiable_addresses", where: { via: "email", verified: true }, path: "value" },
      },
      phone_number: { firstOf: ["traits.phone", "traits.phone_number"] },
      phone_number_verified: {
        listed: { firstOf: ["traits.phone", "traits.phone_number"] },
        in: { pick: "verifiable_addresses", where: { via: ["sms", "phone"], verified: true }, path: "value" },
      },
      name: {
        firstOf: [
          { join: ["traits.name.first", "traits.name.last"], with: " " },
          { join: ["traits.name.given", "traits.name.family"], with: " " },
          "traits.name",
        ],
      },
      given_name: {
        firstOf: [
          "traits.name.first",
          "traits.name.given",
          "traits.first_name",
          "traits.given_name",
          "traits.firstName",
        ],
      },
      family_name: {
        firstOf: [
          "traits.name.last",
          "traits.name.family",
          "traits.last_name",
          "traits.family_name",
          "traits.lastName",
        ],
      },
      picture: { firstOf: ["traits.picture", "traits.avatar"] },
      locale: { firstOf: ["traits.locale", "traits.language"] },
      website: "traits.website",
      updated_at: "updated_at",
      "custom:legacy_id": "id",
    },
  },
  comments: {
    attributes: "by the traits of your identity schema; null takes a rule of the preset away: website: null",
    enabled: "who is inactive is created and disabled at once (policies.disabled)",
    email_verified: "where a verified address of the identity is this one",
  },
  suggestions: [
    {
      key: "groups",
      value: "metadata_public.roles",
      why: "the pool's groups, where your roles are kept there (or in metadata_admin)",
    },
    {
      key: "linkedProviders",
      value: {
        list: "credentials.oidc.config.providers",
        provider: "provider",
        subject: "subject",
        names: { google: "Google" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
