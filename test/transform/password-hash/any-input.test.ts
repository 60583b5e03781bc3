import fc from "fast-check";
import { expect, test } from "vitest";

import type { JsonObject, JsonValue } from "../../../src/core/row.ts";
import { compilePasswordHash } from "../../../src/transform/password-hash/compile-password-hash.ts";
import { describeHash } from "../../../src/transform/password-hash/dialects.ts";
import {
  HASH_FORMATS,
  type PasswordHashRule,
} from "../../../src/transform/password-hash/password-hash-rule.ts";
import { Unusable } from "../../../src/transform/reading.ts";
import { isWithinMaxima, readImportHash } from "../../support/import-hash.ts";
import { readerOf, type TestRule } from "./support.ts";

const B64 = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const HEX = "0123456789abcdef".repeat(4);

/** Pieces of every dialect, so that random texts reach beyond the first check. */
const PIECES = [
  "$",
  ":",
  "{",
  "}",
  ",",
  "=",
  "!",
  "*",
  " ",
  "\n",
  "\\",
  "$2b$",
  "$2x$",
  "10$",
  "13$",
  "abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
  "$argon2id$v=19$m=512,t=2,p=1$",
  "m=99999",
  "$pbkdf2-sha256$",
  "pbkdf2_sha256$",
  "pbkdf2:sha256:",
  "i=1000,l=32$",
  "1000$",
  "600001$",
  "$scrypt$ln=14,r=8,p=1$",
  "scrypt:16384:8:1$",
  "scrypt$",
  "16384$8$1$",
  "$e0801$",
  "$s0",
  "{CRYPT}",
  "{PBKDF2-SHA256}",
  "salt$",
  B64,
  `$${B64}=`,
  HEX,
  "AQAAAAEAACcQAAAAEA",
] as const;

const number = fc.oneof(
  fc.nat(20),
  fc.constantFrom(512, 1024, 16_384, 65_536, 131_072, 600_000, 600_001),
  fc.nat(),
);
const bytes = fc
  .oneof(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    fc.uint8Array({ maxLength: 70 }),
  )
  .map((all) => Buffer.from(all));

/** Texts of whole shape, with any numbers and lengths. */
const wholeHash = fc
  .tuple(number, number, number, bytes, bytes, fc.nat(12))
  .map(([a, b, c, salt, hash, form]) => {
    const standard = [salt, hash].map((all) => all.toString("base64"));
    const [salt64 = "", hash64 = ""] = standard.map((all) => all.replaceAll("=", ""));
    const [saltHex, hashHex] = [salt.toString("hex"), hash.toString("hex")];
    const texts = [
      `$2b$${String(a % 20).padStart(2, "0")}$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW`,
      `${a}$${b}$${c}$${saltHex}$${hashHex}`,
      `${2 ** (a % 20)}$${b % 10}$1$${saltHex}$${hashHex}`,
      `$scrypt$ln=${a % 20},r=${b % 10},p=${c % 3}$${salt64}$${hash64}`,
      `scrypt:16384:8:1$${saltHex}$${hashHex}`,
      `scrypt$16384$${saltHex}$8$1$${standard[1]}`,
      `$argon2id$v=19$m=${a},t=${b % 4},p=${c % 3}$${salt64}$${hash64}`,
      `$argon2id$v=19$m=${a},t=2,p=1$${salt64}$${hash64}`,
      `$pbkdf2-sha256$${a}$${salt64}$${hash64}`,
      `$pbkdf2-sha256$i=${a}$${salt64}$${hash64}`,
      `pbkdf2_sha256$${a}$${saltHex}$${standard[1]}`,
      `pbkdf2:sha256:${a}$${saltHex}$${hashHex}`,
      hash64,
    ];
    return texts[form] ?? "";
  });

const hashText = fc.oneof(
  fc.string({ unit: "binary" }),
  { arbitrary: wholeHash, weight: 4 },
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 7 })
    .map((all) => all.join("")),
);
const credential = fc.record(
  {
    type: fc.oneof(fc.constant("password"), hashText),
    value: hashText,
    algorithm: fc.constantFrom("scrypt", "bcrypt", "pbkdf2", "argon2", "sha1"),
    hash: fc.record(
      { value: hashText, encoding: fc.constantFrom("hex", "base64", "utf8", "other") },
      { requiredKeys: [] },
    ),
    salt: fc.oneof(
      hashText,
      fc.record({ value: hashText, encoding: fc.constantFrom("hex", "utf8") }, { requiredKeys: [] }),
    ),
    hashedSaltedValue: hashText,
    secretData: fc.oneof(
      hashText,
      fc.record({ value: hashText, salt: hashText }).map((all) => JSON.stringify(all)),
    ),
    credentialData: fc
      .record({
        algorithm: fc.constantFrom("argon2", "pbkdf2-sha256"),
        hashIterations: fc.integer(),
        additionalParameters: fc.jsonValue(),
      })
      .map((all) => JSON.stringify(all)),
  },
  { requiredKeys: [] },
);
const cell = fc.oneof(
  { arbitrary: hashText, weight: 5 },
  fc.jsonValue(),
  credential,
  fc.array(credential),
  fc.array(hashText),
  fc.array(credential).map((all) => JSON.stringify(all)),
) as fc.Arbitrary<JsonValue>;

