import type { IssueCode } from "../core/issue.ts";
import type { JsonValue, SourceRecord } from "../core/row.ts";

/** What a rule gives in place of a value when the row has one that cannot be used; it becomes an issue of the user. */
export class Unusable {
  readonly code: IssueCode;
  /** What is wrong, in one clause; never holds the value. */
  readonly message: string;

  constructor(code: IssueCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** What a rule reads out of one record: a value, nothing, or the reason why what is there cannot be used. */
export type Reading = JsonValue | undefined | Unusable;

/** A rule made ready: reads one record. */
export type Reader = (record: SourceRecord) => Reading;

/** Whether a rule read anything: an empty text, an empty list or an empty object is nothing. */
export function isPresent(reading: Reading): boolean {
  if (reading === undefined || reading === null) return false;
  if (typeof reading === "string") return reading.trim() !== "";
  return typeof reading !== "object" || reading instanceof Unusable || Object.keys(reading).length > 0;
}

/** The elements of a list, the one value as a list of one, or no element where there is nothing. */
export function elementsOf(reading: Exclude<Reading, Unusable>): readonly JsonValue[] {
  if (reading === undefined || reading === null || reading === "") return [];
  return Array.isArray(reading) ? (reading as readonly JsonValue[]) : [reading];
}
