import { describe, expect, test } from "vitest";

import type { JsonObject } from "../../../src/core/row.ts";
import type { PasswordHashRule } from "../../../src/transform/password-hash/password-hash-rule.ts";
import { Unusable } from "../../../src/transform/reading.ts";
import { convert, convertValue, readerOf, troubleOf, type TestRule } from "./support.ts";

const BCRYPT = "$2b$10$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";
const SALT = "c29tZXNhbHRzb21lc2FsdA";
const HASH = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
const HEX = "ab".repeat(32);
const LONG_HEX = "ab".repeat(64);

const aspnet = (bytes: readonly number[]) => Buffer.from(bytes).toString("base64");
const bytes = (length: number) => Array.from({ length }, (_, index) => (index * 37 + 11) % 256);
const keycloak = (
  credential: JsonObject,
  secret: JsonObject = { value: `${HASH}=`, salt: "c2FsdHNhbHQ=" },
) => [{ type: "password", secretData: JSON.stringify(secret), credentialData: JSON.stringify(credential) }];
const keycloakArgon2 = (parameters: JsonObject, hashIterations = 2) =>
  keycloak({
    algorithm: "argon2",
    hashIterations,
    additionalParameters: {
      type: ["id"],
      version: ["1.3"],
      memory: ["7168"],
      parallelism: ["1"],
      ...parameters,
    },
  });

describe("a hash above the maxima", () => {
  test.each<[JsonObject[string], string]>([
    [BCRYPT.replace("$10$", "$13$"), "a bcrypt cost of 13, an import job takes at most 12"],
    [`131072$8$1$${HEX}$${HEX}`, "an scrypt N of 131072, an import job takes at most 65536"],
    [`16384$9$1$${HEX}$${HEX}`, "an scrypt r of 9, an import job takes at most 8"],
    [`16384$8$2$${HEX}$${HEX}`, "an scrypt p of 2, an import job takes at most 1"],
    [`$scrypt$ln=17,r=8,p=1$${SALT}$${HASH}`, "an scrypt N of 131072"],
    [`scrypt:32768:8:5$salt$${LONG_HEX}`, "an scrypt p of 5"],
    [`$110801$${SALT}$${HASH}`, "an scrypt N of 131072"],
    [
      `$argon2id$v=19$m=19457,t=2,p=1$${SALT}$${HASH}`,
      "memory (m) of 19457 KiB, an import job takes at most 19456 KiB",
    ],
    [`$argon2id$v=19$m=19456,t=3,p=1$${SALT}$${HASH}`, "time (t) of 3, an import job takes at most 2"],
    [`$argon2id$v=19$m=19456,t=2,p=2$${SALT}$${HASH}`, "parallelism (p) of 2, an import job takes at most 1"],
    [`argon2$argon2id$v=19$m=102400,t=2,p=8$${SALT}$${HASH}`, "memory (m) of 102400 KiB"],
    [
      `$pbkdf2-sha256$600001$${SALT}$${HASH}`,
      "PBKDF2 iterations of 600001, an import job takes at most 600000",
    ],
    [`pbkdf2_sha256$720000$seasalt$${HASH}=`, "PBKDF2 iterations of 720000"],
    [`pbkdf2:sha256:1000000$seasalt$${HEX}`, "PBKDF2 iterations of 1000000"],
    [keycloakArgon2({}, 5), "time (t) of 5"],
    [keycloak({ algorithm: "pbkdf2-sha256", hashIterations: 700_000 }), "PBKDF2 iterations of 700000"],
  ])("is refused by the name of its parameter: %s", (hash, words) => {
    expect(troubleOf(convertValue(hash))).toEqual({
      code: "password-hash-over-limit",
      message: expect.stringContaining(words),
    });
  });

  test.each([
    [BCRYPT.replace("$10$", "$12$")],
    [`65536$8$1$${HEX}$${HEX}`],
    [`$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${HASH}`],
    [`$pbkdf2-sha256$600000$${SALT}$${HASH}`],
  ])("is not one at the maxima, which is taken as it is: %s", (hash) => {
    expect(convertValue(hash)).toMatchObject({ value: hash });
  });
});

