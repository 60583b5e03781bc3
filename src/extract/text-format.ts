/** What a text looks like from its first characters. */
export type TextFormat = "json-array" | "json-object" | "ndjson" | "table" | "empty";

/**
 * Recognises the format of a text by its beginning. A text that starts with an object is NDJSON when its first
 * line is a whole object and either more lines follow or it holds no list of objects; otherwise one document.
 */
export function recogniseTextFormat(head: string, isWhole: boolean): TextFormat {
  const text = head.trimStart();
  if (text === "") return "empty";
  if (text.startsWith("[")) return "json-array";
  if (!text.startsWith("{")) return "table";
  const lineEnd = text.search(/[\r\n]/);
  const firstLine = lineEnd === -1 ? text : text.slice(0, lineEnd);
  const first = lineEnd === -1 && !isWhole ? undefined : parseObject(firstLine);
  if (first === undefined) return "json-object";
  const isAlone = isWhole && (lineEnd === -1 || text.slice(lineEnd).trim() === "");
  return isAlone && Object.values(first).some(isListOfObjects) ? "json-object" : "ndjson";
}

/** How a format is called when it is not the one the operator named. */
export const FORMAT_NAMES: Readonly<Record<TextFormat, string>> = {
  "json-array": "a JSON array",
  "json-object": "one JSON document",
  ndjson: "NDJSON (one JSON object a line)",
  table: "CSV or another text without JSON",
  empty: "empty",
};

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === "object" && value[0] !== null;
}
