import type { JsonObject, JsonValue, Row, RowBatch, SourceRecord } from "../core/row.ts";
import { parseJsonObject } from "./json-row.ts";
import { openJson, type Remark } from "./json.ts";
import { openNdjson } from "./ndjson.ts";
import { setKey } from "./set-key.ts";
import type { Source, SourceOptions } from "./source.ts";
import type { TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";

/** How a system writes its users as JSON. */
export interface DocumentLayout {
  /** What the file should be, for the operator: "an Okta list of users". */
  readonly name: string;
  /** The key of the list in a document around it, unless the operator names another; the only list of objects when undefined. */
  readonly list?: string | undefined;
  /** Whether a document that stands alone is itself a user, and not around a list of them. */
  readonly isUser?: ((document: JsonObject) => boolean) | undefined;
  /**
   * Brings an element into the form that the mapping reads; undefined for an element that is no user and was never meant
   * to be one, and the text of an issue for one that is broken. Elements are users as they are without it.
   */
  readonly toRecord?: ((element: JsonObject) => JsonObject | string | undefined) | undefined;
  /** What the keys beside the list tell; left out where they tell nothing. */
  readonly remark?: Remark | undefined;
}

/**
 * The users of a system that are written as JSON: NDJSON, an array, a document with a list of them, or a document that is
 * one of them. Which of these is told by content. Throws SOURCE_FORMAT for a table or an empty file.
 */
export function openDocuments(file: TextFile, options: SourceOptions, layout: DocumentLayout): Source {
  const source = openAsWritten(file, options, layout);
  const { toRecord } = layout;
  return toRecord === undefined ? source : withRecords(source, (record) => toRecord(record as JsonObject));
}

function openAsWritten(file: TextFile, options: SourceOptions, layout: DocumentLayout): Source {
  const list = options.list ?? layout.list;
  const format = recogniseTextFormat(file.head, file.isWhole);
  switch (format) {
    case "ndjson":
      return openNdjson(file);
    case "json-array":
      return openJson(file, options);
    case "json-object":
    case "json-line": {
      const document = file.isWhole ? parseJsonObject(file.head) : undefined;
      if (document !== undefined && layout.isUser?.(document) === true)
        return format === "json-line" ? openNdjson(file) : openOne(file, document);
      return openJson(file, { ...options, list }, { remark: layout.remark });
    }
    case "table":
    case "empty":
      throw wrongFormat(file.path, format, layout.name);
  }
}

/** A document that is a user. */
function openOne(file: TextFile, record: JsonObject): Source {
  return {
    shape: { kind: "documents" },
    description: ["one user", file.encoding].filter((part) => part !== "").join(", "),
    async *batches() {
      await file.close();
      yield [{ seq: 1, line: undefined, record }];
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Makes a document of a record; undefined where it is no user, and the text of an issue where it is broken. */
type ToDocument = (record: SourceRecord) => JsonObject | string | undefined;

/** The same source with documents for records, numbered anew, as some of them may be no users. */
export function withRecords(source: Source, toDocument: ToDocument): Source {
  return {
    shape: { kind: "documents" },
    get description() {
      return source.description;
    },
    batches: () => convertRecords(source.batches(), toDocument),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** The columns of a table; none of documents. */
export function columnsOf({ shape }: Source): readonly string[] {
  return shape.kind === "table" ? shape.columns : [];
}

/** The rows of a table as documents of their cells by these names, in the order of the columns; see {@link withRecords}. */
export function withNamedCells(
  table: Source,
  names: readonly string[],
  toDocument: (cells: JsonObject) => JsonObject | string,
): Source {
  return withRecords(table, (record) => {
    const cells = record as readonly string[];
    const named: Record<string, JsonValue> = {};
    let at = 0;
    for (const name of names) {
      setKey(named, name, cells[at] ?? "");
      at += 1;
    }
    return toDocument(named);
  });
}

/** Batches with other records, numbered anew; see {@link DocumentLayout.toRecord}. */
export async function* convertRecords(
  batches: AsyncIterable<RowBatch>,
  toDocument: ToDocument,
): AsyncGenerator<RowBatch> {
  let seq = 0;
  for await (const batch of batches) {
    const rows: Row[] = [];
    for (const row of batch) {
      const record = row.record === undefined ? undefined : toDocument(row.record);
      if (row.record !== undefined && record === undefined) continue;
      seq += 1;
      rows.push(rowOf(row, seq, record));
    }
    if (rows.length > 0) yield rows;
  }
}

function rowOf(row: Row, seq: number, record: JsonObject | string | undefined): Row {
  if (record === undefined) return { ...row, seq };
  if (typeof record === "object") return { seq, line: row.line, record };
  const message = row.line === undefined ? `element ${row.seq}: ${record}` : `line ${row.line}: ${record}`;
  return {
    seq,
    line: row.line,
    record: undefined,
    issue: { code: "row-unreadable", attribute: undefined, message },
  };
}
