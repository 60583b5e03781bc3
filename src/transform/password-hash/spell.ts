import type { PasswordHash } from "../../core/password-hash.ts";
import type { Unusable } from "../reading.ts";
import { encodeBase64 } from "./decode.ts";
import { damaged, overLimit } from "./trouble.ts";

/** What became of a password hash: one that an import job takes, or the reason why there is none. */
export type Converted = PasswordHash | Unusable;

/** The greatest parameters that an import job takes (documented). Memory in KiB. */
const MAXIMA = {
  bcrypt: { cost: 12 },
  scrypt: { N: 65_536, r: 8, p: 1 },
  argon2id: { memory: 19_456, passes: 2, lanes: 1 },
  pbkdf2: { iterations: 600_000 },
} as const;

/** The least bytes of a hash: below 128 bits strangers' passwords would begin to fit. Ours; nothing is documented. */
const MIN_HASH_BYTES = 16;

/** RFC 9106: a salt of Argon2 has 8 bytes or more. */
const MIN_ARGON2_SALT_BYTES = 8;

const BCRYPT = /^\$2[abxy]\$(\d{2})\$([./A-Za-z0-9]{22})[./A-Za-z0-9]{31}$/;
const BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BCRYPT_MIN_COST = 4;
/** Where the last character of the salt stands, after `$2b$10$`. */
const BCRYPT_SALT_END = 28;

/**
 * A bcrypt hash as it is (`$2a$`, `$2b$`, `$2x$` and `$2y$` are documented), but for the spare bits of the salt's last
 * character: some old programs set them, every bcrypt ignores them, and some compare the text afterwards.
 */
export function spellBcrypt(text: string): Converted {
  const match = BCRYPT.exec(text);
  if (match === null) return damaged("the bcrypt hash is not 60 characters of bcrypt: it was cut or changed");
  const cost = Number(match[1]);
  if (cost > MAXIMA.bcrypt.cost) return overLimit("a bcrypt cost", cost, MAXIMA.bcrypt.cost);
  if (cost < BCRYPT_MIN_COST)
    return damaged("the bcrypt hash has a cost below 4, which bcrypt does not have");
  const last = BCRYPT_ALPHABET.indexOf(text.charAt(BCRYPT_SALT_END));
  // 128 bits in 22 characters of 6: the last one holds two.
  const canonical = BCRYPT_ALPHABET.charAt(last & 0b11_0000);
  return {
    algorithm: "BCRYPT",
    value: text.slice(0, BCRYPT_SALT_END) + canonical + text.slice(BCRYPT_SALT_END + 1),
  };
}

/** What an scrypt hash is made of (RFC 7914). */
export interface ScryptParts {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** An scrypt hash as `N$r$p$hexSalt$hexHash` (documented). That the hexadecimal digits are small is our guess. */
export function spellScrypt({ N, r, p, salt, hash }: ScryptParts): Converted {
  if (!(N > 1 && Number.isInteger(Math.log2(N)))) return damaged("scrypt's N is not a power of two");
  if (!(r >= 1 && p >= 1)) return damaged("scrypt's r or p is not a whole number above zero");
  const maxima = MAXIMA.scrypt;
  if (N > maxima.N) return overLimit("an scrypt N", N, maxima.N);
  if (r > maxima.r) return overLimit("an scrypt r", r, maxima.r);
  if (p > maxima.p) return overLimit("an scrypt p", p, maxima.p);
  const trouble = lengthTrouble(salt, hash);
  if (trouble !== undefined) return trouble;
  return { algorithm: "SCRYPT", value: `${N}$${r}$${p}$${salt.toString("hex")}$${hash.toString("hex")}` };
}

/** What an Argon2id hash of version 1.3 is made of (RFC 9106); memory in KiB. */
export interface Argon2idParts {
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** An Argon2id hash as `$argon2id$v=19$m=…,t=…,p=…$salt$hash` (documented), in unpadded base64 as the PHC format has it. */
export function spellArgon2id({ memory, passes, lanes, salt, hash }: Argon2idParts): Converted {
  if (!(passes >= 1 && lanes >= 1 && memory >= 8 * lanes)) {
    return damaged("Argon2's parameters are below what Argon2 has");
  }
  const maxima = MAXIMA.argon2id;
  if (memory > maxima.memory) return overLimit("an Argon2 memory (m)", memory, maxima.memory, " KiB");
  if (passes > maxima.passes) return overLimit("an Argon2 time (t)", passes, maxima.passes);
  if (lanes > maxima.lanes) return overLimit("an Argon2 parallelism (p)", lanes, maxima.lanes);
  if (salt.length < MIN_ARGON2_SALT_BYTES) return damaged("Argon2's salt has fewer than 8 bytes: it was cut");
  const trouble = lengthTrouble(salt, hash);
  if (trouble !== undefined) return trouble;
  const parameters = `m=${memory},t=${passes},p=${lanes}`;
  return {
    algorithm: "ARGON2ID",
    value: `$argon2id$v=19$${parameters}$${encodeBase64(salt)}$${encodeBase64(hash)}`,
  };
}

/** What a hash of PBKDF2 with HMAC-SHA-256 is made of (RFC 8018). */
export interface Pbkdf2Parts {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * A PBKDF2 hash as `$pbkdf2-sha256$iterations$salt$hash` (documented). The sample is unpadded and has neither `+` nor
 * `.`; that it is passlib's base64 with `.`, as this form is passlib's, is our guess. So is that a hash may have
 * another length than SHA-256's 32 bytes.
 */
export function spellPbkdf2({ iterations, salt, hash }: Pbkdf2Parts): Converted {
  if (!(iterations >= 1)) return damaged("PBKDF2's iterations are not a whole number above zero");
  const maximum = MAXIMA.pbkdf2.iterations;
  if (iterations > maximum) return overLimit("PBKDF2 iterations", iterations, maximum);
  const trouble = lengthTrouble(salt, hash);
  if (trouble !== undefined) return trouble;
  return {
    algorithm: "PBKDF2_SHA256",
    value: `$pbkdf2-sha256$${iterations}$${encodeAdapted(salt)}$${encodeAdapted(hash)}`,
  };
}

function encodeAdapted(bytes: Buffer): string {
  return encodeBase64(bytes).replaceAll("+", ".");
}

function lengthTrouble(salt: Buffer, hash: Buffer): Unusable | undefined {
  if (salt.length === 0) return damaged("the password hash has no salt");
  return hash.length < MIN_HASH_BYTES
    ? damaged(`the password hash has ${hash.length} bytes, fewer than ${MIN_HASH_BYTES}: it was cut`)
    : undefined;
}
