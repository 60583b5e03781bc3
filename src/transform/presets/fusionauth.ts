import type { Preset } from "./preset.ts";

/**
 * FusionAuth's users. `verified` is about the address; of phone numbers, only those by which users sign in (`phoneNumber`)
 * can be verified, and `mobilePhone` never says so. Hashes of bcrypt and PBKDF2 with SHA-256 go on.
 */
export const fusionauth: Preset = {
  mapping: {
    username: { firstOf: ["username", "email", "phoneNumber", "mobilePhone", "id"] },
    sourceId: "id",
    disabled: {
      anyOf: [{ not: "active" }, { not: { inFuture: { date: "expiry", format: "epoch-ms" } } }],
    },
    mfa: "twoFactor.methods[*].method",
    passwordHash: {
      hash: "password",
      hasher: "encryptionScheme",
      salt: "salt",
      iterations: "factor",
      saltEncoding: "base64",
      hashEncoding: "base64",
    },
    attributes: {
      email: "email",
      email_verified: "verified",
      phone_number: { firstOf: ["phoneNumber", "mobilePhone"] },
      phone_number_verified: {
        listed: "phoneNumber",
        in: { pick: "identities", where: { type: "phoneNumber", verified: true }, path: "value" },
      },
      name: { firstOf: ["fullName", { join: ["firstName", "middleName", "lastName"], with: " " }] },
      given_name: "firstName",
      middle_name: "middleName",
      family_name: "lastName",
      birthdate: "birthDate",
      picture: "imageUrl",
      locale: "preferredLanguages[0]",
      zoneinfo: "timezone",
      updated_at: { date: "lastUpdateInstant", format: "epoch-ms" },
      "custom:legacy_id": "id",
    },
  },
  comments: {
    disabled: "who is not active, or whose account expired before the plan (policies.disabled)",
    email_verified: "FusionAuth's own word; a missing flag means false",
  },
  suggestions: [
    {
      key: "groups",
      value: "registrations[0].roles",
      why: "the pool's groups: the roles in your application, or a lookup of memberships[*].groupId",
    },
    {
      key: "phoneCountry",
      value: "US",
      why: "the country of numbers that name none, which are left out otherwise",
    },
  ],
};
