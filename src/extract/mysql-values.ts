import type { FieldPacket } from "mysql2";
import type { JsonValue } from "../core/row.ts";
import { parseJsonValue } from "./json-row.ts";
import type { Converter } from "./sql-source.ts";

/** Types of a column, by the numbers of the protocol. */
const [TIMESTAMP, DATE, DATETIME, NEWDATE, BIT, JSON_TYPE] = [7, 10, 12, 14, 16, 245];
const [DECIMAL, NEWDECIMAL] = [0, 246];

/** TINY, SHORT, LONG, LONGLONG, INT24, YEAR. */
const INTEGERS = [1, 2, 3, 8, 9, 13];

const TIMES: ReadonlySet<number> = new Set([TIMESTAMP, DATE, DATETIME, NEWDATE]);

/** Types that can put rows in order by their text or number alone: numbers that are exact, and times. */
const ORDERED: ReadonlySet<number> = new Set([...INTEGERS, DECIMAL, NEWDECIMAL, ...TIMES]);

/** What a column is, as far as its values are read by it. */
export type MysqlField = Pick<FieldPacket, "name" | "columnLength"> & {
  readonly columnType?: number | undefined;
  readonly characterSet?: number | undefined;
  /** Of MariaDB, whose JSON is a text with a check; only newer drivers know it. */
  readonly extendedFormat?: string | undefined;
};

/** Whether rows can come in the order of this column; of others equal values need not be the same. */
export function canOrder({ columnType = -1 }: MysqlField): boolean {
  return ORDERED.has(columnType);
}

/** Whether the column's values stand in SQL as they are, and not in quotes. */
export function isNumber({ columnType = -1 }: MysqlField): boolean {
  return ORDERED.has(columnType) && !TIMES.has(columnType);
}

/**
 * What makes JSON of the driver's value: times as ISO 8601, in UTC where the column keeps a moment, and null for the dates
 * of zeros that stand for none; a single bit as 0 or 1; bytes as hexadecimal digits. Undefined where the value is right.
 */
export function mysqlConverter(field: MysqlField, lists: readonly string[]): Converter | undefined {
  const { columnType = -1, columnLength, characterSet, extendedFormat, name } = field;
  if (columnType === JSON_TYPE || extendedFormat === "json" || lists.includes(name)) return parseJsonValue;
  switch (columnType) {
    case DATE:
    case NEWDATE:
      return (text: string) => (isNoDate(text) ? null : text);
    case DATETIME:
      return (text: string) => (isNoDate(text) ? null : text.replace(" ", "T"));
    case TIMESTAMP:
      return (text: string) => (isNoDate(text) ? null : `${text.replace(" ", "T")}Z`);
    case DECIMAL:
    case NEWDECIMAL:
      return integerOf;
    case BIT:
      return columnLength === 1 ? bitOf : hexOf;
    default:
      return characterSet === BINARY && !INTEGERS.includes(columnType) ? plain : undefined;
  }
}

const isNoDate = (text: string): boolean => text.startsWith("0000-00-00");

const bitOf = (bytes: Uint8Array): JsonValue => bytes[0] ?? 0;

function integerOf(text: string): JsonValue {
  const number = Number(text);
  return /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(number) ? number : text;
}

/** The character set of bytes, and of all that is no text. */
const BINARY = 63;

/** Bytes are told by the value: numbers and places on a map have the same character set. */
function plain(value: JsonValue | Uint8Array): JsonValue {
  return value instanceof Uint8Array ? hexOf(value) : value;
}

function hexOf(bytes: Uint8Array): JsonValue {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
