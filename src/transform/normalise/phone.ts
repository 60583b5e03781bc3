import { createRequire } from "node:module";
import type * as Library from "libphonenumber-js/min";
import { Unusable } from "../reading.ts";

/** + and 7 to 15 digits (E.164), as Cognito documents it. */
const E164 = /^\+[1-9]\d{6,14}$/;

/** Characters in which a number can be written, with all its spaces and brackets. */
const MAX_LENGTH = 100;
const TEL_SCHEME = /^tel:/i;
const DIGIT = /\p{Nd}/u;
/**
 * The trunk prefix as some write it, +44 (0)20 …: it is not dialled after the country code. The library takes it away
 * where the rest is a number of the country, and keeps it as a digit where it is not; numbers that do begin with 0, as
 * those of Italy do, are valid.
 */
const TRUNK_PREFIX = /\(\s*0\s*\)/;

let loaded: typeof Library | undefined;

/**
 * libphonenumber-js, loaded (some 30 ms and 9 MB) by the first number that needs it.
 *
 * Its `min` metadata knows which lengths a country's numbers have, and not which digits are in use today: ranges are
 * opened faster than a tool is updated, and its authors advise against refusing numbers for that.
 */
function library(): typeof Library {
  loaded ??= createRequire(import.meta.url)("libphonenumber-js/min") as typeof Library;
  return loaded;
}

/**
 * A trimmed phone number as + and digits, or why it is none. What has that form already is kept as it is; anything
 * else is read by libphonenumber. `country` (ISO 3166 alpha-2) is that of numbers without a country code: without it
 * they are dropped, since a guess would be someone else's number.
 */
export function normalisePhone(text: string, country?: string): string | Unusable {
  if (E164.test(text)) return text;
  // libphonenumber reads digits of all scripts, but neither the URI scheme nor the full-width plus of whole texts.
  const number = text.replace(TEL_SCHEME, "").replaceAll("\uff0b", "+");
  if (!DIGIT.test(number)) return NOT_A_NUMBER;
  if (country === undefined && !number.includes("+")) return NO_COUNTRY;
  if (number.length > MAX_LENGTH) return NOT_A_NUMBER;
  const parsed = parse(number, country);
  if (parsed === undefined) return NOT_A_NUMBER;
  if (parsed.ext !== undefined) return EXTENSION;
  if (!parsed.isPossible()) return IMPOSSIBLE;
  if (parsed.nationalNumber.startsWith("0") && (TRUNK_PREFIX.test(number) || !parsed.isValid()))
    return ODD_TRUNK_PREFIX;
  return E164.test(parsed.number) ? parsed.number : IMPOSSIBLE;
}

/** Why numbers cannot be of this country, as a sentence for the operator; undefined when they can. */
export function explainPhoneCountry(country: string): string | undefined {
  return library().isSupportedCountry(country)
    ? undefined
    : `${country} is not the ISO 3166 code of a country with phone numbers, such as DE or US`;
}

function parse(number: string, country: string | undefined): Library.PhoneNumber | undefined {
  const { parsePhoneNumberWithError, ParseError } = library();
  try {
    return parsePhoneNumberWithError(number, {
      // The whole text or nothing: no number is picked out of a sentence.
      extract: false,
      ...(country === undefined ? {} : { defaultCountry: country as Library.CountryCode }),
    });
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

const NO_COUNTRY = new Unusable(
  "phone-not-e164",
  "the phone number has no + and country code, and no country is stated",
);
const EXTENSION = new Unusable(
  "phone-extension",
  "the phone number has an extension, which Cognito cannot keep",
);
const NOT_A_NUMBER = new Unusable("phone-invalid", "the phone number cannot be read as one");
const IMPOSSIBLE = new Unusable("phone-invalid", "the phone number is too short or too long for its country");
const ODD_TRUNK_PREFIX = new Unusable(
  "phone-invalid",
  "the phone number has a 0 after its country code that is not its country's way to write it",
);
