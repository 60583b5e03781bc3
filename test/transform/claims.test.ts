import { describe, expect, test } from "vitest";
import type { Attributes, Claims } from "../../src/core/planned-user.ts";
import { claimsOf } from "../../src/transform/claims.ts";
import { someClaims } from "../contract/ledger-contract.ts";
import { aPool, type PoolSettings } from "../support/builders.ts";

const VERIFIED: Attributes = [
  ["email", "ada@example.com"],
  ["email_verified", "true"],
  ["phone_number", "+48601555010"],
  ["phone_number_verified", "true"],
];

function claims(pool: PoolSettings, username = "Ada", attributes = VERIFIED): Claims {
  return claimsOf(username, new Map(attributes), aPool(pool));
}

describe("a user claims", () => {
  test.each<[string, PoolSettings, Claims]>([
    ["its username only, in a plain pool", {}, someClaims({ username: "ada" })],
    [
      "its verified address too, where that is an alias",
      { aliasAttributes: ["email"] },
      someClaims({ username: "ada", email: "ada@example.com" }),
    ],
    [
      "its verified number too, where that is an alias",
      { aliasAttributes: ["phone_number", "preferred_username"] },
      someClaims({ username: "ada", phone: "+48601555010" }),
    ],
    [
      "both, where both sign in",
      { usernameAttributes: ["email", "phone_number"] },
      someClaims({ username: "ada", email: "ada@example.com", phone: "+48601555010" }),
    ],
    [
      "its username as it is written, where case counts",
      { caseSensitive: true },
      someClaims({ username: "Ada" }),
    ],
  ])("%s", (_what, pool, expected) => {
    expect(claims(pool)).toEqual(expected);
  });

  test.each<[string, Attributes]>([
    [
      "is not verified",
      [
        ["email", "ada@example.com"],
        ["email_verified", "false"],
      ],
    ],
    ["has no flag", [["email", "ada@example.com"]]],
    ["is not there", [["email_verified", "true"]]],
  ])("no address that %s", (_what, attributes) => {
    expect(claims({ aliasAttributes: ["email"] }, "ada", attributes).email).toBeUndefined();
  });

  test("an address or number that is not verified, where that is the username", () => {
    const unverified = VERIFIED.map(([name, value]) => [name, value === "true" ? "false" : value] as const);
    expect(claims({ usernameAttributes: ["email"] }, "ada@example.com", unverified)).toEqual(
      someClaims({ username: "ada@example.com", email: "ada@example.com" }),
    );
  });

  test("its preferred username, where that is an alias, as the pool compares names", () => {
    const attributes: Attributes = [["preferred_username", "Countess"]];
    const aliases = { aliasAttributes: ["preferred_username"] };
    expect(claims(aliases, "ada", attributes)).toEqual(
      someClaims({ username: "ada", preferredUsername: "countess" }),
    );
    expect(claims({ ...aliases, caseSensitive: true }, "ada", attributes).preferredUsername).toBe("Countess");
    expect(claims({}, "ada", attributes).preferredUsername).toBeUndefined();
    expect(claims(aliases, "ada", []).preferredUsername).toBeUndefined();
  });

  test("the same username as another spelling of it, where case does not count", () => {
    expect(claims({}, "JOSÉ").username).toBe(claims({}, "jose\u0301").username);
    expect(claims({}, "J\u030c").username).toBe(claims({}, "\u01f0").username);
    expect(claims({ caseSensitive: true }, "JOSÉ").username).not.toBe(
      claims({ caseSensitive: true }, "José").username,
    );
  });
});
