import { FerryError } from "../core/ferry-error.ts";
import type { Row, RowBatch } from "../core/row.ts";
import { parseJsonObject } from "./json-row.ts";
import { BATCH_BYTES, BATCH_ROWS, MAX_USER_BYTES, type Source, type SourceType } from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";
import { truncated } from "./truncated.ts";

/** One JSON object a line. Empty lines are passed over; a line that is no object is a rejected row. */
export const ndjson: SourceType = {
  type: "ndjson",
  options: ["preset"],
  open(path) {
    return openFromTextFile(path, openNdjson);
  },
};

/** The source over a file that was opened already; see {@link ndjson}. */
export function openNdjson(file: TextFile): Source {
  const format = recogniseTextFormat(file.head, file.isWhole);
  // A lone line is one user, as the operator says that it is NDJSON.
  const isNdjson =
    format === "ndjson" || format === "json-line" || (format === "json-object" && isCutLine(file));
  if (!isNdjson) throw wrongFormat(file.path, format, "NDJSON");
  return {
    shape: { kind: "documents" },
    description: ["NDJSON", file.encoding].filter((part) => part !== "").join(", "),
    batches: () => readLines(file),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

// The only line, and not a whole object: reading it says that the file is cut short.
function isCutLine(file: TextFile): boolean {
  return file.isWhole && !/[\r\n]/.test(file.head.trim());
}

async function* readLines(file: TextFile): AsyncGenerator<RowBatch> {
  // The pieces of a line that goes over several blocks are put together once, when its end is there.
  let pieces: string[] = [];
  let pieceLength = 0;
  let line = 0;
  let seq = 0;
  let rows: Row[] = [];
  let batchBytes = 0;
  for await (const block of file.blocks()) {
    const text = block.toString("utf8");
    batchBytes += block.length;
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      line += 1;
      const content = lineOf(pieces, text.slice(start, end));
      pieces = [];
      pieceLength = 0;
      start = end + 1;
      if (content === "") continue;
      seq += 1;
      rows.push(parseRow(content, seq, line));
      if (rows.length === BATCH_ROWS) {
        yield rows;
        rows = [];
        batchBytes = 0;
      }
    }
    if (batchBytes >= BATCH_BYTES && rows.length > 0) {
      yield rows;
      rows = [];
      batchBytes = 0;
    }
    pieces.push(text.slice(start));
    pieceLength += text.length - start;
    if (pieceLength > MAX_USER_BYTES) {
      throw new FerryError("SOURCE_FORMAT", `${file.path} has a line of more than 16 MB after line ${line}`, {
        hint: "NDJSON has one user a line; if it is one JSON document, use --from json:PATH",
      });
    }
  }
  const last = lineOf(pieces, "");
  if (last !== "") {
    const row = parseRow(last, seq + 1, line + 1);
    // Only the last line of a cut file is both incomplete and without an end.
    if (row.record === undefined)
      throw truncated(file.path, `its last line, ${line + 1}, stops in the middle`);
    rows.push(row);
  }
  if (rows.length > 0) yield rows;
}

function lineOf(pieces: readonly string[], last: string): string {
  return (pieces.length === 0 ? last : `${pieces.join("")}${last}`).trim();
}

function parseRow(content: string, seq: number, line: number): Row {
  const record = parseJsonObject(content);
  if (record !== undefined) return { seq, line, record };
  return {
    seq,
    line,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message: `line ${line} is not a JSON object` },
  };
}
