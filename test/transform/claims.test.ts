import { describe, expect, test } from "vitest";
import type { Attributes, Claims } from "../../src/core/planned-user.ts";
import { claimsOf } from "../../src/transform/claims.ts";
import { aPool, type PoolSettings } from "../support/builders.ts";

const VERIFIED: Attributes = [
  ["email", "ada@example.com"],
  ["email_verified", "true"],
  ["phone_number", "+48601555010"],
  ["phone_number_verified", "true"],
];

function claims(pool: PoolSettings, username = "Ada", attributes = VERIFIED): Claims {
  return claimsOf(username, attributes, aPool(pool));
}

describe("a user claims", () => {
  test.each<[string, PoolSettings, Claims]>([
    ["its username only, in a plain pool", {}, { username: "ada", email: undefined, phone: undefined }],
    [
      "its verified address too, where that is an alias",
      { aliasAttributes: ["email"] },
      { username: "ada", email: "ada@example.com", phone: undefined },
    ],
    [
      "its verified number too, where that is an alias",
      { aliasAttributes: ["phone_number", "preferred_username"] },
      { username: "ada", email: undefined, phone: "+48601555010" },
    ],
    [
      "both, where both sign in",
      { usernameAttributes: ["email", "phone_number"] },
      { username: "ada", email: "ada@example.com", phone: "+48601555010" },
    ],
    [
      "its username as it is written, where case counts",
      { caseSensitive: true },
      { username: "Ada", email: undefined, phone: undefined },
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

  test("the same username as another spelling of it, where case does not count", () => {
    expect(claims({}, "JOSÉ").username).toBe(claims({}, "jose\u0301").username);
    expect(claims({ caseSensitive: true }, "JOSÉ").username).not.toBe(
      claims({ caseSensitive: true }, "José").username,
    );
  });
});
