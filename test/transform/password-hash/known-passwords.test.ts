import { pbkdf2Sync, scryptSync } from "node:crypto";
import { argon2id, bcrypt } from "hash-wasm";
import { describe, expect, test } from "vitest";

import type { JsonObject } from "../../../src/core/row.ts";
import { isWithinMaxima, readImportHash, verifyImportHash } from "../../support/import-hash.ts";
import { convert, convertValue, hashOf, type TestRule } from "./support.ts";
import type { PasswordHashRule } from "../../../src/transform/password-hash/password-hash-rule.ts";

const PASSWORD = "Hünde & Katzen 7";
const SALT = Buffer.from("8ad4ff90bb7e2f3c5b1f60d2a8c3e917", "hex");

async function expectVerified(converted: ReturnType<typeof convertValue>, password: string) {
  const hash = hashOf(converted);
  expect(isWithinMaxima(readImportHash(hash))).toBe(true);
  expect(await verifyImportHash(hash, password)).toBe(true);
  expect(await verifyImportHash(hash, `${password}x`)).toBe(false);
}

/** Hashes that others published together with their passwords. */
const PUBLISHED: readonly (readonly [origin: string, password: string, hash: string])[] = [
  ["Openwall's crypt_blowfish", "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  [
    "passlib's manual, PBKDF2",
    "password",
    "$pbkdf2-sha256$6400$0ZrzXitFSGltTQnBWOsdAw$Y11AchqV4b0sUisdZd0Xr97KWoymNE0LNNrnEgY4H9M",
  ],
  [
    "passlib's manual, PBKDF2 with a short salt",
    "password",
    "$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE",
  ],
  [
    "passlib's manual, scrypt",
    "password",
    "$scrypt$ln=8,r=8,p=1$WKs1xljLudd6z9kbY0wpJQ$yCR4iDZYDKv+iEJj6yHY0lv/epnfB6f/w1EbXrsJOuQ",
  ],
  [
    "passlib's manual, scrypt at the greatest N",
    "password",
    "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
  ],
  [
    "Django's tests, PBKDF2",
    "lètmein",
    "pbkdf2_sha256$30000$seasalt$VrX+V8drCGo68wlvy6rfu8i1d1pfkdeXA4LJkRGJodY=",
  ],
  [
    "Django's tests, scrypt",
    "lètmein",
    "scrypt$16384$seasalt$8$1$Qj3+9PPyRjSJIebHnG81TMjsqtaIGxNQG/aEB/NYafTJ7tibgfYz71m0ldQESkXFRkdVCBhhY8mx7rQwite/Pw==",
  ],
  [
    "Ory Kratos's tests, PBKDF2",
    "test",
    "$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI",
  ],
  [
    "Ory Kratos's tests, scrypt with N as ln",
    "test",
    "$scrypt$ln=16384,r=8,p=1$2npRo7P03Mt8keSoMbyD/tKFWyUzjiQf2svUaNDSrhA=$MiCzNcIplSMqSBrm4HckjYqYhaVPPjTARTzwB1cVNYE=",
  ],
  [
    "the Java library's manual, scrypt",
    "secret",
    "$s0$e0801$epIxT/h6HbbwHaehFnh/bw==$7H0vsXlY8UxxyW/BWx/9GuY7jEvGjT71GFd6O4SZND0=",
  ],
  [
    "Kanidm's tests, OpenLDAP's PBKDF2",
    "password",
    "{PBKDF2-SHA256}10000$henZGfPWw79Cs8ORDeVNrQ$1dTJy73v6n3bnTmTZFghxHXHLsAzKaAy8SksDfZBPIw",
  ],
  [
    "the reference implementation of Argon2",
    "password",
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  ],
  [
    "werkzeug, scrypt",
    "correct horse battery",
    "scrypt:32768:8:1$23CXI24Q7nULEPs7$5ed7eee893ea839bf6d1d671bf779534f4360db60cf3774ac8ecbda7b19df55df05381f2d63f567cd72ab6c773abd965f8dd3fd65149e9a9225e73f3c396a16c",
  ],
  [
    "werkzeug, PBKDF2",
    "x",
    "pbkdf2:sha256:1000$lH3u1dSlaE9NsIaF$f22be3d18614f693b1780876f69a8c11827a4f44d2460cf35cd0e76d41028730",
  ],
  [
    "RFC 7914's scrypt, in the import's form with capital digits",
    "pleaseletmein",
    "16384$8$1$536F6469756D43686C6F72696465$7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2D5432955613F0FCF62D49705242A9AF9E61E85DC0D651E40DFCF017B45575887",
  ],
];

