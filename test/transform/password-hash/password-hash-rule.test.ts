import { describe, expect, test } from "vitest";
import { z } from "zod";

import { passwordHashRuleSchema } from "../../../src/transform/password-hash/password-hash-rule.ts";

const schema = passwordHashRuleSchema(z.union([z.string(), z.strictObject({ constant: z.number() })]));
const split = { hash: "hash", salt: "salt", iterations: "iterations" };
const encodings = { saltEncoding: "utf8", hashEncoding: "hex" };

describe("mapping.passwordHash", () => {
  test.each([
    ["a path", "encrypted_password"],
    ["any other rule", { constant: 1 }],
    ["a hash with the column of its algorithm", { hash: "password_digest", hasher: "password_hasher" }],
    ["Clerk's", { hash: "password_digest", hasher: "password_hasher", format: "clerk" }],
    ["a pepper", { hash: "encrypted_password", peppered: true }],
    ["Firebase's", { hash: "passwordHash", format: "firebase-scrypt" }],
    ["bcrypt in parts", { ...split, format: "bcrypt" }],
    ["PBKDF2 in parts", { ...split, ...encodings, format: "pbkdf2-sha256" }],
    [
      "scrypt in parts",
      { ...split, ...encodings, format: "scrypt", blockSize: { constant: 8 }, parallelism: "p" },
    ],
    ["parts of an algorithm that a column names", { ...split, ...encodings, hasher: "encryptionScheme" }],
    ["Keycloak's columns", { keycloak: { secretData: "secret_data", credentialData: "credential_data" } }],
  ])("can be %s", (_, rule) => {
    expect(schema.parse(rule)).toEqual(rule);
  });

  test.each([
    ["needs hasher", { hash: "hash", format: "clerk" }],
    ["auto or clerk only", { hash: "hash", format: "bcrypt", hasher: "hasher" }],
    ["iterations goes with salt only", { hash: "hash", iterations: "iterations" }],
    ["saltEncoding goes with salt only", { hash: "hash", saltEncoding: "hex" }],
    ["needs format", split],
    ["needs format", { ...split, ...encodings, hasher: "hasher", format: "clerk" }],
    ["needs iterations", { hash: "hash", salt: "salt", format: "bcrypt" }],
    ["needs saltEncoding, hashEncoding", { ...split, format: "pbkdf2-sha256" }],
    ["needs blockSize, parallelism", { ...split, ...encodings, format: "scrypt" }],
  ])("is refused at load time, in words of its own: %s", (words, rule) => {
    const issues = schema.safeParse(rule).error?.issues ?? [];
    expect(issues.map(({ code }) => code)).not.toContain("invalid_union");
    expect(issues.map(({ message }) => message)).toContainEqual(expect.stringContaining(words));
  });

  test.each([
    ["Unrecognized key", { hash: "hash", pepper: "secret" }],
    ["Invalid option", { hash: "hash", format: "rot13" }],
    ["Invalid option", { ...split, saltEncoding: "hex", hashEncoding: "utf8", format: "pbkdf2-sha256" }],
  ])("is refused at load time for what it holds: %s", (words, rule) => {
    expect(JSON.stringify(schema.safeParse(rule).error?.issues)).toContain(words);
  });

  test("has a JSON Schema", () => {
    expect(JSON.stringify(z.toJSONSchema(schema))).toContain("firebase-scrypt");
  });
});
