import type { HashAlgorithm, PasswordHash } from "../../core/password-hash.ts";
import type { JsonObject, JsonValue, SourceRecord } from "../../core/row.ts";
import { Unusable, type Reader, type Reading } from "../reading.ts";
import { convertCustomPasswordHash, isCustomPasswordHash } from "./auth0.ts";
import { convertFields, type HashFields } from "./convert-fields.ts";
import { convertText } from "./dialects.ts";
import { hasherOf } from "./hashers.ts";
import { convertKeycloakCredentials, convertKeycloakData, isKeycloakCredential } from "./keycloak.ts";
import {
  isHashFields,
  isKeycloakColumns,
  type HashFieldsRule,
  type HashFormat,
  type KeycloakColumnsRule,
  type PasswordHashRule,
} from "./password-hash-rule.ts";
import { convertClerkPbkdf2 } from "./pbkdf2.ts";
import { isObject, parseJson } from "./read-json.ts";
import type { Converted } from "./spell.ts";
import { unrecognised, unsupported } from "./trouble.ts";

/**
 * Reads the password hash of one record: in the spelling that an import job takes, or why it cannot be used; undefined
 * when the user has none. Never throws, whatever the record holds, and never verifies or calculates a hash.
 */
export type PasswordHashReader = (record: SourceRecord) => Converted | undefined;

/**
 * Makes a plain rule ready. `path` is where it stands below `mapping.passwordHash`, "" for the rule itself. Undefined
 * when the source has no such field. What the reader gives must be as the source has it: a salt is neither trimmed nor
 * normalised.
 */
export type CompileRule<Rule> = (rule: Rule, path: string) => Reader | undefined;

/** Compiles `mapping.passwordHash`. Undefined when the source does not have the field of the hash. */
export function compilePasswordHash<Rule>(
  rule: PasswordHashRule<Rule>,
  compile: CompileRule<Rule>,
): PasswordHashReader | undefined {
  if (isKeycloakColumns(rule)) return compileKeycloak(rule, compile);
  if (isHashFields(rule)) return compileFields(rule, compile);
  const read = compile(rule, "");
  return read === undefined ? undefined : (record) => convertReading(read(record), AUTO);
}

function compileKeycloak<Rule>(
  { keycloak }: KeycloakColumnsRule<Rule>,
  compile: CompileRule<Rule>,
): PasswordHashReader | undefined {
  const readSecret = compile(keycloak.secretData, "keycloak.secretData");
  const readCredential = compile(keycloak.credentialData, "keycloak.credentialData");
  if (readSecret === undefined) return undefined;
  return (record) => {
    const secret = readSecret(record);
    if (secret instanceof Unusable) return secret;
    if (isEmpty(secret)) return undefined;
    const credential = readCredential?.(record);
    return credential instanceof Unusable ? credential : convertKeycloakData(secret, credential);
  };
}

/** What is known of a hash beside its text. */
interface Context {
  readonly format: HashFormat;
  /** The source's word for the algorithm. */
  readonly word: string | undefined;
  /** What stands in other fields; undefined when the rule names no salt. */
  readonly fields: Omit<HashFields, "hash"> | undefined;
}

const AUTO: Context = { format: "auto", word: undefined, fields: undefined };

function compileFields<Rule>(
  rule: HashFieldsRule<Rule>,
  compile: CompileRule<Rule>,
): PasswordHashReader | undefined {
  const readHash = compile(rule.hash, "hash");
  const optional = (name: "hasher" | "salt" | "iterations" | "blockSize" | "parallelism"): Reader => {
    const inner = rule[name];
    return (inner === undefined ? undefined : compile(inner, name)) ?? (() => undefined);
  };
  const readers = {
    hasher: optional("hasher"),
    salt: optional("salt"),
    iterations: optional("iterations"),
    blockSize: optional("blockSize"),
    parallelism: optional("parallelism"),
  };
  if (readHash === undefined) return undefined;
  return (record) => {
    const hash = readHash(record);
    if (hash instanceof Unusable || hasNoPassword(hash)) return hash instanceof Unusable ? hash : undefined;
    if (rule.peppered === true) return PEPPERED;
    const readings = {
      hasher: readers.hasher(record),
      salt: readers.salt(record),
      iterations: readers.iterations(record),
      blockSize: readers.blockSize(record),
      parallelism: readers.parallelism(record),
    };
    const unusable = Object.values(readings).find((reading) => reading instanceof Unusable);
    return unusable ?? convertReading(hash, contextOf(rule, readings as Known<typeof readings>));
  };
}

type Known<T> = { readonly [K in keyof T]: JsonValue | undefined };

const PEPPERED = new Unusable(
  "password-hash-peppered",
  "the source put a secret of its own (a pepper) into the password hash, and no import job takes one",
);

