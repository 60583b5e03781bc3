import { pbkdf2Sync, scryptSync } from "node:crypto";
import { argon2Verify, bcryptVerify } from "hash-wasm";

import type { PasswordHash } from "../../src/core/password-hash.ts";

/** What the documentation of import jobs says a hash is made of; read by none of the code under test. */
export type ImportHash =
  | { readonly algorithm: "BCRYPT"; readonly cost: number }
  | {
      readonly algorithm: "SCRYPT";
      readonly N: number;
      readonly r: number;
      readonly p: number;
      readonly salt: Buffer;
      readonly hash: Buffer;
    }
  | { readonly algorithm: "ARGON2ID"; readonly m: number; readonly t: number; readonly p: number }
  | {
      readonly algorithm: "PBKDF2_SHA256";
      readonly iterations: number;
      readonly salt: Buffer;
      readonly hash: Buffer;
    };

/** Reads a hash by the documented formats; throws for one that is not of its algorithm's. */
export function readImportHash({ algorithm, value }: PasswordHash): ImportHash {
  const parts = value.split("$");
  switch (algorithm) {
    case "BCRYPT": {
      const [, version = "", cost, rest = ""] = shaped(parts, 4);
      requireTrue(/^2[abxy]$/.test(version) && /^[./A-Za-z0-9]{53}$/.test(rest), value);
      return { algorithm, cost: Number(cost) };
    }
    case "SCRYPT": {
      const [N, r, p, salt = "", hash = ""] = shaped(parts, 5);
      requireTrue(/^(?:[0-9a-f]{2})+$/.test(salt) && /^(?:[0-9a-f]{2})+$/.test(hash), value);
      const bytes = { salt: Buffer.from(salt, "hex"), hash: Buffer.from(hash, "hex") };
      return { algorithm, N: Number(N), r: Number(r), p: Number(p), ...bytes };
    }
    case "ARGON2ID": {
      const [, type, version, parameters = "", salt = "", hash = ""] = shaped(parts, 6);
      const match = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(parameters);
      requireTrue(type === "argon2id" && version === "v=19" && match !== null, value);
      requireTrue(/^[A-Za-z0-9+/]+$/.test(salt) && /^[A-Za-z0-9+/]+$/.test(hash), value);
      return { algorithm, m: Number(match?.[1]), t: Number(match?.[2]), p: Number(match?.[3]) };
    }
    case "PBKDF2_SHA256": {
      const [, name, iterations, salt = "", hash = ""] = shaped(parts, 5);
      requireTrue(name === "pbkdf2-sha256", value);
      requireTrue(/^[A-Za-z0-9./]+$/.test(salt) && /^[A-Za-z0-9./]+$/.test(hash), value);
      const bytes = (text: string) => Buffer.from(text.replaceAll(".", "+"), "base64");
      return { algorithm, iterations: Number(iterations), salt: bytes(salt), hash: bytes(hash) };
    }
  }
}

/** Whether a hash is one that an import job takes: whole, and within the documented maxima. */
export function isWithinMaxima(hash: ImportHash): boolean {
  switch (hash.algorithm) {
    case "BCRYPT":
      return hash.cost >= 4 && hash.cost <= 12;
    case "SCRYPT":
      return hash.N > 1 && hash.N <= 65_536 && hash.r >= 1 && hash.r <= 8 && hash.p === 1;
    case "ARGON2ID":
      return hash.m >= 8 && hash.m <= 19_456 && hash.t >= 1 && hash.t <= 2 && hash.p === 1;
    case "PBKDF2_SHA256":
      return hash.iterations >= 1 && hash.iterations <= 600_000;
  }
}

/** Whether a password has this hash, told by other libraries than any source's. */
export async function verifyImportHash(hash: PasswordHash, password: string): Promise<boolean> {
  const parts = readImportHash(hash);
  switch (parts.algorithm) {
    case "BCRYPT":
      return bcryptVerify({ password, hash: hash.value });
    case "ARGON2ID":
      return argon2Verify({ password, hash: hash.value });
    case "SCRYPT": {
      const { N, r, p, salt, hash: expected } = parts;
      const maxmem = 256 * N * r;
      return scryptSync(password, salt, expected.length, { N, r, p, maxmem }).equals(expected);
    }
    case "PBKDF2_SHA256": {
      const { iterations, salt, hash: expected } = parts;
      return pbkdf2Sync(password, salt, iterations, expected.length, "sha256").equals(expected);
    }
  }
}

function shaped(parts: readonly string[], length: number): readonly string[] {
  requireTrue(parts.length === length, parts.join("$"));
  return parts;
}

function requireTrue(holds: boolean, value: string): void {
  if (!holds) throw new Error(`Not of a documented format: ${value}`);
}