describe("a published hash, converted,", () => {
  test.each(PUBLISHED)("still has its password: %s", async (_, password, hash) => {
    await expectVerified(convertValue(hash), password);
  });

  test.each(PUBLISHED)("is found between white space of the export: %s", async (_, __, hash) => {
    expect(convertValue(` ${hash}\r\n`)).toEqual(convertValue(hash));
  });

  test("still has its password: Keycloak's, of oauth2-proxy's example realm", async () => {
    const credential = {
      type: "password",
      secretData: JSON.stringify({
        value: "6rt5zuqHVHopvd0FTFE0CYadXTtzY0mDY2BrqnNQGS51/7DfMJeGgj0roNnGMGvDv30imErNmiSOYl+cL9jiIA==",
        salt: "LI0kqr09JB7J9wvr2Hxzzg==",
      }),
      credentialData: JSON.stringify({ hashIterations: 27_500, algorithm: "pbkdf2-sha256" }),
    };
    await expectVerified(convertValue([credential]), "password");
    expect(convertValue(JSON.stringify([credential]))).toEqual(convertValue([credential]));
    expect(
      convert({ keycloak: { secretData: "secretData", credentialData: "credentialData" } }, credential),
    ).toEqual(convertValue([credential]));
  });
});

const bcryptHash = (version: string, password = PASSWORD) =>
  bcrypt({ password, salt: SALT, costFactor: 4, outputType: "encoded" }).then((hash) =>
    hash.replace("$2a$", `$${version}$`),
  );
const argon2Hash = () =>
  argon2id({
    password: PASSWORD,
    salt: SALT,
    parallelism: 1,
    iterations: 2,
    memorySize: 256,
    hashLength: 32,
    outputType: "encoded",
  });
const pbkdf2 = (salt: Buffer | string, length = 32, iterations = 1000) =>
  pbkdf2Sync(PASSWORD, salt, iterations, length, "sha256");
const scrypt = (salt: Buffer | string, length = 64, N = 1024) =>
  scryptSync(PASSWORD, salt, length, { N, r: 8, p: 1 });

function aspnet(length: number) {
  const header = Buffer.alloc(13);
  header[0] = 1;
  header.writeUInt32BE(1, 1);
  header.writeUInt32BE(1000, 5);
  header.writeUInt32BE(SALT.length, 9);
  return Buffer.concat([header, SALT, pbkdf2(SALT, length)]).toString("base64");
}

const base64 = SALT.toString("base64");
const keycloakArgon2 = async () => {
  const [, , , , salt, hash] = (await argon2Hash()).split("$");
  const additionalParameters = {
    hashLength: ["32"],
    memory: ["256"],
    type: ["id"],
    version: ["1.3"],
    parallelism: ["1"],
  };
  return [
    {
      type: "password",
      secretData: JSON.stringify({ value: `${hash}=`, salt: `${salt}==`, additionalParameters: {} }),
      credentialData: JSON.stringify({ hashIterations: 2, algorithm: "argon2", additionalParameters }),
    },
  ];
};

