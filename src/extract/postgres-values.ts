import type pg from "pg";
import type { JsonValue } from "../core/row.ts";
import { parseJsonValue } from "./json-row.ts";
import type { Converter } from "./sql-source.ts";

/** The types of PostgreSQL whose text is not what a document holds, by their object ids in pg_type. */
const CONVERTERS: Readonly<Record<number, (text: string) => JsonValue>> = {
  // bool
  16: (text) => text === "t",
  // bytea: the digits alone, as bytes are written elsewhere
  17: (text) => text.replace(/^\\x/, ""),
  // int8, int2, int4, oid, numeric
  20: numberOf,
  21: Number,
  23: Number,
  26: Number,
  1700: numberOf,
  // float4, float8: also NaN and Infinity, which JSON has not
  700: floatOf,
  701: floatOf,
  // json, jsonb
  114: parseJsonValue,
  3802: parseJsonValue,
  // timestamp, timestamptz
  1114: (text) => text.replace(" ", "T"),
  1184: (text) => text.replace(" ", "T").replace(/\+00$/, "Z"),
};

/** The settings that the conversion counts on. */
export const TEXT_SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: "UTC",
  DateStyle: "ISO",
  IntervalStyle: "iso_8601",
  bytea_output: "hex",
  // As many digits as tell one number from the next.
  extra_float_digits: "1",
};

/** What an array type holds, by its object id. */
export type ElementTypes = ReadonlyMap<number, number>;

/** Arrays of all types but those that are made of other types, such as tables. */
export const ELEMENT_TYPES_SQL =
  "SELECT list.oid::int8 AS list, element.oid::int8 AS element FROM pg_catalog.pg_type AS element JOIN pg_catalog.pg_type AS list ON list.oid = element.typarray WHERE element.typtype IN ('b', 'd', 'e') AND element.typdelim = ','";

/**
 * What makes JSON of the text of a type: numbers that a double holds exactly, and the digits of others; times as ISO 8601,
 * in UTC where they have a zone; arrays as lists. Undefined for types whose text is the value.
 */
export function postgresConverter(
  type: number,
  elementTypes: ElementTypes,
  driver: typeof pg,
): Converter | undefined {
  const convert = CONVERTERS[type];
  if (convert !== undefined) return convert;
  const element = elementTypes.get(type);
  if (element === undefined) return undefined;
  const { getTypeParser } = driver.types as unknown as ListParsers;
  const parseList = getTypeParser(TEXT_LIST);
  const convertElement = CONVERTERS[element] ?? ((text: string) => text);
  return (text: string) => convertEach(parseList(text), convertElement);
}

/** text[]; all arrays are written alike. */
const TEXT_LIST = 1009;

/** Its types leave out the arrays. */
interface ListParsers {
  readonly getTypeParser: (this: void, type: number) => (text: string) => NestedTexts;
}

type NestedTexts = readonly (string | null | NestedTexts)[];

function convertEach(list: NestedTexts, convert: (text: string) => JsonValue): JsonValue {
  return list.map((element) =>
    element === null ? null : typeof element === "string" ? convert(element) : convertEach(element, convert),
  );
}

function numberOf(text: string): JsonValue {
  if (!/^-?\d{1,16}$/.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function floatOf(text: string): JsonValue {
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}
