import { suggestAddress } from "./address.ts";
import type { Preset } from "./preset.ts";

/**
 * Okta's user, as its API lists it (documented): the profile holds the standard attributes, `credentials.emails` what is
 * verified. No API and no export gives a password hash or says of a second factor.
 */
export const okta: Preset = {
  mapping: {
    username: { firstOf: ["profile.login", "profile.email", "id", { uuid: "profile.login" }] },
    sourceId: { firstOf: ["id", "profile.login"] },
    changedAt: "lastUpdated",
    enabled: {
      lookup: "status",
      table: {
        ACTIVE: true,
        PASSWORD_EXPIRED: true,
        RECOVERY: true,
        LOCKED_OUT: true,
        PROVISIONED: true,
        STAGED: false,
        SUSPENDED: false,
        DEPROVISIONED: false,
      },
    },
    deleted: { lookup: "status", table: { DEPROVISIONED: true }, otherwise: false },
    socialOnly: {
      path: "credentials.provider.type",
      noneOf: ["OKTA", "IMPORT", "ACTIVE_DIRECTORY", "LDAP"],
    },
    groups: { from: "groups", clean: "-" },
    attributes: {
      email: "profile.email",
      email_verified: {
        listed: "profile.email",
        in: { pick: "credentials.emails", where: { status: "VERIFIED" }, path: "value" },
      },
      phone_number: { firstOf: ["profile.mobilePhone", "profile.primaryPhone"] },
      name: {
        firstOf: ["profile.displayName", { join: ["profile.firstName", "profile.lastName"], with: " " }],
      },
      given_name: "profile.firstName",
      middle_name: "profile.middleName",
      family_name: "profile.lastName",
      nickname: "profile.nickName",
      profile: "profile.profileUrl",
      locale: { firstOf: ["profile.locale", "profile.preferredLanguage"] },
      zoneinfo: "profile.timezone",
      updated_at: "lastUpdated",
      "custom:legacy_id": "id",
    },
  },
  comments: {
    enabled:
      "who was never activated (STAGED) is disabled like the suspended; who was invited and set no password yet (PROVISIONED) is not",
    socialOnly:
      "the providers at which users sign in to Okta itself, be it with the password of a directory; FEDERATION and SOCIAL are others",
    groups: "of the file source.groups",
    email_verified: "what Okta verified itself; a user without a list of addresses has none",
  },
  suggestions: [
    suggestAddress({
      object: {
        formatted: "profile.postalAddress",
        street_address: "profile.streetAddress",
        locality: "profile.city",
        region: "profile.state",
        postal_code: "profile.zipCode",
        country: "profile.countryCode",
      },
    }),
  ],
};

/** The same users, read from the API. */
export const oktaApi: Preset = { ...okta, place: { urlEnv: "OKTA_URL" } };
