import type { IssueCode } from "../core/issue.ts";
import type { PoolAttribute } from "../core/pool.ts";
import type { JsonValue } from "../core/row.ts";
import { parseFlag } from "./parse-flag.ts";

/** Bytes an attribute value may have (documented in the quotas; the API model counts characters). */
const MAX_VALUE_BYTES = 2048;

/** A value in API encoding, nothing to send, or the reason why the attribute is left out. */
export type Normalised =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "empty" }
  | { readonly kind: "dropped"; readonly code: IssueCode; readonly message: string };

const EMPTY: Normalised = { kind: "empty" };

/**
 * Brings one value of a source into the form that Cognito's API takes for this attribute: trimmed, NFC, e-mail in
 * lower case, phone as + and digits, dates as YYYY-MM-DD, flags as "true" or "false". Nothing is ever cut or guessed:
 * what does not fit is dropped with a reason, and empty values are not sent.
 */
export function normaliseAttribute(attribute: PoolAttribute, raw: JsonValue | undefined): Normalised {
  if (raw === undefined || raw === null || raw === "") return EMPTY;
  if (typeof raw === "object") {
    return dropped(
      "attribute-type",
      `${attribute.name} is ${Array.isArray(raw) ? "a list" : "an object"}, not a single value`,
    );
  }
  const text = String(raw).normalize("NFC").trim();
  if (text === "") return EMPTY;
  if (!text.isWellFormed())
    return dropped("attribute-type", `${attribute.name} holds half a character (a lone surrogate)`);
  const special = BY_NAME[attribute.name];
  const normalised = special === undefined ? byType(attribute, text) : special(text, raw);
  return normalised.kind === "value" ? checkBounds(attribute, normalised) : normalised;
}

type Normalise = (text: string, raw: JsonValue) => Normalised;

const BY_NAME: Readonly<Record<string, Normalise | undefined>> = {
  email: normaliseEmail,
  email_verified: normaliseFlag("email_verified"),
  phone_number: normalisePhone,
  phone_number_verified: normaliseFlag("phone_number_verified"),
  birthdate: normaliseBirthdate,
  updated_at: normaliseUpdatedAt,
};

// One @, no spaces, a dot in the domain: what Cognito surely refuses is caught, the rest is Cognito's to judge.
const EMAIL = /^[^\s@,"\\<>()[\]:;]+@[^\s@,"\\<>()[\]:;.]+(\.[^\s@,"\\<>()[\]:;.]+)+$/;

/** An e-mail address in lower case, or the reason why it is none. */
export function normaliseEmail(text: string): Normalised {
  const address = text.toLowerCase();
  // RFC 5321's limits of the local part and of the whole path.
  const isShort = address.length <= 254 && address.indexOf("@") <= 64;
  return isShort && EMAIL.test(address)
    ? { kind: "value", value: address }
    : dropped("email-invalid", "email is not an e-mail address");
}

const E164 = /^\+[1-9]\d{6,14}$/;

/** The trunk prefix as some write it, +44 (0)20 …: it is not dialled after the country code. */
const TRUNK_PREFIX = /\(\s*0\s*\)/;

/**
 * A phone number as + and digits. A number without its country code, or with a trunk prefix after it, is dropped: a
 * guess would be someone else's.
 */
export function normalisePhone(text: string): Normalised {
  if (TRUNK_PREFIX.test(text))
    return dropped("phone-not-e164", "phone_number has a (0) after its country code");
  const number = text.replace(/^tel:/i, "").replaceAll(/[\s().\-\u2010-\u2015\u00a0]/g, "");
  return E164.test(number)
    ? { kind: "value", value: number }
    : dropped("phone-not-e164", "phone_number is not + country code and digits");
}

function normaliseFlag(name: string): Normalise {
  return (_text, raw) => {
    const flag = parseFlag(raw);
    return flag === undefined
      ? dropped("flag-unreadable", `${name} is neither true nor false`)
      : { kind: "value", value: String(flag) };
  };
}

function normaliseBirthdate(text: string): Normalised {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && isCalendarDate(text)
    ? { kind: "value", value: text }
    : dropped("birthdate-invalid", "birthdate is not a full date as YYYY-MM-DD");
}

function isCalendarDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})$/i;
/** 2100-01-01: seconds beyond it are most likely milliseconds, and are not guessed at. */
const LAST_EPOCH_SECOND = 4_102_444_800;

function normaliseUpdatedAt(text: string): Normalised {
  const seconds = /^\d+(\.\d+)?$/.test(text)
    ? Math.floor(Number(text))
    : ISO_TIME.test(text) && isCalendarDate(text.slice(0, 10))
      ? Math.floor(Date.parse(text.replace(" ", "T").replaceAll(" ", "")) / 1000)
      : Number.NaN;
  return seconds >= 0 && seconds < LAST_EPOCH_SECOND
    ? { kind: "value", value: String(seconds) }
    : dropped("updated-at-invalid", "updated_at is neither epoch seconds nor ISO 8601 with a zone");
}

function byType(attribute: PoolAttribute, text: string): Normalised {
  switch (attribute.type) {
    case "String":
    case "DateTime":
      return { kind: "value", value: text };
    case "Number":
      return /^-?\d+$/.test(text)
        ? { kind: "value", value: text }
        : dropped("attribute-type", `${attribute.name} is not a whole number`);
    case "Boolean": {
      const flag = parseFlag(text);
      return flag === undefined
        ? dropped("attribute-type", `${attribute.name} is neither true nor false`)
        : { kind: "value", value: String(flag) };
    }
  }
}

function checkBounds(
  attribute: PoolAttribute,
  normalised: Normalised & { readonly kind: "value" },
): Normalised {
  const { name, type, min, max } = attribute;
  const { value } = normalised;
  // A UTF-16 unit takes at most three bytes, so most values need no count.
  if (value.length > MAX_VALUE_BYTES / 3 && Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    return dropped(
      "attribute-too-long",
      `${name} has ${Buffer.byteLength(value)} bytes, Cognito takes ${MAX_VALUE_BYTES}`,
    );
  }
  if (type === "Number") {
    const number = BigInt(value);
    return (min !== undefined && number < BigInt(Math.ceil(min))) ||
      (max !== undefined && number > BigInt(Math.floor(max)))
      ? dropped("attribute-out-of-range", `${name} is not between ${min ?? "any"} and ${max ?? "any"}`)
      : normalised;
  }
  if (type !== "String") return normalised;
  if (max !== undefined && value.length > max) {
    return dropped("attribute-too-long", `${name} has ${value.length} characters, this pool takes ${max}`);
  }
  return min !== undefined && value.length < min
    ? dropped("attribute-too-short", `${name} has ${value.length} characters, this pool wants ${min}`)
    : normalised;
}

function dropped(code: IssueCode, message: string): Normalised {
  return { kind: "dropped", code, message };
}