describe("a hash made here, converted,", () => {
  test.each([
    ["2a", "Auth0, Supabase and Passport"],
    ["2b", "node's bcrypt"],
    ["2y", "Laravel and PHP"],
    ["2x", "crypt_blowfish's older bug, for a password in ASCII"],
  ])("still has its password: bcrypt $%s$ of %s", async (version) => {
    await expectVerified(convertValue(await bcryptHash(version, "Cats and dogs")), "Cats and dogs");
  });

  test.each<[string, () => Promise<JsonObject[string]> | JsonObject[string]]>([
    ["Django's bcrypt", async () => `bcrypt$${await bcryptHash("2b")}`],
    ["Spring's bcrypt", async () => `{bcrypt}${await bcryptHash("2a")}`],
    ["LDAP's crypt", async () => `{CRYPT}${await bcryptHash("2y")}`],
    ["a list of one, as LDAP has it", async () => [`{CRYPT}${await bcryptHash("2y")}`]],
    ["Argon2id", argon2Hash],
    ["Django's Argon2id", async () => `argon2${await argon2Hash()}`],
    ["Spring's Argon2id", async () => `{argon2@SpringSecurity_v5_8}${await argon2Hash()}`],
    [
      "Argon2id with its parameters in another order",
      async () => (await argon2Hash()).replace("m=256,t=2,p=1", "p=1,t=2,m=256"),
    ],
    ["Keycloak's Argon2id", keycloakArgon2],
    [
      "Keycloak's credentials before version 8",
      () => [
        {
          type: "password",
          hashedSaltedValue: pbkdf2(SALT, 64).toString("base64"),
          salt: base64,
          hashIterations: 1000,
          algorithm: "pbkdf2-sha256",
        },
      ],
    ],
    ["ASP.NET Core Identity with SHA-256", () => aspnet(32)],
    ["Spring's scrypt", () => `{scrypt}$a0801$${base64}$${scrypt(SALT).toString("base64")}`],
    [
      "a salt in letters of two and three bytes, as Django takes it",
      () => `pbkdf2_sha256$1000$Zürich€$${pbkdf2("Zürich€").toString("base64")}`,
    ],
    [
      "a salt with decomposed letters and spaces",
      () => `pbkdf2_sha256$1000$ Zu\u0308rich $${pbkdf2(" Zu\u0308rich ").toString("base64")}`,
    ],
    [
      "Auth0's custom_password_hash with scrypt",
      () => ({
        algorithm: "scrypt",
        hash: { value: scrypt("raw salt").toString("hex"), encoding: "hex" },
        salt: { value: "raw salt", encoding: "utf8" },
        keylen: 64,
        cost: 1024,
      }),
    ],
    [
      "Auth0's custom_password_hash with bcrypt",
      async () => ({ algorithm: "bcrypt", hash: { value: await bcryptHash("2b") } }),
    ],
    [
      "Auth0's custom_password_hash with PBKDF2",
      () => ({
        algorithm: "pbkdf2",
        hash: {
          value: `$pbkdf2-sha256$i=1000,l=32$${base64.replace("==", "")}$${pbkdf2(SALT).toString("base64").replace("=", "")}`,
          encoding: "utf8",
        },
      }),
    ],
  ])("still has its password: %s", async (_, make) => {
    await expectVerified(convertValue(await make()), PASSWORD);
  });

  const split = { hash: "hash", salt: "salt", iterations: "factor" } as const;
  const base64Parts = { saltEncoding: "base64", hashEncoding: "base64" } as const;
  test.each<[string, PasswordHashRule<TestRule>, () => Promise<JsonObject> | JsonObject]>([
    [
      "FusionAuth's bcrypt",
      { ...split, ...base64Parts, hasher: "scheme" },
      async () => {
        const hash = await bcryptHash("2a");
        return { scheme: "bcrypt", factor: 4, salt: hash.slice(7, 29), hash: hash.slice(29) };
      },
    ],
    [
      "FusionAuth's PBKDF2",
      { ...split, ...base64Parts, hasher: "scheme" },
      () => ({
        scheme: "salted-pbkdf2-hmac-sha256",
        factor: 1000,
        salt: base64,
        hash: pbkdf2(SALT).toString("base64"),
      }),
    ],
    [
      "PBKDF2 in columns of hexadecimal digits",
      { ...split, format: "pbkdf2-sha256", saltEncoding: "hex", hashEncoding: "hex" },
      () => ({
        factor: "1000",
        salt: SALT.toString("hex").toUpperCase(),
        hash: `${pbkdf2(SALT).toString("hex")}\n`,
      }),
    ],
    [
      "PBKDF2 with a salt that is text between spaces",
      {
        ...split,
        iterations: { constant: 1000 },
        format: "pbkdf2-sha256",
        saltEncoding: "utf8",
        hashEncoding: "base64",
      },
      () => ({ salt: " Zu\u0308rich\n", hash: pbkdf2(" Zu\u0308rich\n").toString("base64") }),
    ],
    [
      "scrypt in columns",
      {
        ...split,
        ...base64Parts,
        format: "scrypt",
        blockSize: { constant: 8 },
        parallelism: { constant: 1 },
      },
      () => ({ factor: "1024", salt: base64, hash: scrypt(SALT).toString("base64") }),
    ],
    [
      "Clerk's PBKDF2, whose salt is base64",
      { hash: "digest", hasher: "hasher", format: "clerk" },
      () => ({
        hasher: "pbkdf2_sha256",
        digest: `pbkdf2_sha256$1000$${base64}$${pbkdf2(SALT).toString("base64")}`,
      }),
    ],
    [
      "Clerk's word for Django's PBKDF2",
      { hash: "digest", hasher: "hasher", format: "clerk" },
      () => ({
        hasher: "pbkdf2_sha256_django",
        digest: `pbkdf2_sha256$1000$${base64}$${pbkdf2(base64).toString("base64")}`,
      }),
    ],
    [
      "Clerk's bcrypt",
      { hash: "digest", hasher: "hasher" },
      async () => ({ hasher: "bcrypt", digest: await bcryptHash("2b") }),
    ],
  ])("still has its password: %s", async (_, rule, make) => {
    await expectVerified(convert(rule, await make()), PASSWORD);
  });

  test("has the bits that bcrypt ignores cleared, as verifiers compare the text", async () => {
    const hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    const spare = hash.replace("C.E5", "C/E5");
    expect(spare).not.toBe(hash);
    expect(convertValue(spare)).toEqual({ algorithm: "BCRYPT", value: hash });
  });
});
