import { suggestAddress } from "./address.ts";
import { GRAPH_ADDRESS } from "./graph-address.ts";
import type { Preset } from "./preset.ts";

/**
 * Microsoft Graph's user, as an organisation's directory has it. mail is null for who has no mailbox; a guest's
 * userPrincipalName ends in #EXT#@tenant and is no address. Nothing says that an address is verified.
 */
export const entra: Preset = {
  mapping: {
    username: {
      firstOf: ["mail", { split: "userPrincipalName", at: "#EXT#", take: 0 }, "otherMails[0]", "id"],
    },
    sourceId: "id",
    // One of the two is there: Graph's flag, or the one of Microsoft 365's CSV.
    enabled: { firstOf: ["accountEnabled", { not: "blockCredential" }] },
    deleted: { present: { firstOf: ["@removed", "deletedDateTime"] } },
    attributes: {
      email: { firstOf: ["mail", "otherMails[0]"] },
      email_verified: { constant: false },
      phone_number: "mobilePhone",
      phone_number_verified: { constant: false },
      name: "displayName",
      given_name: "givenName",
      family_name: "surname",
      locale: "preferredLanguage",
      "custom:legacy_id": "id",
      "custom:upn": "userPrincipalName",
      "custom:employee_number": "employeeId",
      "custom:department": "department",
    },
  },
  comments: {
    enabled:
      "accountEnabled is not in Graph's answer unless it was asked for, and then nobody counts as disabled",
    deleted: "of a delta query, or of a list of deleted users",
    email_verified: "Entra has no such flag; { trustSource: true } if you answer for every user's",
    phone_number:
      "numbers without a country code need { phone: mobilePhone, country: country }, or phoneCountry",
    "custom:upn": "as the next two: passed over by a pool that has no such attribute",
  },
  suggestions: [
    suggestAddress(GRAPH_ADDRESS),
    {
      key: "groups",
      value: { from: "memberOf[*].displayName", clean: "-" },
      why: "the groups, where the request asked for them with $expand=memberOf",
    },
  ],
};
