import type { Rule } from "../rule.ts";
import { suggestAddress } from "./address.ts";
import { GRAPH_ADDRESS } from "./graph-address.ts";
import type { Preset } from "./preset.ts";

/** What the user signs in with, of this kind. */
function signInName(signInType: string): Rule {
  return { pick: "identities", where: { signInType }, path: "issuerAssignedId", take: 0 };
}

/**
 * A user of Azure AD B2C. Its userPrincipalName is a GUID at the tenant and no address; mail is mostly null, and the
 * address of a social user stands in otherMails. Nothing says that an address is verified.
 */
export const b2c: Preset = {
  mapping: {
    username: {
      firstOf: [signInName("userName"), signInName("emailAddress"), "mail", "otherMails[0]", "email", "id"],
    },
    sourceId: "id",
    enabled: "accountEnabled",
    deleted: { present: "deletedDateTime" },
    socialOnly: {
      path: {
        lookup: "identities[*].signInType",
        table: { federated: "federated", userPrincipalName: null },
        otherwise: "local",
      },
      noneOf: ["local"],
    },
    // What B2C calls a user of whom it was told no name (reported).
    nullWords: ["unknown"],
    attributes: {
      email: { firstOf: [signInName("emailAddress"), "mail", "otherMails[0]", "email"] },
      email_verified: { constant: false },
      phone_number: { firstOf: [signInName("phoneNumber"), "mobilePhone"] },
      phone_number_verified: { constant: false },
      name: "displayName",
      given_name: { firstOf: ["givenName", "firstName"] },
      family_name: { firstOf: ["surname", "lastName"] },
      "custom:legacy_id": "id",
    },
  },
  comments: {
    enabled:
      "accountEnabled is not in Graph's answer unless it was asked for, and then nobody counts as disabled",
    socialOnly:
      "users with federated identities alone; the userPrincipalName that everyone has is passed over",
    nullWords: "what B2C calls a user without a displayName",
    email_verified: "B2C has no such flag; { trustSource: true } if your user flows verify every address",
  },
  suggestions: [
    suggestAddress(GRAPH_ADDRESS),
    {
      key: "linkedProviders",
      value: {
        list: "identities",
        provider: "issuer",
        subject: "issuerAssignedId",
        names: { "google.com": "Google", "facebook.com": "Facebook" },
      },
      why: "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
    { key: "password", value: "password", why: "where a file made for a migration has them in plain text" },
  ],
};
