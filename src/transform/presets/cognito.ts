import type { Preset } from "./preset.ts";

/** All statuses of users who have no account elsewhere (API model); EXTERNAL_PROVIDER is the one that is left. */
export const NATIVE_STATUSES = [
  "UNCONFIRMED",
  "CONFIRMED",
  "ARCHIVED",
  "COMPROMISED",
  "UNKNOWN",
  "RESET_REQUIRED",
  "FORCE_CHANGE_PASSWORD",
];

/**
 * A user of a user pool, from an export or read live: what Cognito says of it by the API's names, and its attributes by
 * theirs. `sub`, `identities` and `cognito:` ones are nothing that can be set, so no rule speaks of them.
 */
export const cognitoExport: Preset = {
  mapping: {
    // A pool with e-mail aliases takes no address: the old sub is unique, and nobody needs it to sign in.
    username: { firstOf: ["Username", "email", "sub", "phone_number"] },
    sourceId: "sub",
    changedAt: "UserLastModifiedDate",
    // The two statuses stood for users who may not sign in, as long as Cognito gave them (documented).
    disabled: {
      firstOf: [
        { lookup: "UserStatus", table: { ARCHIVED: true, COMPROMISED: true }, otherwise: "" },
        { not: "Enabled" },
      ],
    },
    socialOnly: { path: "UserStatus", noneOf: NATIVE_STATUSES },
    // Names that a pool has, another one takes: they stay as they are, slashes too.
    groups: "Groups",
    mfa: {
      lookup: { firstOf: ["UserMFASettingList", "PreferredMfaSetting", "MFAOptions[*].DeliveryMedium"] },
      table: { SMS_MFA: "sms", SMS: "sms" },
      keepOthers: true,
    },
    attributesByName: true,
    lowerCaseEmail: false,
  },
  comments: {
    sourceId: "the old sub, for identity-map.csv",
    disabled: "not Enabled, or one of two statuses that Cognito gave in former times (policies.disabled)",
    socialOnly: "users whom an identity provider signed in (policies.socialOnly)",
    mfa: "text messages; authenticators cannot be moved, and no list of users tells them",
    attributesByName: "each attribute that the target has gets the one of its name, custom: ones too",
    lowerCaseEmail: "addresses stay as the pool has them",
  },
  suggestions: [
    {
      key: "anonymous",
      value: { lookup: "UserStatus", table: { UNCONFIRMED: true }, otherwise: false },
      why: "users who never confirmed their sign-up, whom nobody can sign in as: left out with this line, created with unverified addresses without it",
    },
    {
      key: "linkedProviders",
      value: {
        list: "identities",
        provider: "providerName",
        subject: "userId",
        names: { Google: "Google" },
      },
      why: "identities at providers that the target has too, by its names; with policies.socialOnly: link",
    },
  ],
};

/** The same of a pool that is read live. */
export const cognito: Preset = { ...cognitoExport, place: { userPoolId: "eu-central-1_OldPool12" } };
