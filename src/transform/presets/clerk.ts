import type { Rule } from "../rule.ts";
import type { Preset } from "./preset.ts";

/** Whether a contact stands in the list of verified ones, which Clerk joins by bars. */
function isListed(contact: string, list: string): Rule {
  return { listed: contact, in: { split: list, at: "|" } };
}

/**
 * Clerk's users. An address or number is verified when it stands in the column of the verified ones; the primary one need
 * not. JSON exports have no such lists, and there nobody is verified.
 */
export const clerk: Preset = {
  mapping: {
    username: { firstOf: ["username", "primary_email_address", "primary_phone_number", "id"] },
    sourceId: "id",
    disabled: "banned",
    mfa: {
      firstOf: [
        "second_factors",
        { lookup: { present: "totp_secret" }, table: { true: "authenticator", false: "none" } },
      ],
    },
    passwordHash: { hash: "password_digest", hasher: "password_hasher", format: "clerk" },
    attributes: {
      email: "primary_email_address",
      email_verified: isListed("primary_email_address", "verified_email_addresses"),
      phone_number: "primary_phone_number",
      phone_number_verified: isListed("primary_phone_number", "verified_phone_numbers"),
      name: { join: ["first_name", "last_name"], with: " " },
      given_name: "first_name",
      family_name: "last_name",
      picture: "image_url",
      locale: "locale",
      updated_at: { date: "updated_at", format: "epoch-ms" },
      "custom:legacy_id": "id",
    },
  },
  comments: {
    disabled: "only users of the Backend API have it",
    mfa: "an authenticator's secret cannot be moved; a warning names who loses it",
    email_verified: "the primary address is verified where it stands among the verified ones",
  },
  suggestions: [
    {
      key: "linkedProviders",
      value: {
        list: "external_accounts",
        provider: "provider",
        subject: "provider_user_id",
        names: { oauth_google: "Google" },
      },
      why: "accounts at providers that the pool has too, by the pool's names; of the Backend API",
    },
  ],
};
