import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../src/core/row.ts";
import { PRESET_NAMES, presetFor } from "../../src/transform/presets/presets.ts";
import { aBareRow, aDecider, sentAttributes } from "../support/builders.ts";

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

/** The columns that hold the time at which an address or number was verified. */
const TIMES: readonly (readonly [string, string, JsonObject])[] = [
  ["laravel", "email_verified_at", { id: 1, email: "ada@example.com" }],
  ["devise", "confirmed_at", { id: 1, email: "ada@example.com" }],
  ["supabase", "email_confirmed_at", { id: "1", email: "ada@example.com" }],
  ["supabase", "phone_confirmed_at", { id: "1", phone: "12025550101" }],
  ["authjs", "emailVerified", { id: "1", email: "ada@example.com" }],
];

const NO: readonly JsonValue[] = [null, "", "NULL", 0, "0", false, "false", "False", "f", "no", "N"];
const DATES = ["2025-07-25 04:30:00", "2025-07-25T04:30:00.000000Z", "2024-02-03 09:01:30.5+00"];

test.each(TIMES)("with %s, a date in %s verifies, and no word for no does", (name, column, user) => {
  const flag = column.startsWith("phone") ? "phone_number_verified" : "email_verified";
  const decide = aDecider({ preset: presetFor(name)?.mapping ?? {} });
  const verified = (value: JsonValue) =>
    sentAttributes(decide(aBareRow({ ...user, [column]: value }))).get(flag);
  expect(NO.map(verified)).toEqual(NO.map(() => "false"));
  expect(DATES.map(verified)).toEqual(DATES.map(() => "true"));
});

test.each(TIMES.filter(([name]) => name !== "authjs"))(
  "with %s, what is no date in %s verifies nothing, and is said to be none",
  (name, column, user) => {
    const decide = aDecider({ preset: presetFor(name)?.mapping ?? {} });
    for (const value of [true, 1, "yes", "pending"]) {
      const decided = decide(aBareRow({ ...user, [column]: value }));
      expect([...sentAttributes(decided).values()]).not.toContain("true");
      expect(decided.issues.map(({ code }) => code)).toContain("date-invalid");
    }
  },
);
