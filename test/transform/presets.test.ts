import { expect, test } from "vitest";
import type { JsonObject } from "../../src/core/row.ts";
import { PRESET_NAMES, presetFor } from "../../src/transform/presets/presets.ts";
import { aBareRow, aDecider } from "../support/builders.ts";

/** What makes a member of the group of each preset. */
const MEMBERS: Readonly<Record<string, JsonObject>> = {
  okta: { id: "1", groups: ["Night  Watch / North"] },
  "okta-api": { id: "1", groups: ["Night  Watch / North"] },
  keycloak: { username: "ada", groups: ["/Night  Watch/North"] },
  scim: { userName: "ada", groups: [{ display: "Night  Watch / North" }] },
  ldif: { uid: ["ada"], memberOf: ["cn=Night  Watch / North,dc=example,dc=com"] },
  ldap: { uid: ["ada"], memberOf: ["cn=Night  Watch / North,dc=example,dc=com"] },
  wordpress: { user_login: "ada", roles: "Night  Watch / North" },
  django: { username: "ada", groups: '["Night  Watch / North"]' },
  aspnet: { UserName: "ada", Roles: ["Night  Watch / North"] },
};

/** Names that come from a user pool are right for another one as they are. */
const OF_POOLS = ["cognito-export", "cognito"];

test("every preset that has groups is shown here", () => {
  const withGroups = PRESET_NAMES.filter((name) => presetFor(name)?.mapping.groups !== undefined);
  expect(withGroups.sort()).toEqual([...Object.keys(MEMBERS), ...OF_POOLS].sort());
});

test.each(Object.entries(MEMBERS))("a group whose name has spaces is not lost with %s", (name, record) => {
  const { followUps, issues } = aDecider({ preset: presetFor(name)?.mapping ?? {} })(aBareRow(record));
  expect(issues.map(({ code }) => code)).not.toContain("group-invalid");
  expect(followUps).toEqual([{ kind: "add-to-group", group: "Night-Watch-North" }]);
});
