import type { HashAlgorithm } from "../../core/password-hash.ts";
import type { JsonValue } from "../../core/row.ts";
import type { Encoding } from "./decode.ts";
import { parseNumber } from "./parse-number.ts";
import { convertPbkdf2Fields } from "./pbkdf2.ts";
import { convertScryptFields } from "./scrypt.ts";
import { spellBcrypt, type Converted } from "./spell.ts";
import { damaged, unrecognised } from "./trouble.ts";

/** A hash whose parts stand in fields of their own. */
export interface HashFields {
  readonly hash: string;
  readonly salt: JsonValue | undefined;
  readonly iterations: JsonValue | undefined;
  readonly blockSize: JsonValue | undefined;
  readonly parallelism: JsonValue | undefined;
  readonly saltEncoding: Encoding | undefined;
  readonly hashEncoding: Encoding | undefined;
}

/** Converts a hash of a known algorithm from its parts. */
export function convertFields(algorithm: HashAlgorithm, fields: HashFields): Converted {
  if (typeof fields.salt !== "string" || fields.salt === "") {
    return damaged("the password hash stands without its salt");
  }
  if (algorithm === "BCRYPT") return convertBcryptFields(fields.hash, fields.salt, fields.iterations);
  const { hash, hashEncoding, saltEncoding, iterations, blockSize, parallelism } = fields;
  if (saltEncoding === undefined || hashEncoding === undefined || algorithm === "ARGON2ID") {
    return unrecognised("the mapping does not tell how the parts of the password hash are written");
  }
  // White space around digits is the export's; in a salt that is text it may be the salt's own.
  const salt = saltEncoding === "utf8" ? fields.salt : fields.salt.trim();
  return algorithm === "PBKDF2_SHA256"
    ? convertPbkdf2Fields({ iterations, salt, saltEncoding, hash, hashEncoding })
    : convertScryptFields({
        cost: iterations,
        blockSize,
        parallelism,
        salt,
        saltEncoding,
        hash,
        hashEncoding,
      });
}

/** Bcrypt in parts, as FusionAuth has it: 31 characters of hash, 22 of salt, both in bcrypt's own base64. */
function convertBcryptFields(hash: string, salt: string, factor: JsonValue | undefined): Converted {
  const cost = parseNumber(factor);
  if (Number.isNaN(cost)) return damaged("the bcrypt hash stands without its cost");
  return spellBcrypt(`$2a$${String(cost).padStart(2, "0")}$${salt.trim()}${hash}`);
}
