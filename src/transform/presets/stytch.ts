import type { Rule } from "../rule.ts";
import type { Preset } from "./preset.ts";

/** A word where the rule has a value. */
function wordWhere(rule: Rule, word: string): Rule {
  return { lookup: { present: rule }, table: { true: word, false: null } };
}

/**
 * Stytch's consumer users. Of several addresses or numbers the source brings verified ones first. Stytch does not say who
 * signs in by e-mail, as a provider brings an address as well: such users without a password count as social-only.
 */
export const stytch: Preset = {
  mapping: {
    username: { firstOf: ["emails[0].email", "phone_numbers[0].phone_number", "user_id"] },
    sourceId: "user_id",
    disabled: {
      allOf: [
        "is_locked",
        { anyOf: [{ not: { present: "lock_expires_at" } }, { inFuture: "lock_expires_at" }] },
      ],
    },
    deleted: { lookup: "status", table: { deleted: true }, otherwise: false },
    socialOnly: {
      path: {
        split: {
          join: [
            wordWhere("providers[*].provider_type", "provider"),
            wordWhere("password.password_id", "password"),
            wordWhere("phone_numbers[*].phone_number", "phone"),
            wordWhere("webauthn_registrations", "webauthn"),
            wordWhere("biometric_registrations", "biometric"),
            wordWhere("crypto_wallets", "wallet"),
          ],
          with: " ",
        },
        at: " ",
      },
      noneOf: ["password", "phone", "webauthn", "biometric", "wallet"],
    },
    mfa: { pick: "totps", where: { verified: true } },
    passwordHash: {
      hash: "password.hash",
      hasher: "password.hash_method",
      salt: "password.salt",
      iterations: "password.cost",
      blockSize: "password.block_size",
      parallelism: "password.parallelism",
      // The salt is the text itself, though it looks like base64.
      saltEncoding: "utf8",
      hashEncoding: "base64url",
    },
    attributes: {
      email: "emails[0].email",
      email_verified: "emails[0].verified",
      phone_number: "phone_numbers[0].phone_number",
      phone_number_verified: "phone_numbers[0].verified",
      name: { join: ["name.first_name", "name.middle_name", "name.last_name"], with: " " },
      given_name: "name.first_name",
      middle_name: "name.middle_name",
      family_name: "name.last_name",
      picture: "providers[0].profile_picture_url",
      "custom:legacy_id": "user_id",
    },
  },
  comments: {
    disabled: "who is locked, and until after the plan if the lock ends",
    socialOnly:
      "who has a provider, and neither a password, a number nor a device; who signs in by links in e-mails, too, cannot be told (policies.socialOnly)",
    passwordHash: "from source.passwordHashes; Stytch's own scrypt is one that Cognito takes",
  },
  suggestions: [
    { key: "groups", value: "roles", why: "the pool's groups; or where trusted_metadata keeps them" },
    {
      key: "linkedProviders",
      value: {
        list: "providers",
        provider: "provider_type",
        subject: "provider_subject",
        names: { Google: "Google" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
