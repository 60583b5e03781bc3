import { expect, test } from "vitest";
import type { PlannedUser } from "../../src/core/planned-user.ts";
import { aBareRow, aDecider, anAttribute, aPool, sentAttributes } from "../support/builders.ts";
import { NAUGHTY_STRINGS } from "../support/naughty-strings.ts";

const pool = aPool({
  mfa: "OPTIONAL",
  // Where case does not count, null and NULL would be one group, and stop the plan.
  caseSensitive: true,
  custom: [
    anAttribute("address", { min: 0, max: 2048 }),
    anAttribute("zoneinfo", { min: 0, max: 2048 }),
    anAttribute("custom:note", { max: 256 }),
    anAttribute("custom:number", { type: "Number" }),
    anAttribute("custom:flag", { type: "Boolean" }),
  ],
});

const decide = aDecider({
  pool,
  config: {
    username: "username",
    sourceId: "sourceId",
    disabled: "disabled",
    groups: "groups",
    mfa: "mfa",
    attributes: Object.fromEntries(
      pool.csvHeader.filter((name) => !name.startsWith("cognito:")).map((name) => [name, `["${name}"]`]),
    ),
  },
});

const GROUP_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

function decideWith(name: string, value: string): PlannedUser {
  const contacts = { email: "ada@example.com", email_verified: true, phone_number: "+48601555010" };
  return decide(aBareRow({ username: "ada", ...contacts, [name]: value }));
}

const texts = ["name", "given_name", "family_name", "nickname", "picture", "custom:note"];

test.each(texts)("every naughty string arrives as it is as %s, or it is said why not", (name) => {
  for (const value of NAUGHTY_STRINGS) {
    const user = decideWith(name, value);
    const sent = sentAttributes(user).get(name);
    const normalised = value.normalize("NFC").trim();
    if (normalised === "") expect(sent).toBeUndefined();
    else if (sent === undefined) expect(user.issues.map(({ attribute }) => attribute)).toContain(name);
    else expect(sent).toBe(normalised);
    expect(user.route).toMatch(/^(import-job|admin-create)$/);
  }
});

const others = pool.csvHeader.filter((name) => !name.startsWith("cognito:") && !texts.includes(name));

test.each([...others, "sourceId", "disabled", "groups", "mfa"])(
  "no naughty string as %s goes without a decision",
  (name) => {
    for (const value of NAUGHTY_STRINGS) {
      const user = decideWith(name, value);
      const isSent = sentAttributes(user).has(name) || user.followUps.length > 0 || user.smsMfa;
      const isEmpty = value.normalize("NFC").trim() === "";
      const isExplained = user.issues.some(({ attribute }) => attribute === name);
      const isPlain = ["sourceId", "disabled", "mfa"].includes(name);
      expect(isSent || isEmpty || isExplained || isPlain, `${name}: ${JSON.stringify(value)}`).toBe(true);
      for (const followUp of user.followUps) {
        if (followUp.kind === "add-to-group") expect(followUp.group).toMatch(GROUP_NAME);
      }
      if (user.route === "none") expect(user.notSent?.causes).not.toEqual([]);
    }
  },
);

test("every naughty string as the username is taken as it is, or rejected with the reason", () => {
  for (const value of NAUGHTY_STRINGS) {
    const user = decideWith("username", value);
    if (user.notSent === undefined) expect(user.username).toBe(value.normalize("NFC").trim());
    else expect(user.notSent.causes.map(({ attribute }) => attribute)).toContain("username");
  }
});
