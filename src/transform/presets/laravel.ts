import type { Preset } from "./preset.ts";
import { verifiedAt } from "./verified-at.ts";

/** Laravel's table `users`, with the columns of Fortify and of soft deletion. Laravel writes times in UTC, without a zone. */
export const laravel: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "id"] },
    sourceId: "id",
    deleted: { present: "deleted_at" },
    mfa: {
      lookup: { firstOf: ["two_factor_confirmed_at", "two_factor_secret"] },
      table: {},
      otherwise: "authenticator",
    },
    passwordHash: "password",
    nullWords: ["NULL", "\\N", "0000-00-00 00:00:00"],
    attributes: {
      email: "email",
      email_verified: verifiedAt("email_verified_at"),
      name: "name",
      given_name: "first_name",
      family_name: "last_name",
      updated_at: { date: "updated_at", format: "iso", zone: "UTC" },
      "custom:legacy_id": "id",
    },
  },
  comments: {
    deleted: "soft deletion",
    mfa: "Fortify's authenticators, which cannot be moved: a warning names who loses one",
    updated_at: "UTC by convention (timezone in config/app.php); name another zone if yours is",
  },
};
