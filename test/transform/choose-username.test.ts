import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/core/row.ts";
import { chooseUsername } from "../../src/transform/choose-username.ts";
import { DEFAULT_NORMALISE_OPTIONS } from "../../src/transform/normalise-attribute.ts";
import { aDecider, aPool, aRow, type PoolSettings } from "../support/builders.ts";

/** The username that the pool gets of these candidates, or the code of the reason why it gets none. */
function choose(pool: PoolSettings, ...candidates: readonly (JsonValue | undefined)[]): string {
  const readers = candidates.map((candidate) => () => candidate);
  const chosen = chooseUsername(readers, {}, { pool: aPool(pool), options: DEFAULT_NORMALISE_OPTIONS });
  return chosen.kind === "username" ? chosen.username : `! ${chosen.issue.code}`;
}

const PLAIN: PoolSettings = {};
const EMAIL_ALIAS: PoolSettings = { aliasAttributes: ["email"] };
const PHONE_ALIAS: PoolSettings = { aliasAttributes: ["phone_number"] };
const EMAIL_NAMES: PoolSettings = { usernameAttributes: ["email"] };
const PHONE_NAMES: PoolSettings = { usernameAttributes: ["phone_number"] };
const CONTACT_NAMES: PoolSettings = { usernameAttributes: ["email", "phone_number"] };

describe.each<[string, PoolSettings, readonly (readonly [JsonValue | undefined, string])[]]>([
  [
    "a pool with plain usernames",
    PLAIN,
    [
      ["ada", "ada"],
      ["  ada  ", "ada"],
      ["Ada", "Ada"],
      ["ada@example.com", "ada@example.com"],
      ["Ada@Example.com", "Ada@Example.com"],
      ["+48601555010", "+48601555010"],
      ["auth0|64f0a1", "auth0|64f0a1"],
      ["e\u0301", "é"],
      ["陈🦀", "陈🦀"],
      [42, "42"],
      ["a".repeat(128), "a".repeat(128)],
      ["a".repeat(129), "! username-invalid"],
      ["🦀".repeat(64), "🦀".repeat(64)],
      ["🦀".repeat(65), "! username-invalid"],
      ["google_109", "! username-reserved"],
      ["Google_", "Google_"],
      ["space cadet", "! username-invalid"],
      ["tab\tcadet", "! username-invalid"],
      ["nbsp\u00a0cadet", "! username-invalid"],
      ["zero\u200bwidth", "! username-invalid"],
      ["family👨‍👩", "! username-invalid"],
      ["nul\0", "! username-invalid"],
      ["half\ud83e", "! username-invalid"],
      ["", "! username-missing"],
      ["   ", "! username-missing"],
      [null, "! username-missing"],
      [undefined, "! username-missing"],
      [["ada"], "! username-missing"],
    ],
  ],
  [
    "a pool with e-mail aliases",
    EMAIL_ALIAS,
    [
      ["ada", "ada"],
      ["ada@example.com", "! username-shaped-like-alias"],
      ["ADA@EXAMPLE.COM", "! username-shaped-like-alias"],
      [`${"a".repeat(65)}@example.com`, "! username-shaped-like-alias"],
      ["ada@exam\uff0eple.com", "! username-shaped-like-alias"],
      ["ada@home", "ada@home"],
      ["+48601555010", "+48601555010"],
    ],
  ],
  [
    "a pool with phone aliases",
    PHONE_ALIAS,
    [
      ["ada@example.com", "ada@example.com"],
      ["+48601555010", "! username-shaped-like-alias"],
      ["+48-601-555-010", "! username-shaped-like-alias"],
      ["+0", "! username-shaped-like-alias"],
      ["+12345678901234567890", "! username-shaped-like-alias"],
      ["48601555010", "48601555010"],
    ],
  ],
  [
    "a pool whose usernames are e-mail addresses",
    EMAIL_NAMES,
    [
      ["Ada@Example.com", "ada@example.com"],
      ["ada", "! username-not-alias"],
      ["+48601555010", "! username-not-alias"],
      [`${"a".repeat(60)}@${"b".repeat(63)}.com`, `${"a".repeat(60)}@${"b".repeat(63)}.com`],
      [`${"a".repeat(60)}@${"b".repeat(64)}.com`, "! username-not-alias"],
      ["", "! username-missing"],
    ],
  ],
  [
    "a pool whose usernames are phone numbers",
    PHONE_NAMES,
    [
      ["+48 601 555 010", "+48601555010"],
      ["601 555 010", "! username-not-alias"],
      ["ada@example.com", "! username-not-alias"],
    ],
  ],
  [
    "a pool whose usernames are either",
    CONTACT_NAMES,
    [
      ["Ada@Example.com", "ada@example.com"],
      ["+48 601 555 010", "+48601555010"],
      ["ada", "! username-not-alias"],
    ],
  ],
])("%s", (_title, pool, cases) => {
  test.each(cases)("makes of %j the username %j", (candidate, expected) => {
    expect(choose(pool, candidate)).toBe(expected);
  });
});

describe("several candidates", () => {
  test("give the first that the pool accepts", () => {
    expect(choose(EMAIL_NAMES, "ada", undefined, "ada@example.com", "bo@example.com")).toBe(
      "ada@example.com",
    );
    expect(choose(EMAIL_ALIAS, "ada@example.com", "auth0|1")).toBe("auth0|1");
    expect(choose(PLAIN, "space cadet", "cadet")).toBe("cadet");
  });

  test("give the reason of the first that is there when none is accepted", () => {
    expect(choose(EMAIL_ALIAS, undefined, "ada@example.com", "space cadet")).toBe(
      "! username-shaped-like-alias",
    );
  });
});

test("a number's country counts where numbers are usernames, and says nothing of what looks like an alias", () => {
  const config = { phoneCountry: "DE" };
  const named = aDecider({ pool: aPool(PHONE_NAMES), config })(aRow({ username: "030 555 00101" }));
  expect(named.username).toBe("+493055500101");
  const plain = aDecider({ pool: aPool(PHONE_ALIAS), config })(aRow({ username: "03055500101" }));
  expect(plain).toMatchObject({ username: "03055500101", issues: [] });
});

test.each([`${"a".repeat(64)}@${"b".repeat(60)}.com`, "a\u200bb@example.com"])(
  "the address %j, which no username can be, is none",
  (address) => {
    expect(choose(EMAIL_NAMES, address)).toBe("! username-not-alias");
    expect(choose(EMAIL_NAMES, `${"a".repeat(64)}@${"b".repeat(59)}.com`)).toHaveLength(128);
  },
);

test("a username whose rule cannot use the row's value is missing, and it is said why", () => {
  const user = aDecider({ config: { username: { lookup: "username", table: { bo: "b" } } } })(aRow());
  expect(user.issues).toMatchObject([
    { code: "username-missing", message: expect.stringContaining("lookup table") as string },
  ]);
  expect(user.notSent?.kind).toBe("rejected");
});
