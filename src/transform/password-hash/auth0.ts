import type { JsonObject } from "../../core/row.ts";
import { decode, ENCODINGS, type Encoding } from "./decode.ts";
import { convertText } from "./dialects.ts";
import { parseNumber } from "./parse-number.ts";
import { isObject, textOf } from "./read-json.ts";
import { convertScryptFields } from "./scrypt.ts";
import type { Converted } from "./spell.ts";
import { damaged, unsupported } from "./trouble.ts";

/** Auth0's documented values for an scrypt hash that does not name them. */
const SCRYPT_DEFAULTS = { cost: 16_384, blockSize: 8, parallelization: 1 } as const;

/** Whether an object looks like `custom_password_hash` of a file for Auth0's import. */
export function isCustomPasswordHash(value: JsonObject): boolean {
  return typeof value["algorithm"] === "string" && isObject(value["hash"]);
}

/** Converts `custom_password_hash` of a file for Auth0's import. */
export function convertCustomPasswordHash(custom: JsonObject): Converted {
  const password = isObject(custom["password"]) ? textOf(custom["password"]["encoding"]) : undefined;
  if (password !== undefined && password !== "utf8") {
    return unsupported("made from another encoding of the password than UTF-8");
  }
  const hash = isObject(custom["hash"]) ? custom["hash"] : {};
  const value = textOf(hash["value"]);
  if (value === undefined) return damaged("custom_password_hash holds no hash");
  switch (textOf(custom["algorithm"]) ?? "") {
    case "argon2":
    case "bcrypt":
    case "pbkdf2":
    case "ldap":
      return convertText(value.trim());
    case "scrypt":
      return convertCustomScrypt(custom, value, hash["encoding"]);
    default:
      return unsupported("of an algorithm in custom_password_hash that is too weak or needs a key");
  }
}

function convertCustomScrypt(custom: JsonObject, hash: string, encoding: unknown): Converted {
  const salt = isObject(custom["salt"]) ? custom["salt"] : {};
  const hashEncoding = encodingOf(encoding);
  const saltEncoding = encodingOf(salt["encoding"] ?? "utf8");
  const saltText = textOf(salt["value"]);
  if (hashEncoding === undefined || saltEncoding === undefined || saltText === undefined) {
    return damaged("custom_password_hash has no readable salt or hash");
  }
  const bytes = decode(hash, hashEncoding);
  if (custom["keylen"] !== undefined && bytes?.length !== parseNumber(custom["keylen"])) {
    return damaged("custom_password_hash has another length than its keylen: it was cut or changed");
  }
  return convertScryptFields({
    cost: custom["cost"] ?? SCRYPT_DEFAULTS.cost,
    blockSize: custom["blockSize"] ?? SCRYPT_DEFAULTS.blockSize,
    parallelism: custom["parallelization"] ?? SCRYPT_DEFAULTS.parallelization,
    salt: saltText,
    saltEncoding,
    hash,
    hashEncoding,
  });
}

function encodingOf(value: unknown): Encoding | undefined {
  return ENCODINGS.find((encoding) => encoding === value);
}
