import type { PoolAttribute } from "../../core/pool.ts";
import type { Unusable } from "../reading.ts";
import { dropped } from "./normalised.ts";

/** Bytes an attribute value may have (documented in the quotas; the API model counts characters). */
const MAX_VALUE_BYTES = 2048;

/** Digits of which every whole number is exact as a JavaScript number. */
const EXACT_DIGITS = 15;

/**
 * Holds a value to the 2,048 bytes of Cognito and to the bounds of the pool's schema. Whether Cognito counts UTF-16
 * units or code points is not documented, so the stricter holds each way: units for the most, code points for the
 * least. Numbers are compared exactly: the schema's bounds may be as great as 2^1023 (documented).
 */
export function checkBounds(attribute: PoolAttribute, value: string): Unusable | undefined {
  // A UTF-16 unit takes at most three bytes, so most values need no count.
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
  // A code point takes at most two units, so most values need no count.
  if (min !== undefined && value.length < 2 * min) {
    const characters = Array.from(value).length;
    if (characters < min)
      return dropped("attribute-too-short", `${name} has ${characters} characters, this pool wants ${min}`);
  }
  return undefined;
}
