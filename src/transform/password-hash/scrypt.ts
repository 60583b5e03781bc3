import { decode, decodeBase64, type Encoding } from "./decode.ts";
import { parseNumber } from "./parse-number.ts";
import { spellScrypt, type Converted } from "./spell.ts";
import { damaged, unsupported } from "./trouble.ts";

const CUT = "the scrypt hash is not whole: it was cut or changed";

/** Bytes of the hash that werkzeug and Django write; another length is a cut one. */
const FRAMEWORK_HASH_BYTES = 64;

/** Converts `N$r$p$salt$hash` with salt and hash in hexadecimal digits, the import's own form. */
export function convertPlainScrypt(text: string): Converted {
  const [N, r, p, salt = "", hash = ""] = text.split("$");
  // Ruby's scrypt writes its numbers in hexadecimal; a power of two in one is none in the other from 16 on.
  const cost = parseNumber(N);
  if (!isPowerOfTwo(cost) && isPowerOfTwo(Number.parseInt(String(N), 16))) {
    return unsupported("of Ruby's scrypt, which treats its salt in a way of its own");
  }
  return spell([cost, parseNumber(r), parseNumber(p)], decode(salt, "hex"), decode(hash, "hex"));
}

/**
 * Converts `$scrypt$ln=…,r=…,p=…$salt$hash` in base64. Passlib and most others write the logarithm of N as ln; Ory
 * Kratos writes N itself, which is told by its size.
 */
export function convertPhcScrypt(text: string): Converted {
  const match = /^\$scrypt\$ln=(\d{1,10}),r=(\d{1,10}),p=(\d{1,10})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, ln, r, p, salt = "", hash = ""] = match;
  return spell([costOf(Number(ln)), Number(r), Number(p)], decodeBase64(salt), decodeBase64(hash));
}

/** RFC 7914 allows N below 2^(128r/8); no one has the memory for a logarithm above this. */
const MAX_LOGARITHM = 31;

function costOf(ln: number): number {
  return ln <= MAX_LOGARITHM ? 2 ** ln : ln;
}

/** Converts werkzeug's `scrypt:N:r:p$salt$hex`; its salt is the text itself. */
export function convertWerkzeugScrypt(text: string): Converted {
  const match = /^scrypt:(\d{1,10}):(\d{1,10}):(\d{1,10})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, N, r, p, salt = "", hash = ""] = match;
  return spellFramework([Number(N), Number(r), Number(p)], salt, decode(hash, "hex"));
}

/** Converts Django's `scrypt$N$salt$r$p$base64`; its salt is the text itself. */
export function convertDjangoScrypt(text: string): Converted {
  const match = /^scrypt\$(\d{1,10})\$([^$]+)\$(\d{1,10})\$(\d{1,10})\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, N, salt = "", r, p, hash = ""] = match;
  return spellFramework([Number(N), Number(r), Number(p)], salt, decodeBase64(hash));
}

/**
 * Converts `$e0801$salt$hash` of Spring Security, and `$s0$e0801$salt$hash` of the Java and Go libraries: hexadecimal
 * digits that hold the logarithm of N above 16 bits, r and p in 8 bits each; salt and hash in base64.
 */
export function convertPackedScrypt(text: string): Converted {
  const match = /^(?:\$s0)?\$([0-9a-fA-F]{5,8})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, digits = "", salt = "", hash = ""] = match;
  const packed = Number.parseInt(digits, 16);
  const numbers = [2 ** (packed >>> 16), (packed >>> 8) & 0xff, packed & 0xff] as const;
  return spell(numbers, decodeBase64(salt), decodeBase64(hash));
}

/** An scrypt hash whose parts stand in fields of their own. */
export interface ScryptFields {
  readonly cost: unknown;
  readonly blockSize: unknown;
  readonly parallelism: unknown;
  readonly salt: string;
  readonly saltEncoding: Encoding;
  readonly hash: string;
  readonly hashEncoding: Encoding;
}

/** Converts an scrypt hash from its parts. */
export function convertScryptFields(fields: ScryptFields): Converted {
  return spell(
    [parseNumber(fields.cost), parseNumber(fields.blockSize), parseNumber(fields.parallelism)],
    decode(fields.salt, fields.saltEncoding),
    decode(fields.hash, fields.hashEncoding),
  );
}

type Numbers = readonly [N: number, r: number, p: number];

function spellFramework(numbers: Numbers, salt: string, hash: Buffer | undefined): Converted {
  return hash?.length === FRAMEWORK_HASH_BYTES ? spell(numbers, decode(salt, "utf8"), hash) : damaged(CUT);
}

function spell([N, r, p]: Numbers, salt: Buffer | undefined, hash: Buffer | undefined): Converted {
  return salt === undefined || hash === undefined ? damaged(CUT) : spellScrypt({ N, r, p, salt, hash });
}

function isPowerOfTwo(number: number): boolean {
  return number >= 1 && Number.isInteger(Math.log2(number));
}
