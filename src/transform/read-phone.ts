import { toNfc } from "../core/nfc.ts";
import type { JsonValue } from "../core/row.ts";
import { findCountry } from "./country.ts";
import { explainPhoneCountry, normalisePhone } from "./normalise/phone.ts";
import { isPresent, Unusable, type Reading } from "./reading.ts";

/**
 * A phone number as + and digits, read with the country that its own row states: an ISO 3166 code of two or three
 * letters, or the country's English name. A number with its country code needs none, and none is looked at. Empty when
 * there is no number.
 */
export function readPhone(text: JsonValue, readCountry: () => Reading): string | Unusable {
  const number = numberIn(text);
  if (number === "" || number instanceof Unusable) return number;
  if (hasPlus(number)) return normalisePhone(number);
  const country = readCountry();
  if (country instanceof Unusable) return country;
  if (!isPresent(country)) return normalisePhone(number);
  const code = typeof country === "string" ? findCountry(country) : undefined;
  return code === undefined || explainPhoneCountry(code) !== undefined
    ? new Unusable("country-unknown", "the country beside the phone number is not known")
    : normalisePhone(number, code);
}

/**
 * A phone number that begins with its country code as + and digits: some systems leave the + out. Empty when there is no
 * number.
 */
export function readPhoneWithoutPlus(text: JsonValue): string | Unusable {
  const number = numberIn(text);
  if (number === "" || number instanceof Unusable) return number;
  return normalisePhone(hasPlus(number) ? number : `+${number}`);
}

function numberIn(text: JsonValue): string | Unusable {
  if (text === null) return "";
  return typeof text === "object" || typeof text === "boolean"
    ? new Unusable("phone-invalid", "the phone number is not a text")
    : toNfc(String(text)).trim();
}

function hasPlus(number: string): boolean {
  return /[+\uff0b]/.test(number);
}
