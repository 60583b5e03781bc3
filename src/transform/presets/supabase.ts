import type { Rule } from "../rule.ts";
import type { Preset } from "./preset.ts";
import { verifiedAt } from "./verified-at.ts";

/** The names that applications and providers write into a user's metadata; columns of a view come last. */
function metadata(...names: readonly string[]): Rule {
  const places = ["raw_user_meta_data.", "user_metadata.", ""];
  return { firstOf: places.flatMap((place) => names.map((name) => `${place}${name}`)) };
}

/**
 * Supabase's auth.users, and what its admin API lists. Phone numbers are stored without their +. Users can change their own
 * raw_user_meta_data, so nothing in it says that an address is verified.
 */
export const supabase: Preset = {
  mapping: {
    username: { firstOf: ["email", { phone: "phone", withoutPlus: true }, "id"] },
    sourceId: "id",
    disabled: { inFuture: "banned_until" },
    deleted: { present: "deleted_at" },
    anonymous: "is_anonymous",
    socialOnly: {
      path: {
        split: {
          join: [
            {
              firstOf: [
                "identities[*].provider",
                "raw_app_meta_data.providers",
                "raw_app_meta_data.provider",
                "app_metadata.providers",
                "app_metadata.provider",
              ],
            },
            // Who came by a provider can set a password later; that makes no identity of its own.
            { lookup: { present: "encrypted_password" }, table: { true: "email", false: null } },
          ],
          with: " ",
        },
        at: " ",
      },
      noneOf: ["email", "phone"],
    },
    mfa: { pick: "factors", where: { status: "verified" }, path: "factor_type" },
    passwordHash: "encrypted_password",
    attributes: {
      email: "email",
      email_verified: verifiedAt("email_confirmed_at"),
      phone_number: { phone: "phone", withoutPlus: true },
      phone_number_verified: verifiedAt("phone_confirmed_at"),
      name: metadata("full_name", "name", "display_name"),
      given_name: metadata("given_name", "first_name"),
      family_name: metadata("family_name", "last_name"),
      nickname: metadata("preferred_username", "user_name", "username"),
      picture: metadata("avatar_url", "picture"),
      updated_at: { date: "updated_at", format: "iso" },
      "custom:legacy_id": "id",
    },
    // What programs write into a CSV in place of nothing.
    nullWords: ["NULL", "null", "\\N"],
  },
  comments: {
    disabled:
      "who is banned when the plan is made; such users are created and disabled at once (policies.disabled)",
    email_verified: "where sign-ups need no confirmation, Supabase calls every address confirmed",
    mfa: "the admin API lists factors, auth.users has none; authenticators cannot be moved",
  },
  suggestions: [
    {
      key: "groups",
      value: "raw_app_meta_data.roles",
      why: "the pool's groups, where your roles are kept there",
    },
    {
      key: "linkedProviders",
      value: { list: "identities", provider: "provider", subject: "id", names: { google: "Google" } },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
