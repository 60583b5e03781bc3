import { expect, test } from "vitest";

import { describeHash } from "../../../src/transform/password-hash/dialects.ts";

test.each([
  ["$2b$10$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", "bcrypt"],
  ["$2y$13$cut", "bcrypt"],
  [" $argon2id$v=19$m=512,t=2,p=1$c2FsdA$aGFzaA\n", "Argon2"],
  ["argon2$argon2id$v=19$m=512", "Django's Argon2"],
  ["pbkdf2_sha256$600000$salt$hash", "Django's PBKDF2-SHA256"],
  ["pbkdf2:sha256:600000$salt$hash", "werkzeug's PBKDF2-SHA256"],
  ["$pbkdf2-sha256$29000$salt$hash", "PBKDF2-SHA256 in passlib's format"],
  ["scrypt:32768:8:1$salt$ab", "werkzeug's scrypt"],
  ["{SSHA}abcdef", "a hash with its scheme in braces"],
  ["$P$Babcdef", "phpass"],
  [
    Buffer.from([1, 0, 0, 0, 1, 0, 0, 39, 16, 0, 0, 0, 16, ...Buffer.alloc(48)]).toString("base64"),
    "ASP.NET Core Identity",
  ],
])("names the dialect that a value looks like: %s", (value, name) => {
  expect(describeHash(value)).toBe(name);
});

test.each([
  [""],
  ["Ann"],
  ["ann@example.com"],
  ["2024-01-15 10:30:00"],
  ["+4917012345"],
  ["UkVEQUNURUQ9PT0="],
])("names none for what is no hash: %s", (value) => {
  expect(describeHash(value)).toBeUndefined();
});