const word = fc.constantFrom(
  "bcrypt",
  "argon2id",
  "scrypt",
  "pbkdf2_sha256",
  "pbkdf2_sha256_django",
  "md5",
  "__proto__",
  "",
);
const record = fc.record({
  hash: cell,
  salt: fc.oneof(hashText, cell),
  iterations: fc.oneof(fc.integer(), fc.constantFrom("1000", "16384", "12"), cell),
  hasher: fc.oneof(word, cell),
}) as fc.Arbitrary<JsonObject>;

const plain: fc.Arbitrary<PasswordHashRule<TestRule>> = fc.constant("hash");
const columns = fc.constant<PasswordHashRule<TestRule>>({
  keycloak: { secretData: "hash", credentialData: "salt" },
});
const fields = fc.record(
  {
    hash: fc.constant("hash"),
    format: fc.constantFrom(...HASH_FORMATS),
    hasher: fc.constant("hasher"),
    salt: fc.constant("salt"),
    iterations: fc.constant("iterations"),
    blockSize: fc.constant<TestRule>({ constant: 8 }),
    parallelism: fc.constant<TestRule>({ constant: 1 }),
    saltEncoding: fc.constantFrom("utf8" as const, "hex" as const, "base64" as const),
    hashEncoding: fc.constantFrom("hex" as const, "base64" as const),
  },
  { requiredKeys: ["hash"] },
);
const rule = fc.oneof(plain, plain, columns, fields as fc.Arbitrary<PasswordHashRule<TestRule>>);

test("whatever a record holds, nothing is thrown, and what is taken is within the maxima", () => {
  let taken = 0;
  fc.assert(
    fc.property(rule, record, (anyRule, anyRecord) => {
      const converted = readerOf(anyRule)(anyRecord);
      if (converted === undefined || converted instanceof Unusable) return;
      expect(isWithinMaxima(readImportHash(converted))).toBe(true);
      taken += 1;
    }),
    { numRuns: 5000, seed: 4 },
  );
  // Or the property says nothing about conversions.
  expect(taken).toBeGreaterThan(100);
});

test("a message never holds a part of the value", () => {
  const secret = "Zq7vK2xWp9";
  fc.assert(
    fc.property(rule, hashText, hashText, (anyRule, before, after) => {
      const text = `${before}${secret}${after}`;
      const converted = readerOf(anyRule)({ hash: text, salt: text, iterations: text, hasher: text });
      if (converted instanceof Unusable) expect(converted.message).not.toContain(secret);
      expect(describeHash(text) ?? "").not.toContain(secret);
    }),
    { numRuns: 5000, seed: 4 },
  );
});

test("the same hash gives the same hash again, once it is in the import's spelling", () => {
  let taken = 0;
  fc.assert(
    fc.property(hashText, (text) => {
      const once = readerOf("hash")({ hash: text });
      if (once === undefined || once instanceof Unusable) return;
      expect(readerOf("hash")({ hash: once.value })).toEqual(once);
      taken += 1;
    }),
    { numRuns: 5000, seed: 4 },
  );
  expect(taken).toBeGreaterThan(100);
});

test("a rule without its field has no reader, and other fields may be missing", () => {
  expect(compilePasswordHash("hash", () => undefined)).toBeUndefined();
  const none = { keycloak: { secretData: "secret", credentialData: "credential" } };
  expect(compilePasswordHash<string>(none, () => undefined)).toBeUndefined();
  expect(compilePasswordHash<string>({ hash: "hash", salt: "salt" }, () => undefined)).toBeUndefined();
  const paths: string[] = [];
  compilePasswordHash<string>({ hash: "a", hasher: "b" }, (_, path) => {
    paths.push(path);
    return () => undefined;
  });
  expect(paths).toEqual(["hash", "hasher"]);
});

test.each([
  ["{crypt}".repeat(200_000)],
  [`1$1$1$${"a".repeat(200_000)}z`],
  ["[".repeat(200_000)],
  ["$".repeat(200_000)],
  [`pbkdf2_sha256$1$${"=".repeat(200_000)}$${"=".repeat(200_000)}`],
  ["A".repeat(200_000)],
])("a long text of one kind costs neither the stack nor the day: %#", (text) => {
  const startedMs = performance.now();
  expect(readerOf("hash")({ hash: text })).toBeInstanceOf(Unusable);
  // Linear work takes some milliseconds, and what grows with the square takes minutes.
  expect(performance.now() - startedMs).toBeLessThan(2000);
});