describe("a hash that no import job can verify", () => {
  test.each<[string, JsonObject[string]]>([
    ["bcrypt over a SHA-256", `bcrypt_sha256$${BCRYPT}`],
    ["bcrypt over a SHA-256", `$bcrypt-sha256$v=2,t=2b,r=12$${SALT}$${HASH}`],
    ["bcrypt over an HMAC", `$wp$2y$10$${BCRYPT.slice(7)}`],
    ["bcrypt's first version", `$2$10$${BCRYPT.slice(7)}`],
    ["Argon2i instead", `$argon2i$v=19$m=512,t=2,p=1$${SALT}$${HASH}`],
    ["Argon2d instead", `$argon2d$v=19$m=512,t=2,p=1$${SALT}$${HASH}`],
    ["Argon2i instead", `argon2$argon2i$v=19$m=512,t=2,p=1$${SALT}$${HASH}`],
    ["Argon2 version other", `$argon2id$v=16$m=512,t=2,p=1$${SALT}$${HASH}`],
    ["Argon2 version other", `$argon2id$m=512,t=2,p=1$${SALT}$${HASH}`],
    ["with a key or associated data", `$argon2id$v=19$m=512,t=2,p=1,keyid=YQ$${SALT}$${HASH}`],
    ["PBKDF2 with SHA-1", `$pbkdf2$6400$${SALT}$${HASH}`],
    ["PBKDF2 with SHA-1", "pbkdf2_sha1$30000$seasalt$atJmJ1o+XfJxKq1+Nu1f1i57Z5I="],
    ["PBKDF2 with SHA-1", "pbkdf2:sha1:1000$salt$abcdef"],
    ["PBKDF2 with SHA-512", `$pbkdf2-sha512$25000$${SALT}$${HASH}`],
    ["PBKDF2 with SHA-512", `pbkdf2:sha512:1000$salt$${LONG_HEX}`],
    ["another digest than SHA-256", `$pbkdf2-sha384$25000$${SALT}$${HASH}`],
    ["Ruby's scrypt", `400$8$36$78f4ae6983f76119$${HEX}`],
    ["crypt format ($7$)", "$7$CU..../....salt$hash"],
    ["yescrypt", "$y$j9T$salt$hash"],
    ["phpass", "$P$BDabcdefghijklmnopqrstuvwxyz012"],
    ["phpass", "$H$9abcdefghijklmnopqrstuvwxyz0123"],
    ["Drupal 7", "$S$Dabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRST"],
    ["MD5-crypt", "$1$saltsalt$abcdefghijklmnopqrstuv"],
    ["MD5-crypt", "$apr1$saltsalt$abcdefghijklmnopqrstuv"],
    ["SHA-256-crypt", `$5$rounds=5000$salt$${HASH}`],
    ["SHA-512-crypt", `$6$salt$${HASH}${HASH}`],
    ["a salted MD5 or SHA", "md5$salt$0cc175b9c0f1b6a831c399e269772661"],
    ["a salted MD5 or SHA", "sha1$salt$86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"],
    ["a bare hexadecimal digest", "0cc175b9c0f1b6a831c399e269772661"],
    ["a bare hexadecimal digest", "86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8"],
    ["a bare hexadecimal digest", HEX],
    ["a bare hexadecimal digest", LONG_HEX],
    ["MySQL's SHA-1", "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"],
    ["salted SHA-1", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr"],
    ["salted SHA-512", "{SSHA512}abcdefgh"],
    ["MD5-crypt", "{CRYPT}$1$saltsalt$abcdefghijklmnopqrstuv"],
    ["the traditional crypt", "{crypt}abJnggxhB/yWI"],
    ["parameters that the hash does not tell", `{pbkdf2@SpringSecurity_v5_8}${HEX}`],
    ["a password in clear text", "{noop}secret"],
    ["version 2, PBKDF2 with SHA-1", aspnet([0, ...bytes(48)])],
    ["Identity with PBKDF2 with SHA-512", aspnet([1, 0, 0, 0, 2, 0, 1, 134, 160, 0, 0, 0, 16, ...bytes(48)])],
    ["Identity with PBKDF2 with SHA-1", aspnet([1, 0, 0, 0, 0, 0, 0, 39, 16, 0, 0, 0, 16, ...bytes(48)])],
    ["Keycloak's PBKDF2 with SHA-1", keycloak({ algorithm: "pbkdf2", hashIterations: 20_000 })],
    ["Keycloak's PBKDF2 with SHA-512", keycloak({ algorithm: "pbkdf2-sha512", hashIterations: 210_000 })],
    ["that Keycloak itself does not have", keycloak({ algorithm: "house-made", hashIterations: 1 })],
    ["another Argon2 than Argon2id", keycloakArgon2({ type: ["i"] })],
    ["Argon2 version other", keycloakArgon2({ version: ["1.0"] })],
    ["a password in clear text", [{ type: "password", value: "secret" }]],
    [
      "PBKDF2 with SHA-1",
      [{ type: "password", hashedSaltedValue: `${HASH}=`, salt: "c2FsdA==", hashIterations: 1 }],
    ],
    ["too weak or needs a key", { algorithm: "sha1", hash: { value: HEX, encoding: "hex" } }],
    [
      "another encoding of the password",
      { algorithm: "bcrypt", hash: { value: BCRYPT }, password: { encoding: "ucs2" } },
    ],
  ])("is refused by its name: %s", (words, hash) => {
    expect(troubleOf(convertValue(hash))).toEqual({
      code: "password-hash-unsupported",
      message: expect.stringContaining(words),
    });
  });
});

describe("a damaged hash", () => {
  test.each<[string, JsonObject[string]]>([
    ["60 characters", BCRYPT.slice(0, -1)],
    ["60 characters", `${BCRYPT}A`],
    ["60 characters", BCRYPT.replace("$2b$10$", "$2b$9$")],
    ["60 characters", BCRYPT.replace("$2b$", "$2c$")],
    ["60 characters", `${BCRYPT.slice(0, 40)} ${BCRYPT.slice(41)}`],
    ["cost below 4", BCRYPT.replace("$10$", "$03$")],
    ["was cut", `$argon2id$v=19$m=512,t=2,p=1$${SALT}`],
    ["was cut", `$argon2id$v=19$m=512,t=2,p=1$${SALT}$${HASH.slice(0, -1)}`],
    ["was cut", `$argon2id$v=19$m=512,t=2,p=1$c2FsdA$${HASH}`],
    ["below what Argon2 has", `$argon2id$v=19$m=7,t=2,p=1$${SALT}$${HASH}`],
    ["below what Argon2 has", `$argon2id$v=19$m=512,t=x,p=1$${SALT}$${HASH}`],
    ["was cut", `$argon2id$v=19$m=512,t=2$${SALT}$${HASH}`],
    ["was cut", `$pbkdf2-sha256$1000$${SALT}`],
    ["was cut", `$pbkdf2-sha256$1000$${SALT}$${HASH.slice(0, -2)}`],
    ["was cut", `$pbkdf2-sha256$1000$${SALT}$YWJjZA`],
    ["above zero", `$pbkdf2-sha256$0$${SALT}$${HASH}`],
    ["was cut", `$pbkdf2-sha256$i=1000,l=64$${SALT}$${HASH}`],
    ["was cut", `pbkdf2_sha256$1000$seasalt$${Buffer.alloc(30).toString("base64")}`],
    ["was cut", `pbkdf2_sha256$1000$seasalt$`],
    ["was cut", `pbkdf2_sha256$1000$sea\uFFFDsalt$${HASH}=`],
    ["was cut", `pbkdf2_sha256$1000$sea\uD800salt$${HASH}=`],
    ["was cut", `pbkdf2:sha256:1000$seasalt$${HEX.slice(2)}`],
    ["was cut", `scrypt:32768:8:1$seasalt$${HEX}`],
    ["was cut", `scrypt$16384$seasalt$8$1$${HASH}=`],
    ["was cut", `16384$8$1$${HEX}$${HEX.slice(1)}`],
    ["was cut", `16384$8$1$${HEX}$abcd`],
    ["was cut", `16384$8$1$${HEX}`],
    ["no salt", `16384$8$1$$${HEX}`],
    ["power of two", `16385$8$1$${HEX}$${HEX}`],
    ["r or p", `16384$8$0$${HEX}$${HEX}`],
    ["r or p", `$scrypt$ln=14,r=0,p=1$${SALT}$${HASH}`],
    ["was cut", `$scrypt$ln=14,r=8$${SALT}$${HASH}`],
    ["secretData or credentialData", [{ type: "password", secretData: "{", credentialData: "{}" }]],
    ["holds no hash", keycloak({ algorithm: "pbkdf2-sha256" }, {})],
    ["not base64", keycloak({ algorithm: "pbkdf2-sha256", hashIterations: 1 }, { value: HASH, salt: "*" })],
    ["no salt", keycloak({ algorithm: "pbkdf2-sha256", hashIterations: 1 }, { value: HASH })],
    ["above zero", keycloak({ algorithm: "pbkdf2-sha256" })],
    [
      "keylen",
      { algorithm: "scrypt", hash: { value: HEX, encoding: "hex" }, salt: { value: "s" }, keylen: 64 },
    ],
    ["salt or hash", { algorithm: "scrypt", hash: { value: HEX, encoding: "hex" }, keylen: 32 }],
  ])("is told from a whole one: %s", (words, hash) => {
    expect(troubleOf(convertValue(hash))).toEqual({
      code: "password-hash-damaged",
      message: expect.stringContaining(words),
    });
  });
});

describe("what is no known hash", () => {
  test.each<[JsonObject[string]]>([
    ["secret"],
    ["UkVEQUNURUQ9PT0="],
    [12_345_678],
    [true],
    [{}],
    [{ hash: BCRYPT }],
    [[BCRYPT, BCRYPT]],
    [[1, BCRYPT, 2, BCRYPT]],
    [[{ hash: BCRYPT }]],
    ["sha256:1000:c2FsdA==:aGFzaA=="],
    ["{unheard-of}secret"],
    ["{bcrypt}secret"],
    ['{"no": "hash"}'],
    [[...keycloak({ algorithm: "pbkdf2-sha256" }), ...keycloak({ algorithm: "pbkdf2-sha256" })]],
  ])("is left alone: %j", (hash) => {
    expect(troubleOf(convertValue(hash)).code).toBe("password-hash-unrecognised");
  });
});

describe("a user without a password", () => {
  test.each<[JsonObject[string]]>([
    [null],
    [""],
    [" \n"],
    ["!"],
    ["!mJxYCVOcS6AYDEpQeIXmrArMqDjZqAxvFUM9kY2X"],
    ["*"],
    [[]],
    [[""]],
    ["[]"],
    [[{ type: "otp", secretData: "{}", credentialData: "{}" }]],
  ])("has no trouble with it: %j", (hash) => {
    expect(convertValue(hash)).toBeUndefined();
  });

  test("has none in a field that the row does not have", () => {
    expect(convert("hash", {})).toBeUndefined();
    expect(convert({ keycloak: { secretData: "s", credentialData: "c" } }, { s: "" })).toBeUndefined();
    expect(convert({ hash: "hash", peppered: true }, { hash: "" })).toBeUndefined();
  });
});

describe("what other fields say of a hash", () => {
  const split: PasswordHashRule<TestRule> = {
    hash: "hash",
    salt: "salt",
    iterations: "iterations",
    hasher: "hasher",
    saltEncoding: "base64",
    hashEncoding: "base64",
  };
  const parts = { hash: `${HASH}=`, salt: "c29tZXNhbHQ=", iterations: 1000, hasher: "pbkdf2_sha256" };

  test("is needed: a hash in parts is whole with all of them only", () => {
    expect(convert(split, parts)).toMatchObject({ algorithm: "PBKDF2_SHA256" });
    expect(convert(split, { ...parts, salt: `${parts.salt}\n` })).toEqual(convert(split, parts));
  });

  test.each<[string, JsonObject, string, string]>([
    ["no salt", { salt: "" }, "password-hash-damaged", "without its salt"],
    ["a salt that is no text", { salt: 7 }, "password-hash-damaged", "without its salt"],
    ["no iterations", { iterations: null }, "password-hash-damaged", "iterations"],
    ["iterations that are no number", { iterations: "many" }, "password-hash-damaged", "iterations"],
    ["a salt in another encoding", { salt: "sea salt" }, "password-hash-damaged", "was cut or changed"],
    ["bcrypt without a cost", { hasher: "bcrypt", iterations: "" }, "password-hash-damaged", "cost"],
    ["a peppered algorithm", { hasher: "bcrypt_peppered" }, "password-hash-unsupported", "pepper"],
    ["Firebase's scrypt", { hasher: "scrypt_firebase" }, "password-hash-unsupported", "Firebase"],
    ["an unknown algorithm", { hasher: "rot13" }, "password-hash-unrecognised", "names no algorithm"],
    ["no algorithm", { hasher: "" }, "password-hash-unrecognised", "names no algorithm"],
    ["Argon2 in parts", { hasher: "argon2id" }, "password-hash-unrecognised", "does not tell"],
    ["a word from JavaScript's depths", { hasher: "constructor" }, "password-hash-unrecognised", "names no"],
    ["another algorithm", { hash: BCRYPT }, "password-hash-unrecognised", "another algorithm"],
  ])("is held against it: %s", (_, change, code, words) => {
    expect(troubleOf(convert(split, { ...parts, ...change }))).toEqual({
      code,
      message: expect.stringContaining(words),
    });
  });

  test("settles nothing where a salt can be text or base64, and the operator is asked", () => {
    const record = { hasher: "pbkdf2_sha256", hash: `pbkdf2_sha256$1000$seasalt8$${HASH}=` };
    const trouble = troubleOf(convert({ hash: "hash", hasher: "hasher" }, record));
    expect(trouble.code).toBe("password-hash-unrecognised");
    expect(trouble.message).toContain("set format to clerk");
  });

  test("makes every hash unusable when it is peppered", () => {
    const trouble = troubleOf(convert({ hash: "hash", peppered: true }, { hash: BCRYPT }));
    expect(trouble.code).toBe("password-hash-peppered");
    expect(convert({ hash: "hash", peppered: false }, { hash: BCRYPT })).toMatchObject({ value: BCRYPT });
  });

  test("makes every hash unusable when it is Firebase's", () => {
    const trouble = troubleOf(
      convert({ hash: "hash", format: "firebase-scrypt" }, { hash: "UkVEQUNURUQ9PT0=" }),
    );
    expect(trouble).toMatchObject({ code: "password-hash-unsupported" });
    expect(trouble.message).toContain("Firebase");
  });

  test("refuses a hash of another algorithm than the format", () => {
    const rule = { hash: "hash", format: "bcrypt" } as const;
    expect(convert(rule, { hash: BCRYPT })).toMatchObject({ value: BCRYPT });
    const trouble = troubleOf(convert(rule, { hash: `$pbkdf2-sha256$1000$${SALT}$${HASH}` }));
    expect(trouble.code).toBe("password-hash-unrecognised");
  });

  test("passes on what a rule itself finds unusable", () => {
    const unusable = new Unusable("attribute-type", "a rule's own trouble");
    expect(readerOf("hash")({ hash: unusable as unknown as string })).toBe(unusable);
    expect(
      readerOf({ hash: "hash", hasher: "hasher" })({ hash: BCRYPT, hasher: unusable as unknown as string }),
    ).toBe(unusable);
  });
});
