import type { Preset } from "./preset.ts";
import { unlessNo } from "./verified-at.ts";

/**
 * The users of Auth.js (NextAuth). It keeps no passwords: everybody resets one. Only joined accounts tell who came by a
 * provider alone.
 */
export const authjs: Preset = {
  mapping: {
    username: { firstOf: ["email", "id"] },
    sourceId: "id",
    socialOnly: { path: "accounts[*].provider", noneOf: ["email", "credentials"] },
    attributes: {
      email: "email",
      email_verified: {
        present: unlessNo({ firstOf: ["emailVerified", "email_verified", "emailverified"] }),
      },
      name: "name",
      picture: "image",
      "custom:legacy_id": "id",
    },
    // What programs write into a CSV in place of nothing.
    nullWords: ["NULL", "null", "\\N"],
  },
  comments: {
    email_verified:
      "the time at which the address was verified; a flag, as some tables have one, counts as what it says",
    socialOnly:
      "of users with joined accounts, those whose accounts are all at other providers (policies.socialOnly)",
  },
  suggestions: [
    { key: "groups", value: "role", why: "the pool's groups, where you added such a column" },
    {
      key: "linkedProviders",
      value: {
        list: "accounts",
        provider: "provider",
        subject: "providerAccountId",
        names: { google: "Google" },
      },
      why: "accounts at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    },
  ],
};