function contextOf<Rule>(
  rule: HashFieldsRule<Rule>,
  readings: Known<Record<"hasher" | "salt" | "iterations" | "blockSize" | "parallelism", unknown>>,
): Context {
  const { hasher, salt, iterations, blockSize, parallelism } = readings;
  const { format = "auto", saltEncoding, hashEncoding } = rule;
  const fields = { salt, iterations, blockSize, parallelism, saltEncoding, hashEncoding };
  return {
    format,
    word: rule.hasher === undefined ? undefined : typeof hasher === "string" ? hasher : "",
    fields: rule.salt === undefined ? undefined : fields,
  };
}

function convertReading(reading: Reading, context: Context): Converted | undefined {
  if (reading instanceof Unusable) return reading;
  if (hasNoPassword(reading)) return undefined;
  if (typeof reading !== "string") return convertStructure(reading, context);
  // No dialect begins or ends with white space: it comes from the export.
  const text = reading.trim();
  if (text.startsWith("[") || text.startsWith('{"')) {
    const parsed = parseJson(text);
    if (typeof parsed === "object") return convertStructure(parsed, context);
  }
  return convertHash(text, context);
}

/** Whether a value says that the user has no password: empty, or marked as unusable as Django and Unix do. */
function hasNoPassword(value: JsonValue | undefined): boolean {
  if (typeof value !== "string") return isEmpty(value);
  const text = value.trim();
  return text === "" || text === "*" || text.startsWith("!");
}

function isEmpty(value: JsonValue | undefined): boolean {
  if (typeof value === "string") return value.trim() === "";
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Converts what is no text: Keycloak's credentials, Auth0's custom_password_hash, or a list of texts as LDAP has it. */
function convertStructure(value: JsonValue | undefined, context: Context): Converted | undefined {
  if (Array.isArray(value)) return convertList(value as readonly JsonValue[], context);
  if (isObject(value) && context.format === "auto" && context.fields === undefined) {
    if (isCustomPasswordHash(value)) return convertCustomPasswordHash(value);
    if (isKeycloakCredential(value)) return convertKeycloakCredentials([value]);
  }
  return unrecognised();
}

function convertList(list: readonly JsonValue[], context: Context): Converted | undefined {
  const objects = list.filter((each): each is JsonObject => isObject(each));
  if (objects.length === list.length && list.length > 0) {
    return objects.every(isKeycloakCredential) ? convertKeycloakCredentials(objects) : unrecognised();
  }
  const texts = list.filter((each): each is string => typeof each === "string" && !hasNoPassword(each));
  const [text, ...others] = texts;
  if (text === undefined) return list.every((each) => hasNoPassword(each)) ? undefined : unrecognised();
  if (others.length > 0) return unrecognised("the user has more than one password hash");
  return convertHash(text.trim(), context);
}

function convertHash(text: string, context: Context): Converted {
  const { format, word, fields } = context;
  if (format === "firebase-scrypt") return unsupported("of Firebase's own scrypt");
  const hasher = word === undefined ? undefined : hasherOf(word);
  if (word !== undefined && hasher === undefined) {
    return unrecognised("the source names no algorithm for the password hash that poolferry knows");
  }
  if (hasher?.kind === "foreign") return unsupported(`of ${hasher.name}`);
  if (word !== undefined && isTextOrBase64(text, word)) return convertUndjangoed(text, format);
  const algorithm = hasher?.algorithm ?? ALGORITHM_BY_FORMAT[format];
  const isSplit = fields !== undefined && algorithm !== undefined && !text.includes("$");
  const converted = isSplit ? convertFields(algorithm, { ...fields, hash: text }) : convertText(text);
  return requireAlgorithm(converted, algorithm);
}

/** Django's form under Clerk's word for it: Clerk means that the salt is base64, anyone else that it is text. */
function isTextOrBase64(text: string, word: string): boolean {
  return text.startsWith("pbkdf2_sha256$") && !/django/i.test(word);
}

function convertUndjangoed(text: string, format: HashFormat): Converted {
  return format === "clerk"
    ? convertClerkPbkdf2(text)
    : unrecognised(
        "the salt of the password hash can be text or base64: set format to clerk, or leave out hasher if it is Django's",
      );
}

const ALGORITHM_BY_FORMAT: Readonly<Record<HashFormat, HashAlgorithm | undefined>> = {
  auto: undefined,
  bcrypt: "BCRYPT",
  "pbkdf2-sha256": "PBKDF2_SHA256",
  scrypt: "SCRYPT",
  clerk: undefined,
  "firebase-scrypt": undefined,
};

function requireAlgorithm(converted: Converted, algorithm: HashAlgorithm | undefined): Converted {
  return isHash(converted) && algorithm !== undefined && converted.algorithm !== algorithm
    ? unrecognised("the password hash is of another algorithm than the source or the mapping says")
    : converted;
}

function isHash(converted: Converted): converted is PasswordHash {
  return !(converted instanceof Unusable);
}
