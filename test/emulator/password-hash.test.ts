import { execFileSync, spawnSync } from "node:child_process";
import * as crypto from "node:crypto";

import { describe, expect, test } from "vitest";

import { checkPasswordHash, verifyPasswordHash } from "../../emulator/state/password-hash.ts";
import type { HashAlgorithm } from "../../emulator/state/user.ts";

const SALT = "abcdefghijklmnopqrstuu";
const TAIL = "A".repeat(31);
const HEX = "00ff00ff00ff00ff";
const DIALECTS = ["dot", "plus"] as const;

describe("hash-format", () => {
  test.each<[HashAlgorithm, string]>([
    ["BCRYPT", `$2a$04$${SALT}${TAIL}`],
    ["BCRYPT", `$2b$12$${SALT}${TAIL}`],
    ["BCRYPT", `$2x$10$${SALT}${TAIL}`],
    ["BCRYPT", `$2y$10$${SALT}${TAIL}`],
    ["SCRYPT", `65536$8$1$${HEX}$${HEX}`],
    ["SCRYPT", `2$1$1$00$FF`],
    ["ARGON2ID", `$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4`],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$600000$abc.$abc+"],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$1$abcd$abcd"],
  ])("hash-format: takes a hash of %s: %s", (algorithm, hash) => {
    expect(checkPasswordHash(algorithm, hash, DIALECTS)).toBeUndefined();
  });

  test.each<[HashAlgorithm, string]>([
    ["BCRYPT", `$2c$10$${SALT}${TAIL}`],
    ["BCRYPT", `$2b$10$${SALT}${TAIL}A`],
    ["BCRYPT", `$2b$10$${SALT}${TAIL.slice(1)}`],
    ["BCRYPT", `$2b$03$${SALT}${TAIL}`],
    ["BCRYPT", `$2b$10$${SALT}${TAIL.slice(1)}+`],
    ["BCRYPT", "secret"],
    ["SCRYPT", `65535$8$1$${HEX}$${HEX}`],
    ["SCRYPT", `1$8$1$${HEX}$${HEX}`],
    ["SCRYPT", `16384$8$1$${HEX}$0`],
    ["SCRYPT", `16384$8$0$${HEX}$${HEX}`],
    ["SCRYPT", `16384$8$1$$${HEX}`],
    ["ARGON2ID", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["ARGON2ID", "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["ARGON2ID", "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["ARGON2ID", "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["PBKDF2_SHA256", "pbkdf2_sha256$600000$salt$abcd"],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$0$abcd$abcd"],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$1000$abcd$ab=cd"],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$1000$abc=$abcd"],
  ])("hash-format: finds a hash malformed for %s: %s", (algorithm, hash) => {
    expect(checkPasswordHash(algorithm, hash, DIALECTS)).toBe("malformed");
  });

  test.each<[HashAlgorithm, string]>([
    ["BCRYPT", `$2b$13$${SALT}${TAIL}`],
    ["SCRYPT", `131072$8$1$${HEX}$${HEX}`],
    ["SCRYPT", `65536$9$1$${HEX}$${HEX}`],
    ["SCRYPT", `65536$8$2$${HEX}$${HEX}`],
    ["ARGON2ID", "$argon2id$v=19$m=19457,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["ARGON2ID", "$argon2id$v=19$m=256,t=3,p=1$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["ARGON2ID", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$nf65EOgLrQMR"],
    ["PBKDF2_SHA256", "$pbkdf2-sha256$600001$abcd$abcd"],
  ])("hash-limits: finds a hash above the maxima of %s: %s", (algorithm, hash) => {
    expect(checkPasswordHash(algorithm, hash, DIALECTS)).toBe("over-the-limit");
  });

  test("hash-format: knows a hash of another algorithm", () => {
    expect(checkPasswordHash("SCRYPT", `$2b$10$${SALT}${TAIL}`, DIALECTS)).toBe("other-algorithm");
    expect(checkPasswordHash("BCRYPT", "$pbkdf2-sha256$1000$abcd$abcd", DIALECTS)).toBe("other-algorithm");
  });

  test.each([
    ["dot", "$pbkdf2-sha256$1000$ab.d$abcd"],
    ["plus", "$pbkdf2-sha256$1000$ab+d$abcd"],
    ["padding", "$pbkdf2-sha256$1000$abcd$abc="],
  ] as const)("hash-base64: takes the %s of a PBKDF2 hash where the settings say so", (dialect, hash) => {
    expect(checkPasswordHash("PBKDF2_SHA256", hash, [dialect])).toBeUndefined();
    expect(checkPasswordHash("PBKDF2_SHA256", hash, [])).toBe("malformed");
  });
});

/** Hashes that anybody can make again, with the password they were made from. */
const VECTORS: readonly (readonly [HashAlgorithm, string, string])[] = [
  // Of Openwall's crypt_blowfish: crypt("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.").
  ["BCRYPT", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"],
  // perl -e 'print crypt("secret", q{$2b$04$abcdefghijklmnopqrstuu})'
  ["BCRYPT", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", "secret"],
  // Of RFC 7914, section 12.
  [
    "SCRYPT",
    "16384$8$1$536f6469756d43686c6f72696465$7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
    "pleaseletmein",
  ],
  // Of the reference implementation's own tests: argon2id, "password", "somesalt".
  [
    "ARGON2ID",
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "password",
  ],
  // python3: base64.b64encode(hashlib.pbkdf2_hmac("sha256", b"passwd", b"salt", 1)), RFC 7914, section 11.
  ["PBKDF2_SHA256", "$pbkdf2-sha256$1$c2FsdA$VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLw", "passwd"],
];

describe("hash-verify", () => {
  test.each(VECTORS)("hash-verify: %s knows its password: %s", async (algorithm, hash, password) => {
    expect(await verifyPasswordHash(algorithm, hash, password)).toBe(true);
    expect(await verifyPasswordHash(algorithm, hash, `${password}x`)).toBe(false);
    expect(await verifyPasswordHash(algorithm, hash, "")).toBe(false);
  });

  test("hash-verify: knows nobody by a hash that no import takes", async () => {
    expect(await verifyPasswordHash("BCRYPT", "U*U", "U*U")).toBe(false);
  });

  test("hash-verify: reads both dialects of base64 and its padding alike", async () => {
    const salt = "++++";
    const made = crypto.pbkdf2Sync("Pässword", Buffer.from(salt, "base64"), 1000, 32, "sha256");
    const hash = made.toString("base64");
    expect(hash).toMatch(/=$/);
    for (const write of [
      (text: string) => text,
      (text: string) => text.replaceAll("=", ""),
      (text: string) => text.replaceAll("=", "").replaceAll("+", "."),
    ]) {
      const text = `$pbkdf2-sha256$1000$${write(salt)}$${write(hash)}`;
      expect(await verifyPasswordHash("PBKDF2_SHA256", text, "Pässword")).toBe(true);
    }
  });
});

const PASSWORDS = ["secret", "Grüße, \\ $ \u{1F600}", "long".repeat(30)];

const hasPerlBcrypt =
  spawnSync("perl", ["-e", "print crypt('a', '$2b$04$abcdefghijklmnopqrstuu')"]).stdout?.toString().length ===
  60;
if (!hasPerlBcrypt) console.warn("skipped: bcrypt against the C library needs perl with libxcrypt");

test.skipIf(!hasPerlBcrypt).each(["a", "b", "x", "y"])(
  "hash-verify: agrees with the C library's crypt about bcrypt 2%s",
  async (letter) => {
    for (const password of PASSWORDS) {
      const script = "binmode STDOUT; print crypt($ARGV[0], $ARGV[1])";
      const made = execFileSync("perl", ["-e", script, password, `$2${letter}$04$${SALT}`]).toString();
      expect([password, await verifyPasswordHash("BCRYPT", made, password)]).toEqual([password, true]);
      expect(await verifyPasswordHash("BCRYPT", made, `x${password}`)).toBe(false);
    }
  },
);

const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) console.warn("skipped: scrypt and PBKDF2 against Python's hashlib need python3");

const PYTHON = `
import base64, hashlib, sys
password = sys.argv[2].encode()
salt = b"0123456789abcdef"
if sys.argv[1] == "SCRYPT":
    made = hashlib.scrypt(password, salt=salt, n=65536, r=8, p=1, maxmem=128 * 1024 * 1024, dklen=64)
    print("65536$8$1$%s$%s" % (salt.hex(), made.hex()))
else:
    made = hashlib.pbkdf2_hmac("sha256", password, salt, 600000)
    text = lambda octets: base64.b64encode(octets).decode().rstrip("=").replace("+", ".")
    print("$pbkdf2-sha256$600000$%s$%s" % (text(salt), text(made)))
`;

test.skipIf(!hasPython).each(["SCRYPT", "PBKDF2_SHA256"] as const)(
  "hash-verify: agrees with Python's hashlib about %s at the maxima",
  async (algorithm) => {
    for (const password of PASSWORDS) {
      const made = execFileSync("python3", ["-c", PYTHON, algorithm, password]).toString().trim();
      expect(checkPasswordHash(algorithm, made, ["dot"])).toBeUndefined();
      expect([password, await verifyPasswordHash(algorithm, made, password)]).toEqual([password, true]);
    }
  },
);

// Node has OpenSSL's Argon2 since 24.7; its types here are older.
const openSsl = crypto as unknown as Partial<
  Record<"argon2Sync", (kind: string, parameters: object) => Buffer>
>;
if (openSsl.argon2Sync === undefined) console.warn("skipped: Argon2 against OpenSSL's needs Node 24.7");

test.skipIf(openSsl.argon2Sync === undefined)(
  "hash-verify: agrees with OpenSSL about Argon2id at the maxima",
  async () => {
    for (const password of PASSWORDS) {
      const nonce = Buffer.from("0123456789abcdef");
      const parameters = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 };
      const made = openSsl.argon2Sync?.("argon2id", { message: password, nonce, ...parameters });
      const text = (bytes: Buffer | undefined) => (bytes?.toString("base64") ?? "").replaceAll("=", "");
      const hash = `$argon2id$v=19$m=19456,t=2,p=1$${text(nonce)}$${text(made)}`;
      expect([password, await verifyPasswordHash("ARGON2ID", hash, password)]).toEqual([password, true]);
    }
  },
);
