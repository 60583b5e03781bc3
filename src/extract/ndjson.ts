import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, Row, RowBatch } from "../core/row.ts";
import { isJsonObject, parseJson } from "./json-row.ts";
import { BATCH_ROWS, type Source, type SourceType } from "./source.ts";
import { openTextFile, truncated, type TextFile } from "./text-file.ts";
import { FORMAT_NAMES, recogniseTextFormat } from "./text-format.ts";

/** Characters a line may have; a longer one is no user, and holding it would fill the memory. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/** One JSON object a line. Empty lines are passed over; a line that is no object is a rejected row. */
export const ndjson: SourceType = {
  type: "ndjson",
  summary: "one JSON object a line",
  async open(path) {
    return openNdjson(await openTextFile(path));
  },
};

/** The source over a file that was opened already; see {@link ndjson}. */
export function openNdjson(file: TextFile): Source {
  const format = recogniseTextFormat(file.head, file.isWhole);
  if (format === "table" || format === "json-array") {
    throw new FerryError("SOURCE_FORMAT", `${file.path} is ${FORMAT_NAMES[format]}, not NDJSON`, {
      hint: format === "table" ? "Try --from csv:PATH" : "Try --from json:PATH",
    });
  }
  if (format === "json-object" && !startsWithObjectLine(file)) {
    throw new FerryError("SOURCE_FORMAT", `${file.path} is ${FORMAT_NAMES[format]}, not NDJSON`, {
      hint: "Try --from json:PATH; if it should be NDJSON, its first line is damaged",
    });
  }
  return {
    shape: { kind: "documents" },
    description: ["NDJSON", file.encoding].filter((part) => part !== "").join(", "),
    batches: () => readLines(file),
  };
}

// One object on the only line, which holds a list: as the operator says that it is NDJSON, it is one user.
function startsWithObjectLine(file: TextFile): boolean {
  return !file.isWhole || !/[\r\n]/.test(file.head.trim());
}

async function* readLines(file: TextFile): AsyncGenerator<RowBatch> {
  let rest = "";
  let line = 0;
  let seq = 0;
  let rows: Row[] = [];
  for await (const block of file.blocks()) {
    const text = rest + block.toString("utf8");
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      line += 1;
      const content = text.slice(start, end).trim();
      start = end + 1;
      if (content === "") continue;
      seq += 1;
      rows.push(parseRow(content, seq, line));
      if (rows.length === BATCH_ROWS) {
        yield rows;
        rows = [];
      }
    }
    rest = text.slice(start);
    if (rest.length > MAX_LINE_CHARACTERS) {
      throw new FerryError("SOURCE_FORMAT", `${file.path} has a line of more than 16 MB after line ${line}`, {
        hint: "NDJSON has one user a line; if it is one JSON document, use --from json:PATH",
      });
    }
  }
  const last = rest.trim();
  if (last !== "") {
    const row = parseRow(last, seq + 1, line + 1);
    // Only the last line of a cut file is both incomplete and without an end.
    if (row.record === undefined)
      throw truncated(file.path, `its last line, ${line + 1}, stops in the middle`);
    rows.push(row);
  }
  if (rows.length > 0) yield rows;
}

function parseRow(content: string, seq: number, line: number): Row {
  const record = parseRecord(content);
  if (record !== undefined) return { seq, line, record };
  return {
    seq,
    line,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message: `line ${line} is not a JSON object` },
  };
}

function parseRecord(content: string): JsonObject | undefined {
  try {
    const value = parseJson(content);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
