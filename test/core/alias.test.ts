import { expect, test } from "vitest";
import { hasAlias, newAliases } from "../../src/core/alias.ts";
import type { Attributes } from "../../src/core/planned-user.ts";
import { aPool } from "../support/builders.ts";

const ALL = aPool({ aliasAttributes: ["email", "phone_number", "preferred_username"] });
const EMAIL = ["email", "ann@example.com"] as const;
const VERIFIED = ["email_verified", "true"] as const;

test.each<[string, Attributes, readonly object[]]>([
  ["a verified address", [EMAIL, VERIFIED], [{ attribute: "email", value: "ann@example.com" }]],
  ["an address that is not called verified", [EMAIL], []],
  ["one that is called unverified", [EMAIL, ["email_verified", "false"]], []],
  ["a flag alone", [VERIFIED], [{ attribute: "email", value: undefined }]],
  ["an address that is taken away", [["email", ""], VERIFIED], []],
  [
    "a verified number and a preferred username",
    [
      ["preferred_username", "annie"],
      ["phone_number", "+4917"],
      ["phone_number_verified", "true"],
    ],
    [
      { attribute: "phone_number", value: "+4917" },
      { attribute: "preferred_username", value: "annie" },
    ],
  ],
  ["a preferred username that is taken away", [["preferred_username", ""]], []],
])("the aliases that come with %s", (_, update, aliases) => {
  expect(newAliases(update, ALL)).toEqual(aliases);
});

test("there are none where the pool has none, or has contacts for usernames", () => {
  const update: Attributes = [EMAIL, VERIFIED, ["preferred_username", "annie"]];
  expect(newAliases(update, aPool())).toEqual([]);
  expect(newAliases(update, aPool({ usernameAttributes: ["email"] }))).toEqual([]);
});

test("a contact is its user's alias once it is verified, a preferred username at once", () => {
  expect(hasAlias([EMAIL, VERIFIED], "email")).toBe(true);
  expect(hasAlias([EMAIL, ["email_verified", "false"]], "email")).toBe(false);
  expect(hasAlias([VERIFIED], "email")).toBe(false);
  expect(hasAlias([["preferred_username", "annie"]], "preferred_username")).toBe(true);
  expect(hasAlias([], "preferred_username")).toBe(false);
});
