import { decode, decodeAdaptedBase64, decodeBase64, type Encoding } from "./decode.ts";
import { parseNumber } from "./parse-number.ts";
import { spellPbkdf2, type Converted } from "./spell.ts";
import { damaged } from "./trouble.ts";

const CUT = "the PBKDF2 hash is not whole: it was cut or changed";

/** SHA-256's length: werkzeug, Django and passlib write no other, so another one is a cut hash. */
const SHA256_BYTES = 32;

/** Converts `$pbkdf2-sha256$iterations$salt$hash` in passlib's base64, the import's own form. */
export function convertModularPbkdf2(text: string): Converted {
  const match = /^\$pbkdf2-sha256\$(\d{1,10})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, iterations, salt = "", hash = ""] = match;
  return spell(Number(iterations), decodeAdaptedBase64(salt), decodeAdaptedBase64(hash));
}

/** Converts `{PBKDF2-SHA256}iterations$salt$hash` of LDAP servers. */
export function convertLdapPbkdf2(text: string): Converted {
  return convertModularPbkdf2(`$pbkdf2-sha256$${text.slice(text.indexOf("}") + 1)}`);
}

/** Converts `$pbkdf2-sha256$i=…,l=…$salt$hash` (PHC string format) in common base64. */
export function convertPhcPbkdf2(text: string): Converted {
  const match = /^\$pbkdf2-sha256\$i=(\d{1,10})(?:,l=(\d{1,10}))?\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, iterations, length, salt = "", hash = ""] = match;
  const bytes = decodeBase64(hash);
  if (length !== undefined && bytes?.length !== Number(length)) return damaged(CUT);
  return spell(Number(iterations), decodeBase64(salt), bytes);
}

/** Converts werkzeug's `pbkdf2:sha256:iterations$salt$hex`; its salt is the text itself. */
export function convertWerkzeugPbkdf2(text: string): Converted {
  const match = /^pbkdf2:sha256:(\d{1,10})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, iterations, salt = "", hash = ""] = match;
  return spellFixed(Number(iterations), decode(salt, "utf8"), decode(hash, "hex"));
}

/** Converts Django's `pbkdf2_sha256$iterations$salt$base64`; its salt is the text itself. */
export function convertDjangoPbkdf2(text: string): Converted {
  return convertUnderscored(text, "utf8");
}

/** Converts Clerk's `pbkdf2_sha256$iterations$salt$base64`: Django's form, but for a salt that is base64. */
export function convertClerkPbkdf2(text: string): Converted {
  return convertUnderscored(text, "base64");
}

function convertUnderscored(text: string, saltEncoding: Encoding): Converted {
  const match = /^pbkdf2_sha256\$(\d{1,10})\$([^$]+)\$([^$]+)$/.exec(text);
  if (match === null) return damaged(CUT);
  const [, iterations, salt = "", hash = ""] = match;
  return spellFixed(Number(iterations), decode(salt, saltEncoding), decodeBase64(hash));
}

/** A PBKDF2 hash whose parts stand in fields of their own. */
export interface Pbkdf2Fields {
  readonly iterations: unknown;
  readonly salt: string;
  readonly saltEncoding: Encoding;
  readonly hash: string;
  readonly hashEncoding: Encoding;
}

/** Converts a hash of PBKDF2 with HMAC-SHA-256 from its parts. */
export function convertPbkdf2Fields(fields: Pbkdf2Fields): Converted {
  const salt = decode(fields.salt, fields.saltEncoding);
  return spell(parseNumber(fields.iterations), salt, decode(fields.hash, fields.hashEncoding));
}

function spellFixed(iterations: number, salt: Buffer | undefined, hash: Buffer | undefined): Converted {
  return hash?.length === SHA256_BYTES ? spell(iterations, salt, hash) : damaged(CUT);
}

function spell(iterations: number, salt: Buffer | undefined, hash: Buffer | undefined): Converted {
  return salt === undefined || hash === undefined ? damaged(CUT) : spellPbkdf2({ iterations, salt, hash });
}
