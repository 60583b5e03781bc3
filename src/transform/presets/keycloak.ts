import type { Rule } from "../rule.ts";
import { suggestAddress } from "./address.ts";
import type { Preset } from "./preset.ts";

/**
 * A user attribute, whose values are a list, and were a text in old exports. Of several values, the joined text is no
 * locale and no number, so that none of them is taken by a guess.
 */
function attribute(name: string): Rule {
  return { join: `attributes.${name}`, with: ", " };
}

/** What the password among the user's credentials says of itself. */
function ofPassword(key: string): Rule {
  return { pick: "credentials", where: { type: "password" }, path: key, take: 0 };
}

/** Keycloak's word for a password that is good for one sign-in. */
const MUST_CHANGE: Rule = { listed: { constant: "UPDATE_PASSWORD" }, in: "requiredActions" };

/**
 * Keycloak's UserRepresentation. The attributes are those that its own OpenID Connect mappers read (documented in its
 * code, OIDCLoginProtocolFactory and OIDCAddressMapper); those of other names are for the operator.
 */
export const keycloak: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "id", { uuid: "username" }] },
    sourceId: { firstOf: ["id", "username"] },
    enabled: "enabled",
    serviceAccount: { present: "serviceAccountClientId" },
    socialOnly: {
      path: {
        unless: { present: { firstOf: ["credentials", "federationLink"] } },
        value: "federatedIdentities[*].identityProvider",
      },
      noneOf: [],
    },
    groups: { from: "groups", clean: "-" },
    // The export says it in the credentials, the admin API's list in a flag.
    mfa: {
      firstOf: [
        {
          lookup: "credentials[*].type",
          table: { password: null, "password-history": null },
          keepOthers: true,
        },
        { lookup: "totp", table: { true: "totp", false: null }, keepOthers: true },
      ],
    },
    passwordHash: { unless: MUST_CHANGE, value: "credentials" },
    password: {
      unless: MUST_CHANGE,
      value: { unless: ofPassword("temporary"), value: ofPassword("value") },
    },
    attributes: {
      email: "email",
      email_verified: "emailVerified",
      phone_number: attribute("phoneNumber"),
      phone_number_verified: attribute("phoneNumberVerified"),
      name: { join: ["firstName", "lastName"], with: " " },
      given_name: "firstName",
      family_name: "lastName",
      middle_name: attribute("middleName"),
      nickname: attribute("nickname"),
      profile: attribute("profile"),
      picture: attribute("picture"),
      website: attribute("website"),
      gender: attribute("gender"),
      birthdate: attribute("birthdate"),
      zoneinfo: attribute("zoneinfo"),
      locale: attribute("locale"),
      "custom:legacy_id": "id",
    },
  },
  comments: {
    email_verified: "Keycloak's own word; a missing flag means false",
    socialOnly:
      "users who sign in through an identity provider only: without a credential of Keycloak's own, and not of LDAP (policies.socialOnly)",
    groups: "by their paths: /Sales/North becomes Sales-North",
    passwordHash: "not of who must choose a new password at the next sign-in anyway",
    password: "in plain text only in realm files that were written by hand",
  },
  suggestions: [
    suggestAddress({
      object: {
        formatted: attribute("formatted"),
        street_address: attribute("street"),
        locality: attribute("locality"),
        region: attribute("region"),
        postal_code: attribute("postal_code"),
        country: attribute("country"),
      },
    }),
    {
      key: "groups",
      value: {
        from: {
          lookup: "realmRoles",
          table: { offline_access: null, uma_authorization: null },
          keepOthers: true,
        },
        clean: "-",
      },
      why: "the pool's groups, where you give rights by realm roles",
    },
    {
      key: "linkedProviders",
      value: {
        list: "federatedIdentities",
        provider: "identityProvider",
        subject: "userId",
        names: { google: "Google" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
