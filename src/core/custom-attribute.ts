import { FerryError } from "./ferry-error.ts";
import type { PoolAttribute } from "./pool.ts";

/** The types of attributes (API model). */
const TYPES = ["String", "Number", "DateTime", "Boolean"] as const satisfies readonly PoolAttribute["type"][];

/** Custom attributes a pool has at the most (documented quota). */
export const MAX_CUSTOM_ATTRIBUTES = 50;

/** A name has 20 characters at the most, without its prefix (documented quota). */
const SHORT = /^.{1,20}$/su;

/** What a name may be made of (API model). */
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

const PREFIX = "custom:";

/** A custom attribute that a pool is to have. */
export interface CustomAttribute {
  /** With its prefix, `custom:plan`. */
  readonly name: string;
  /** Undefined where any type will do, and String is made. */
  readonly type: PoolAttribute["type"] | undefined;
  /** Bounds of a string's length in characters, or of a number's value. */
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/**
 * Reads `NAME:TYPE` or `NAME:TYPE:MIN..MAX`, with or without the prefix `custom:`; either bound may be left out. Throws
 * USAGE.
 */
export function parseCustomAttribute(text: string): CustomAttribute {
  const [, name = "", stated = "", bounds] =
    /^(?:custom:)?([^:]+):([^:]+)(?::([^:]*))?$/.exec(text.trim()) ?? [];
  const type = TYPES.find((each) => each.toLowerCase() === stated.toLowerCase());
  if (type === undefined) {
    throw refuse(text, "it is not of the form NAME:TYPE", `${SAMPLES}; TYPE is one of ${TYPES.join(", ")}`);
  }
  return { ...customAttribute(name), type, ...parseBounds(text, type, bounds) };
}

/** An attribute of any type. Throws USAGE for a name that Cognito takes for no custom attribute's. */
export function customAttribute(name: string): CustomAttribute {
  const bare = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
  if (!NAME.test(bare) || bare.includes(":")) {
    throw refuse(name, "its name has spaces or colons", SAMPLES);
  }
  if (!SHORT.test(bare)) {
    throw refuse(name, "its name is too long", `A name has 20 characters at the most, without ${PREFIX}`);
  }
  return { name: `${PREFIX}${bare}`, type: undefined, min: undefined, max: undefined };
}

/** Whether an attribute that a pool has is what is wanted, as far as that says. */
export function isAsWanted({ type, min, max }: CustomAttribute, present: PoolAttribute): boolean {
  return (
    (type === undefined || type === present.type) &&
    (min === undefined || min === present.min) &&
    (max === undefined || max === present.max)
  );
}

/** The type and the bounds in words: `String of 1 to 20 characters`, `Number from 0`. */
export function attributeTypeText({
  type = "String",
  min,
  max,
}: Pick<CustomAttribute, "type" | "min" | "max">): string {
  if (min === undefined && max === undefined) return type;
  if (type === "Number") {
    const bounds = [min === undefined ? [] : [`from ${min}`], max === undefined ? [] : [`to ${max}`]];
    return `Number ${bounds.flat().join(" ")}`;
  }
  return `String of ${min ?? 0} to ${max ?? MAX_VALUE_CHARACTERS} characters`;
}

/** Characters of a value at the most (documented quota). */
const MAX_VALUE_CHARACTERS = 2048;

const SAMPLES = "For instance custom:plan:String, custom:plan:String:1..20 or custom:seats:Number:0..500";

function parseBounds(
  text: string,
  type: PoolAttribute["type"],
  bounds: string | undefined,
): Pick<CustomAttribute, "min" | "max"> {
  if (bounds === undefined) return { min: undefined, max: undefined };
  const parts = /^(-?\d{1,15})?\.\.(-?\d{1,15})?$/.exec(bounds);
  const [min, max] = [parts?.[1], parts?.[2]].map((each) => (each === undefined ? undefined : Number(each)));
  if (parts === null || (min === undefined && max === undefined)) {
    throw refuse(text, `${bounds} are no bounds`, SAMPLES);
  }
  if (type !== "String" && type !== "Number") {
    throw refuse(text, `a ${type} has no bounds`, "Leave them out; String and Number have some");
  }
  if ((min ?? 0) > (max ?? Number.MAX_SAFE_INTEGER)) {
    throw refuse(text, "its bounds are the wrong way round", SAMPLES);
  }
  if (type === "String" && ((min ?? 0) < 0 || (max ?? 1) < 1 || (max ?? 1) > MAX_VALUE_CHARACTERS)) {
    throw refuse(text, "its bounds are no lengths", `A value has up to ${MAX_VALUE_CHARACTERS} characters`);
  }
  return { min, max };
}

function refuse(text: string, why: string, hint: string): FerryError {
  return new FerryError("USAGE", `The attribute ${text} cannot be added: ${why}`, { hint });
}
