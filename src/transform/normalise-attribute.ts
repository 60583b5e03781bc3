import type { PoolAttribute } from "../core/pool.ts";
import type { JsonObject, JsonValue } from "../core/row.ts";
import { toNfc } from "../core/nfc.ts";
import { normaliseBirthdate } from "./normalise/birthdate.ts";
import { createBoundsCheck } from "./normalise/bounds.ts";
import { normaliseEmail, type EmailOptions } from "./normalise/email.ts";
import { joinLines, type LineBreaks } from "./normalise/line-breaks.ts";
import { normaliseLocale } from "./normalise/locale.ts";
import { dropped, type Normalised } from "./normalise/normalised.ts";
import { normalisePhone } from "./normalise/phone.ts";
import { normaliseUpdatedAt } from "./normalise/updated-at.ts";
import { normaliseZoneinfo } from "./normalise/zoneinfo.ts";
import { parseFlag } from "./parse-flag.ts";
import { Unusable, type Reading } from "./reading.ts";
import { writeJson } from "./write-json.ts";
import { holdsInexact } from "./text-of.ts";

/** What the operator may say of how values are brought into form. */
export interface NormaliseOptions extends EmailOptions {
  /** The country (ISO 3166 alpha-2) of phone numbers without a country code; undefined: they are dropped. */
  readonly phoneCountry: string | undefined;
  readonly lineBreaks: LineBreaks;
}

/** What holds where the operator says nothing. */
export const DEFAULT_NORMALISE_OPTIONS: NormaliseOptions = {
  lowerCaseEmail: true,
  phoneCountry: undefined,
  lineBreaks: "keep",
};

/** Brings what a rule gave for one attribute into the form that Cognito's API takes. Pure, and never throws. */
export interface Normaliser {
  /** What any rule gave. */
  readonly normalise: (reading: Reading) => Normalised;
  /** The same of a plain text (`isPlainText`), made of which every value can stand in an import CSV. */
  readonly normalisePlain: (text: string) => Normalised;
}

/** Makes what brings the values of one attribute into Cognito's form. */
export type NormaliserFor = (attribute: PoolAttribute) => Normaliser;

/**
 * Makes the functions that bring values into Cognito's form: trimmed (the white space of Unicode's Zs, tabs, line
 * breaks and the byte-order mark; invisible characters stay), NFC, e-mail in lower case, phone as + and digits, dates
 * as YYYY-MM-DD, flags as "true" or "false". Nothing is ever cut or guessed: what does not fit is dropped with a reason,
 * what a rule could not use is passed on, and empty values are not sent. A normalised value normalises to itself.
 *
 * name, gender, profile, picture, website and the like are held to nothing but their length: OIDC calls some of them
 * URLs, but Cognito documents any string of up to 2,048 characters.
 */
export function createNormaliser(options: NormaliseOptions): NormaliserFor {
  const byName = normalisersByName(options);
  const { lineBreaks } = options;

  return (attribute) => {
    const encode = byName[attribute.name] ?? encoderByType(attribute);
    const checkBounds = createBoundsCheck(attribute);
    const normalisePlain = (text: string): Normalised => {
      const value = encode(text);
      return typeof value === "string" ? (checkBounds(value) ?? value) : value;
    };
    const normalise = (reading: Reading): Normalised => {
      if (reading === undefined || reading === null || reading === "") return undefined;
      if (reading instanceof Unusable) return reading;
      const given = typeof reading === "string" ? reading : textOf(attribute, reading, lineBreaks);
      if (given instanceof Unusable) return given;
      const trimmed = toNfc(given).trim();
      const text = lineBreaks === "keep" ? trimmed : joinLines(trimmed).trim();
      if (text === "") return undefined;
      return text.isWellFormed()
        ? normalisePlain(text)
        : dropped("attribute-type", `${attribute.name} holds half a character (a lone surrogate)`);
    };
    return { normalise, normalisePlain };
  };
}

/** Brings a trimmed NFC text into Cognito's form. */
type Encode = (text: string) => Normalised;

function normalisersByName(options: NormaliseOptions): Readonly<Record<string, Encode | undefined>> {
  return {
    email: (text) => normaliseEmail(text, options),
    email_verified: normaliseFlag("email_verified"),
    phone_number: (text) => normalisePhone(text, options.phoneCountry),
    phone_number_verified: normaliseFlag("phone_number_verified"),
    birthdate: normaliseBirthdate,
    updated_at: normaliseUpdatedAt,
    locale: normaliseLocale,
    zoneinfo: normaliseZoneinfo,
  };
}

function normaliseFlag(name: string): Encode {
  return (text) => {
    if (text === "true" || text === "false") return text;
    const flag = parseFlag(text);
    return flag === undefined
      ? dropped("flag-unreadable", `${name} is neither true nor false`)
      : String(flag);
  };
}

/** What is not a text, as a text, or why it is left out. */
function textOf(
  attribute: PoolAttribute,
  value: Exclude<JsonValue, string | null>,
  lineBreaks: LineBreaks,
): string | Unusable {
  if (typeof value === "object" && attribute.name !== "address") return refuseNested(attribute, value);
  if (holdsInexact(value))
    return dropped("number-inexact", `${attribute.name} has a number too large to be read exactly`);
  if (typeof value !== "object") return String(value);
  return encodeNested(value, lineBreaks) ?? dropped("attribute-type", "address is nested too deeply");
}

/**
 * How Cognito encodes custom numbers and dates is not documented beyond "strings". Whole numbers of any size are the
 * part of it that cannot be misread; dates pass as they are.
 */
function encoderByType({ name, type }: PoolAttribute): Encode {
  switch (type) {
    case "String":
    case "DateTime":
      return (text) => text;
    case "Number":
      return (text) =>
        /^-?\d+$/.test(text) ? text : dropped("attribute-type", `${name} is not a whole number`);
    case "Boolean":
      return (text) => {
        const flag = parseFlag(text);
        return flag === undefined
          ? dropped("attribute-type", `${name} is neither true nor false`)
          : String(flag);
      };
  }
}

/** Characters of JSON: twice what an attribute holds. */
const LONGEST_WALKED = 4096;

type Nested = readonly JsonValue[] | JsonObject;

function refuseNested(attribute: PoolAttribute, value: Nested): Unusable {
  const shape = Array.isArray(value) ? "a list" : "an object";
  return dropped("attribute-type", `${attribute.name} is ${shape}, not a single value`);
}

/**
 * OIDC's address is a JSON object and Cognito keeps strings, so it becomes its JSON text with every key it has: which
 * ones an application reads is not ours to know. Empty when it has none, undefined when it is nested too deeply.
 */
function encodeNested(value: Nested, lineBreaks: LineBreaks): string | undefined {
  if (Object.keys(value).length === 0) return "";
  const text = writeJson(value);
  // What is far too long stays so, and may be nested too deeply to be walked through.
  if (text === undefined || lineBreaks === "keep" || text.length > LONGEST_WALKED) return text;
  // Its line breaks are inside its strings, where they would be escapes that no one finds any more.
  return JSON.stringify(value, (_key, each: JsonValue) =>
    typeof each === "string" ? joinLines(each) : each,
  );
}
