import { FerryError } from "../core/ferry-error.ts";
import { parseJsonObject } from "./json-row.ts";

/** What a text looks like from its first characters. */
export type TextFormat = "json-array" | "json-object" | "json-line" | "ndjson" | "table" | "empty";

/**
 * Recognises the format of a text by its beginning. A text whose first line is a whole object is NDJSON when more
 * lines follow; one that stands alone can be NDJSON of one user or a document, and only the source can tell.
 */
export function recogniseTextFormat(head: string, isWhole: boolean): TextFormat {
  const text = head.trimStart();
  if (text === "") return "empty";
  if (text.startsWith("[")) return "json-array";
  if (!text.startsWith("{")) return "table";
  const lineEnd = text.search(/[\r\n]/);
  const firstLine = lineEnd === -1 ? text : text.slice(0, lineEnd);
  if (lineEnd === -1 && !isWhole) return "json-object";
  if (parseJsonObject(firstLine) === undefined) return "json-object";
  const isAlone = isWhole && (lineEnd === -1 || text.slice(lineEnd).trim() === "");
  return isAlone ? "json-line" : "ndjson";
}

/** Whether a text is to be read as a table: only tables have lines that are passed over, whatever these look like. */
export function isTable(
  { head, isWhole }: { readonly head: string; readonly isWhole: boolean },
  skipLines?: number,
): boolean {
  return skipLines !== undefined || recogniseTextFormat(head, isWhole) === "table";
}

const FORMAT_NAMES: Readonly<Record<TextFormat, string>> = {
  "json-array": "a JSON array",
  "json-object": "one JSON document",
  "json-line": "one JSON object on one line",
  ndjson: "NDJSON (one JSON object a line)",
  table: "CSV or another text without JSON",
  empty: "empty",
};

const HINTS: Readonly<Record<TextFormat, string>> = {
  "json-array": "Try --from json:PATH",
  "json-object":
    "Try --from json:PATH; if it should be NDJSON, its first line is damaged or longer than 256 KB",
  "json-line": "Try --from json:PATH, or --from ndjson:PATH if it is one user",
  ndjson: "Try --from ndjson:PATH",
  table: "Try --from csv:PATH",
  empty: "Check the export",
};

/** The error of a file in another format than the one the operator named. */
export function wrongFormat(path: string, found: TextFormat, wanted: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is ${FORMAT_NAMES[found]}, not ${wanted}`, {
    hint: HINTS[found],
  });
}
