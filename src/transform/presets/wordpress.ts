import type { Preset } from "./preset.ts";

/**
 * WordPress's users: `wp_users`, with the fields of usermeta that matter. WordPress does not say whether an address is
 * verified. Flags of spammers and deleted users are those of a network of sites. Roles come as PHP serialised them, or
 * as WP-CLI and plugins list them.
 */
export const wordpress: Preset = {
  mapping: {
    username: { firstOf: ["user_login", "user_email", "ID", "id"] },
    sourceId: { firstOf: ["ID", "id"] },
    disabled: "spam",
    deleted: "deleted",
    groups: {
      from: {
        firstOf: [
          { keys: { parse: "capabilities", format: "php" } },
          { split: "roles", at: "," },
          { split: "role", at: "," },
        ],
      },
      clean: "-",
    },
    passwordHash: "user_pass",
    nullWords: ["NULL", "\\N", "0000-00-00 00:00:00"],
    attributes: {
      email: "user_email",
      name: "display_name",
      given_name: "first_name",
      family_name: "last_name",
      nickname: "nickname",
      locale: "locale",
      website: "user_url",
      "custom:legacy_id": { firstOf: ["ID", "id"] },
    },
  },
  comments: {
    disabled: "spammers of a network of sites, who may not sign in",
    groups:
      "the roles; of those that need no group a lookup says null: { subscriber: null }, with keepOthers",
    passwordHash: "none of WordPress's own hashes can be imported; plain bcrypt of a plugin can",
    email:
      "WordPress does not say whether it is verified: email_verified: { trustSource: true } if you trust it",
  },
};
