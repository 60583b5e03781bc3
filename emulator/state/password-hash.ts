import { scryptSync, timingSafeEqual } from "node:crypto";

import { argon2Verify, bcryptVerify, createSHA256, pbkdf2 } from "hash-wasm";

import type { HashAlgorithm } from "./user.ts";

// Merged over: another package brings the whole of this file.

/** Whether a password is the one that a hash was made of. */
export async function verifyPasswordHash(
  algorithm: HashAlgorithm,
  hash: string,
  password: string,
): Promise<boolean> {
  switch (algorithm) {
    case "BCRYPT":
      return bcryptVerify({ password, hash: hash.replace(/^\$2[xy]\$/, "$2a$") });
    case "ARGON2ID":
      return argon2Verify({ password, hash });
    case "SCRYPT": {
      const [cost = "", blockSize = "", parallelization = "", salt = "", digest = ""] = hash.split("$");
      const expected = Buffer.from(digest, "hex");
      const options = { N: Number(cost), r: Number(blockSize), p: Number(parallelization), maxmem: 2 ** 28 };
      return timingSafeEqual(
        scryptSync(password, Buffer.from(salt, "hex"), expected.length, options),
        expected,
      );
    }
    case "PBKDF2_SHA256": {
      const [, , iterations = "", salt = "", digest = ""] = hash.split("$");
      const hashLength = Buffer.from(digest, "base64").length;
      const made = await pbkdf2({
        password,
        salt: Buffer.from(salt, "base64"),
        iterations: Number(iterations),
        hashLength,
        hashFunction: createSHA256(),
        outputType: "binary",
      });
      return Buffer.from(made).equals(Buffer.from(digest, "base64"));
    }
  }
}
