import type { Preset } from "./preset.ts";

/**
 * Firebase's users, as auth:export writes them. A phone number is not called verified: Firebase verifies those with which
 * users signed in, but an administrator can set any, and the export does not tell them apart.
 */
export const firebase: Preset = {
  mapping: {
    username: { firstOf: ["email", "phoneNumber", "localId"] },
    sourceId: "localId",
    // Nothing says when a user was changed.
    changedAt: { date: { firstOf: ["lastSignedInAt", "lastLoginAt", "createdAt"] }, format: "epoch-ms" },
    disabled: "disabled",
    anonymous: { not: { present: { firstOf: ["email", "phoneNumber", "providerUserInfo[*].providerId"] } } },
    socialOnly: { path: "providerUserInfo[*].providerId", noneOf: ["password", "phone"] },
    mfa: {
      firstOf: [
        "mfaInfo[*].totpInfo",
        {
          lookup: { listed: "phoneNumber", in: "mfaInfo[*].phoneInfo" },
          table: { true: "sms", false: null },
        },
        "mfaInfo",
      ],
    },
    passwordHash: { hash: "passwordHash", format: "firebase-scrypt" },
    attributes: {
      email: "email",
      email_verified: "emailVerified",
      phone_number: "phoneNumber",
      name: "displayName",
      picture: "photoUrl",
      "custom:legacy_id": "localId",
    },
  },
  comments: {
    changedAt:
      "the last sign-in, as Firebase does not say when a user was changed; for policies.duplicates: newest",
    anonymous: "no address, no number and no provider",
    mfa: "text messages to the user's own number; of other second factors a warning names who loses one",
    passwordHash: "Firebase's own scrypt, which no import job takes: these users reset their passwords",
    email_verified: "Firebase's own word",
  },
  suggestions: [
    {
      key: "groups",
      value: { parse: "customAttributes", path: "roles" },
      why: "the pool's groups, where your custom claims have a list of roles",
    },
    {
      key: "linkedProviders",
      value: {
        list: "providerUserInfo",
        provider: "providerId",
        subject: "rawId",
        names: { "google.com": "Google", "facebook.com": "Facebook", "apple.com": "SignInWithApple" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
