import type { Preset } from "./preset.ts";

/**
 * Django's `auth_user`, and user models of one's own with the same names. Addresses may be empty and need not be unique;
 * whether one is verified only allauth says. A password that begins with ! is none.
 */
export const django: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "id"] },
    sourceId: "id",
    enabled: "is_active",
    // A list as the dump and PostgreSQL have it, or its JSON as SQLite and MySQL write it.
    groups: { from: { parse: "groups" }, clean: "-" },
    passwordHash: "password",
    nullWords: ["NULL", "\\N"],
    attributes: {
      email: "email",
      email_verified: "email_verified",
      given_name: "first_name",
      family_name: "last_name",
      "custom:legacy_id": "id",
    },
  },
  comments: {
    enabled: "who is not is created and disabled at once (policies.disabled)",
    groups: "a list of names, or its JSON text: Site Admins becomes Site-Admins",
    email_verified: "allauth's word; Django itself says nothing of it",
  },
};
