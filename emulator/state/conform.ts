import type { Rules } from "../rules.ts";
import type { SchemaAttribute } from "./schema.ts";
import { flatAttribute, type FlatAttributes } from "./user.ts";

/** The greatest length of any attribute value: documented as bytes, modelled as characters, so both hold. */
const LONGEST_VALUE = 2048;

/** Whether a value fits its attribute, and how it is kept. */
export type Conformity =
  | { readonly kind: "conforms"; readonly value: string }
  | { readonly kind: "breaks"; readonly why: string };

/**
 * Checks a value, in the API's encoding, against its attribute's type and constraints.
 *
 * The types and limits are documented. The words for e-mail, phone and the length of texts are reported; the
 * others are guesses, in the form `<attribute>: <what is wrong>` that AWS uses for those.
 */
export function conform(attribute: SchemaAttribute, value: string, rules: Rules): Conformity {
  switch (attribute.AttributeDataType) {
    case "String":
      return conformString(attribute, value, rules);
    case "Number":
      return conformNumber(attribute, value, rules);
    case "Boolean": {
      const flag = value.toLowerCase();
      if (flag === "true" || flag === "false") return { kind: "conforms", value: flag };
      return breaks(attribute, "The value must be true or false");
    }
    case "DateTime":
      if (rules.dateTimePattern.test(value)) return { kind: "conforms", value };
      return breaks(attribute, "The value must be a date and time");
  }
}

/** What is wrong with attributes that call an e-mail or phone verified which is not there (documented rule, guessed words). */
export function verifiedWithoutValue(attributes: FlatAttributes, { texts }: Rules): string | undefined {
  const isMissing = (name: string) => {
    return (
      flatAttribute(attributes, `${name}_verified`) === "true" &&
      flatAttribute(attributes, name) === undefined
    );
  };
  if (isMissing("email")) return texts.emailMissing;
  return isMissing("phone_number") ? texts.phoneMissing : undefined;
}

function conformString(attribute: SchemaAttribute, value: string, rules: Rules): Conformity {
  const { MinLength: minimum = "0", MaxLength: maximum = String(LONGEST_VALUE) } =
    attribute.StringAttributeConstraints ?? {};
  if (value.length > Number(maximum)) {
    return breaks(attribute, `String must be no longer than ${maximum} characters`);
  }
  if (value.length < Number(minimum))
    return breaks(attribute, `String must be no shorter than ${minimum} characters`);
  // No character takes more than three bytes a UTF-16 unit, so short values need no counting.
  if (value.length > LONGEST_VALUE / 3 && Buffer.byteLength(value) > LONGEST_VALUE) {
    return breaks(attribute, `The value cannot be longer than ${LONGEST_VALUE} bytes`);
  }
  switch (attribute.Name) {
    case "email":
      if (rules.emailPattern.test(value)) return { kind: "conforms", value };
      return { kind: "breaks", why: "Invalid email address format." };
    case "phone_number":
      if (rules.phonePattern.test(value)) return { kind: "conforms", value };
      return { kind: "breaks", why: "Invalid phone number format." };
    case "birthdate":
      if (isApiDate(value)) return { kind: "conforms", value };
      return breaks(attribute, "The value must be a date in the form YYYY-MM-DD");
    default:
      return { kind: "conforms", value };
  }
}

function conformNumber(attribute: SchemaAttribute, value: string, rules: Rules): Conformity {
  if (!rules.numberPattern.test(value)) return breaks(attribute, "The value must be a number");
  const { MinValue: minimum, MaxValue: maximum } = attribute.NumberAttributeConstraints ?? {};
  if (minimum !== undefined && Number(value) < Number(minimum)) {
    return breaks(attribute, `The value cannot be less than ${minimum}`);
  }
  if (maximum !== undefined && Number(value) > Number(maximum)) {
    return breaks(attribute, `The value cannot be greater than ${maximum}`);
  }
  return { kind: "conforms", value };
}

function isApiDate(value: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

function breaks(attribute: SchemaAttribute, why: string): Conformity {
  return { kind: "breaks", why: `${attribute.Name}: ${why}` };
}
