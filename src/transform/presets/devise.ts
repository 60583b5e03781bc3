import type { Preset } from "./preset.ts";
import { verifiedAt } from "./verified-at.ts";

/**
 * The table of users of a Rails application with Devise. A time of confirmation verifies the address; a new one that waits
 * for its confirmation (unconfirmed_email) is not read. Rails writes times in UTC.
 */
export const devise: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "id"] },
    sourceId: "id",
    disabled: { present: "locked_at" },
    // Soft deletion of the gems paranoia and discard.
    deleted: { present: { firstOf: ["deleted_at", "discarded_at"] } },
    socialOnly: { path: "provider", noneOf: ["email"] },
    mfa: {
      lookup: "otp_required_for_login",
      table: {
        true: "authenticator",
        t: "authenticator",
        "1": "authenticator",
        false: null,
        f: null,
        "0": null,
      },
    },
    passwordHash: "encrypted_password",
    nullWords: ["NULL", "\\N", "0000-00-00 00:00:00"],
    attributes: {
      email: "email",
      email_verified: { firstOf: ["email_verified", verifiedAt("confirmed_at")] },
      name: "name",
      given_name: "first_name",
      family_name: "last_name",
      updated_at: { date: "updated_at", format: "iso", zone: "UTC" },
      "custom:legacy_id": "id",
    },
  },
  comments: {
    disabled:
      "locked, by hand or after too many attempts; enabled: { constant: true } where that means nothing any more",
    deleted: "times that the gems paranoia and discard set",
    socialOnly:
      "signed up by OmniAuth; email is devise_token_auth's own word. policies.socialOnly: create if they have passwords too",
    passwordHash:
      "write { hash: encrypted_password, peppered: true } if config.pepper is set: no hash is usable then",
    email_verified:
      "only with the module confirmable; without it nothing tells, and trustSource is for you to say",
    updated_at: "Rails keeps times in UTC unless it is told otherwise",
  },
  suggestions: [
    {
      key: "linkedProviders",
      value: {
        provider: "provider",
        subject: "uid",
        names: { google_oauth2: "Google", facebook: "Facebook" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
