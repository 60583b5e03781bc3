import type { PoolAttribute } from "../../core/pool.ts";
import type { Unusable } from "../reading.ts";
import { dropped } from "./normalised.ts";

/** Bytes an attribute value may have (documented in the quotas; the API model counts characters). */
const MAX_VALUE_BYTES = 2048;

/** Digits of which every whole number is exact as a JavaScript number. */
const EXACT_DIGITS = 15;

/** What is wrong with the size of a value; undefined where nothing is. */
export type CheckBounds = (value: string) => Unusable | undefined;

/**
 * Makes the check that holds the values of an attribute, which are well-formed, to the 2,048 bytes of Cognito and to the
 * bounds of the pool's schema. Whether Cognito counts UTF-16 units or code points is not documented, so the stricter
 * holds each way: units for the most, code points for the least. Numbers are compared exactly: the schema's bounds may be
 * as great as 2^1023 (documented).
 */
export function createBoundsCheck(attribute: PoolAttribute): CheckBounds {
  const { least, most } = lengthsWithin(attribute);
  return (value) =>
    value.length >= least && value.length <= most ? undefined : checkBounds(attribute, value);
}

/**
 * The lengths, in UTF-16 units, of which every value is within the bounds, so that most values need no count: a unit takes
 * at most three bytes, and a code point at most two units.
 */
function lengthsWithin({ type, min, max }: PoolAttribute): { readonly least: number; readonly most: number } {
  const most = MAX_VALUE_BYTES / 3;
  if (type === "String") return { least: 2 * (min ?? 0), most: Math.min(most, max ?? most) };
  const isBounded = type === "Number" && (min !== undefined || max !== undefined);
  return { least: isBounded ? Infinity : 0, most };
}

function checkBounds(attribute: PoolAttribute, value: string): Unusable | undefined {
  if (value.length > MAX_VALUE_BYTES / 3 && Buffer.byteLength(value) > MAX_VALUE_BYTES) {
    return dropped(
      "attribute-too-long",
      `${attribute.name} has ${Buffer.byteLength(value)} bytes, Cognito takes ${MAX_VALUE_BYTES}`,
    );
  }
  if (attribute.type === "Number") return checkNumber(attribute, value);
  return attribute.type === "String" ? checkLength(attribute, value) : undefined;
}

function checkNumber({ name, min, max }: PoolAttribute, value: string): Unusable | undefined {
  const isShort = value.length <= EXACT_DIGITS;
  const isLess =
    min !== undefined && (isShort ? Number(value) < min : BigInt(value) < BigInt(Math.ceil(min)));
  const isMore =
    max !== undefined && (isShort ? Number(value) > max : BigInt(value) > BigInt(Math.floor(max)));
  return isLess || isMore
    ? dropped("attribute-out-of-range", `${name} is not between ${min ?? "any"} and ${max ?? "any"}`)
    : undefined;
}

function checkLength({ name, min, max }: PoolAttribute, value: string): Unusable | undefined {
  if (max !== undefined && value.length > max) {
    return dropped("attribute-too-long", `${name} has ${value.length} characters, this pool takes ${max}`);
  }
  const characters = countCharacters(value);
  return min !== undefined && characters < min
    ? dropped("attribute-too-short", `${name} has ${characters} characters, this pool wants ${min}`)
    : undefined;
}

/** The code points of a well-formed text: its units without the second ones of surrogate pairs. */
function countCharacters(text: string): number {
  let count = 0;
  for (let place = 0; place < text.length; place += 1) {
    const unit = text.charCodeAt(place);
    if (unit < 0xdc00 || unit > 0xdfff) count += 1;
  }
  return count;
}
