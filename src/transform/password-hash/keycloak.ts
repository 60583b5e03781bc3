import type { JsonObject, JsonValue } from "../../core/row.ts";
import { decodeBase64 } from "./decode.ts";
import { convertText } from "./dialects.ts";
import { parseNumber } from "./parse-number.ts";
import { spellArgon2id, spellPbkdf2, type Converted } from "./spell.ts";
import { damaged, unrecognised, unsupported } from "./trouble.ts";
import { isObject, parseObject, textOf } from "./read-json.ts";

/** Whether an object looks like an entry of `credentials` in a Keycloak export. */
export function isKeycloakCredential(value: JsonObject): boolean {
  return (
    "secretData" in value ||
    "hashedSaltedValue" in value ||
    (typeof value["type"] === "string" && "value" in value)
  );
}

/**
 * Converts the password among a user's Keycloak credentials; undefined when there is none. Since version 8 its parts
 * are JSON texts, secretData and credentialData; before that they stood in the credential itself.
 */
export function convertKeycloakCredentials(credentials: readonly JsonObject[]): Converted | undefined {
  const passwords = credentials.filter(({ type }) => type === undefined || type === "password");
  const [password, ...others] = passwords;
  if (password === undefined) return undefined;
  if (others.length > 0) return unrecognised("the user has more than one password credential");
  if ("hashedSaltedValue" in password) {
    const { hashedSaltedValue: value = null, salt = null } = password;
    return convertParts({ value, salt }, password);
  }
  if ("value" in password) return unsupported("a password in clear text");
  return convertKeycloakData(password["secretData"], password["credentialData"]);
}

/** Converts Keycloak's secretData and credentialData: JSON texts, or what they hold. */
export function convertKeycloakData(
  secretData: JsonValue | undefined,
  credentialData: JsonValue | undefined,
): Converted {
  const secret = parseObject(secretData);
  const credential = parseObject(credentialData);
  if (secret === undefined || credential === undefined) {
    return damaged("the Keycloak credential has no readable secretData or credentialData");
  }
  return convertParts(secret, credential);
}

function convertParts(secret: JsonObject, credential: JsonObject): Converted {
  // Versions that wrote no algorithm knew one.
  const algorithm = textOf(credential["algorithm"]) ?? "pbkdf2";
  const value = textOf(secret["value"]);
  if (value === undefined) return damaged("the Keycloak credential holds no hash");
  if (algorithm === "bcrypt") return convertText(value.trim());
  const hash = decodeBase64(value);
  const salt = decodeBase64(textOf(secret["salt"]) ?? "");
  switch (algorithm) {
    case "pbkdf2-sha256":
      if (hash === undefined || salt === undefined) return notBase64();
      return spellPbkdf2({ iterations: parseNumber(credential["hashIterations"]), salt, hash });
    case "argon2":
      if (hash === undefined || salt === undefined) return notBase64();
      return convertKeycloakArgon2(credential, salt, hash);
    case "pbkdf2":
      return unsupported("of Keycloak's PBKDF2 with SHA-1");
    case "pbkdf2-sha512":
      return unsupported("of Keycloak's PBKDF2 with SHA-512");
    default:
      return unsupported("of an algorithm that Keycloak itself does not have");
  }
}

function notBase64(): Converted {
  return damaged("the Keycloak credential's hash or salt is not base64: it was cut or changed");
}

function convertKeycloakArgon2(credential: JsonObject, salt: Buffer, hash: Buffer): Converted {
  const parameter = (name: string): string | undefined => additional(credential, name);
  const type = parameter("type");
  if (type !== "id") return unsupported("of another Argon2 than Argon2id");
  if (parameter("version") !== "1.3") return unsupported("of an Argon2 version other than 1.3 (v=19)");
  return spellArgon2id({
    memory: parseNumber(parameter("memory")),
    passes: parseNumber(credential["hashIterations"]),
    lanes: parseNumber(parameter("parallelism")),
    salt,
    hash,
  });
}

/** Keycloak's additional parameters are lists of texts with one element. */
function additional(credential: JsonObject, name: string): string | undefined {
  const parameters = credential["additionalParameters"];
  const value = isObject(parameters) && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return textOf(Array.isArray(value) && value.length === 1 ? (value as readonly JsonValue[])[0] : value);
}
