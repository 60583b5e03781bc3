/** What becomes of line breaks inside a value: kept, or each run of them turned into one space. */
export type LineBreaks = "keep" | "space";

/** The line breaks of Unicode (UAX #14's mandatory breaks). */
const LINE_BREAKS = /[\n\v\f\r\u0085\u2028\u2029]+/g;

/** The text with each run of line breaks as one space. */
export function joinLines(text: string): string {
  return text.replaceAll(LINE_BREAKS, " ");
}
