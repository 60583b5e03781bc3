import type { JsonValue } from "../core/row.ts";
import { Unusable } from "./reading.ts";

/** The text of a single value, trimmed; a list or an object has none, nor has a number of which digits were lost. */
export function textOf(value: JsonValue): string | Unusable {
  if (typeof value === "string") return value.trim();
  if (typeof value === "object" && value !== null)
    return new Unusable("attribute-type", "a part of it is a list or an object, not a single value");
  return isInexact(value) ? INEXACT : String(value);
}

/** A number that was too large to be read exactly: a rounded id is another user's id. */
export const INEXACT = new Unusable("number-inexact", "a number in it is too large to be read exactly");

/** Whether a value is a number that can have lost digits when it was read: no fraction is that large. */
function isInexact(value: JsonValue): boolean {
  return typeof value === "number" && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER);
}

/** Whether such a number stands anywhere in a value. */
export function holdsInexact(value: JsonValue): boolean {
  const open: JsonValue[] = [value];
  while (open.length > 0) {
    const next = open.pop() ?? null;
    if (isInexact(next)) return true;
    if (typeof next === "object" && next !== null) for (const each of Object.values(next)) open.push(each);
  }
  return false;
}
