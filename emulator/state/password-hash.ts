import { scrypt, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

import type { HashAlgorithm } from "./user.ts";

/** What keeps a hash out of an import. */
export type HashTrouble = "malformed" | "over-the-limit" | "other-algorithm";

/** The characters beside letters and digits that the base64 of a PBKDF2 hash may have. */
export type Base64Dialect = "dot" | "plus" | "padding";

interface HashForm {
  readonly pattern: RegExp;
  /** The greatest value of each number that the pattern finds, in order (documented). */
  readonly maxima: readonly number[];
  readonly minima: readonly number[];
}

/** The forms and the maxima are documented; how short a salt or hash may be is not said. */
const FORMS: Readonly<Record<HashAlgorithm, HashForm>> = {
  // Cost.
  BCRYPT: { pattern: /^\$2[abxy]\$(\d{2})\$[./A-Za-z0-9]{53}$/, maxima: [12], minima: [4] },
  // N, r and p.
  SCRYPT: {
    pattern: /^(\d+)\$(\d+)\$(\d+)\$(?:[0-9A-Fa-f]{2})+\$(?:[0-9A-Fa-f]{2})+$/,
    maxima: [65_536, 8, 1],
    minima: [2, 1, 1],
  },
  // Memory in KiB, passes and lanes. Argon2id came with version 19.
  ARGON2ID: {
    pattern: /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{6,}$/,
    maxima: [19_456, 2, 1],
    minima: [8, 1, 1],
  },
  // Iterations.
  PBKDF2_SHA256: {
    pattern: /^\$pbkdf2-sha256\$(\d+)\$([A-Za-z0-9+./]+={0,2})\$([A-Za-z0-9+./]+={0,2})$/,
    maxima: [600_000],
    minima: [1],
  },
};

/** What is wrong with a hash, if anything: looked at, not calculated, so that it costs an import nothing. */
export function checkPasswordHash(
  algorithm: HashAlgorithm,
  hash: string,
  dialects: readonly Base64Dialect[],
): HashTrouble | undefined {
  const { pattern, maxima, minima } = FORMS[algorithm];
  const match = pattern.exec(hash);
  if (match === null) {
    const isOther = Object.values(FORMS).some((form) => form.pattern.test(hash));
    return isOther ? "other-algorithm" : "malformed";
  }
  const numbers = maxima.map((_, place) => Number(match[place + 1]));
  if (numbers.some((number, place) => number > (maxima[place] ?? 0))) return "over-the-limit";
  if (numbers.some((number, place) => number < (minima[place] ?? 0))) return "malformed";
  if (algorithm === "SCRYPT" && !Number.isInteger(Math.log2(numbers[0] ?? 0))) return "malformed";
  if (algorithm === "PBKDF2_SHA256" && !isOfDialect(`${match[2]}${match[3]}`, dialects)) return "malformed";
  return undefined;
}

/** Whether a password has this hash. Nobody signs in with an empty password, or by a hash that no import takes. */
export async function verifyPasswordHash(
  algorithm: HashAlgorithm,
  hash: string,
  password: string,
): Promise<boolean> {
  const trouble = checkPasswordHash(algorithm, hash, ["dot", "plus", "padding"]);
  if (password === "" || trouble !== undefined) return false;
  switch (algorithm) {
    case "BCRYPT":
      return verifyBcrypt(hash, password);
    case "ARGON2ID":
      return (await hashWasm()).argon2Verify({ password, hash });
    case "SCRYPT":
      return verifyScrypt(hash, password);
    case "PBKDF2_SHA256":
      return verifyPbkdf2(hash, password);
  }
}

// Some hundred kilobytes that most runs do not need.
function hashWasm() {
  return import("hash-wasm");
}

/** Bcrypt reads no more than this of a password; PHP, Python's bcrypt before 5 and others cut the rest off. */
const BCRYPT_BYTES = 72;

async function verifyBcrypt(hash: string, password: string): Promise<boolean> {
  const { bcryptVerify } = await hashWasm();
  const bytes = Buffer.from(password).subarray(0, BCRYPT_BYTES);
  return bcryptVerify({ password: bytes, hash });
}

const deriveByScrypt: (
  password: string,
  salt: Buffer,
  length: number,
  options: { readonly N: number; readonly r: number; readonly p: number; readonly maxmem: number },
) => Promise<Buffer> = promisify(scrypt);

async function verifyScrypt(hash: string, password: string): Promise<boolean> {
  const [N, r, p, salt = "", expected = ""] = hash.split("$");
  const bytes = Buffer.from(expected, "hex");
  const parameters = { N: Number(N), r: Number(r), p: Number(p) };
  // Node refuses what takes more than 32 MiB unless told otherwise; twice the algorithm's need is plenty.
  const maxmem = 256 * parameters.N * parameters.r + 1024 * 1024;
  const actual = await deriveByScrypt(password, Buffer.from(salt, "hex"), bytes.length, {
    ...parameters,
    maxmem,
  });
  return timingSafeEqual(actual, bytes);
}

async function verifyPbkdf2(hash: string, password: string): Promise<boolean> {
  const [, , iterations, salt = "", expected = ""] = hash.split("$");
  const bytes = decodeBase64(expected);
  const derive = promisify(pbkdf2);
  const actual = await derive(password, decodeBase64(salt), Number(iterations), bytes.length, "sha256");
  return timingSafeEqual(actual, bytes);
}

function decodeBase64(text: string): Buffer {
  return Buffer.from(text.replaceAll(".", "+"), "base64");
}

function isOfDialect(text: string, dialects: readonly Base64Dialect[]): boolean {
  const marks = { dot: ".", plus: "+", padding: "=" } as const;
  for (const [dialect, mark] of Object.entries(marks)) {
    if (text.includes(mark) && !dialects.some((allowed) => allowed === dialect)) return false;
  }
  return true;
}
