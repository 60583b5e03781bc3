import { suggestAddress } from "./address.ts";
import type { Preset } from "./preset.ts";

/**
 * The users of Google Workspace, as the Admin console downloads them: columns by their names without the brackets. The
 * password is always `****`. Only the recovery phone is E.164; other numbers are as somebody wrote them, several of them
 * with commas. Nothing says that an address is verified, and there is no id.
 */
export const googleWorkspace: Preset = {
  mapping: {
    username: { firstOf: ["Email Address", { uuid: "Email Address" }] },
    sourceId: "Email Address",
    enabled: { lookup: "Status", table: { Active: true, Suspended: false, Archived: false } },
    mfa: {
      lookup: "2sv Enrolled",
      table: { True: "2-step verification", TRUE: "2-step verification", true: "2-step verification" },
      otherwise: "none",
    },
    attributes: {
      email: "Email Address",
      email_verified: { constant: false },
      phone_number: { firstOf: ["Recovery Phone", { split: "Mobile Phone", at: ",", take: 0 }] },
      phone_number_verified: { constant: false },
      name: { join: ["First Name", "Last Name"], with: " " },
      given_name: "First Name",
      family_name: "Last Name",
      "custom:legacy_id": "Email Address",
      "custom:employee_number": "Employee ID",
      "custom:department": "Department",
    },
  },
  comments: {
    username: "the address, or where the pool takes none as a username, a UUID made of it",
    enabled: "a status that is not one of these disables the user, with a warning",
    mfa: "2-Step Verification cannot be moved; a warning names who loses it",
    email_verified: "no column says it; { trustSource: true } if you answer for every user's",
    phone_number: "the recovery phone is E.164; others need phoneCountry where they name no country",
    "custom:employee_number": "as the next: passed over by a pool that has no such attribute",
  },
  suggestions: [
    suggestAddress({ object: { formatted: { firstOf: ["Work Address", "Home Address"] } } }),
    {
      key: "groups",
      value: {
        from: { lookup: "Org Unit Path", table: { "/": null }, keepOthers: true },
        clean: "-",
      },
      why: "the organisational unit as a group: /Eng/Core becomes Eng-Core",
    },
  ],
};
