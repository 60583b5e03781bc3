import { expect, test } from "vitest";
import { poolFingerprint, type Pool } from "../../src/core/pool.ts";
import { anAttribute, aPool } from "../support/builders.ts";

test("equal pools have equal fingerprints", () => {
  expect(poolFingerprint(aPool())).toBe(poolFingerprint(aPool()));
});

test.each<[string, Pool]>([
  ["case", aPool({ caseSensitive: true })],
  ["aliases", aPool({ aliasAttributes: ["email"] })],
  ["usernames", aPool({ usernameAttributes: ["email"] })],
  ["verification", aPool({ autoVerified: ["phone_number"] })],
  ["MFA", aPool({ mfa: "ON" })],
  ["a required attribute", aPool({ required: ["name"] })],
  ["a custom attribute", aPool({ custom: [anAttribute("custom:x")] })],
])("a pool that differs in %s has another fingerprint", (_what, pool) => {
  expect(poolFingerprint(pool)).not.toBe(poolFingerprint(aPool()));
});
