import type { JsonObject, JsonValue, SourceRecord } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { openDocuments, withRecords, type DocumentLayout } from "./documents.ts";
import { parseJsonValue } from "./json-row.ts";
import type { Source, SourceOptions } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { recogniseTextFormat } from "./text-format.ts";

/** An application's table of users, as people export it. */
export interface TableLayout extends Pick<DocumentLayout, "name" | "list"> {
  /** A column that every user has, by which a document that stands alone is told from one around a list. */
  readonly key: string;
  /** Columns of JSON; a CSV, and some JSON exports, have it as text. */
  readonly jsonColumns: readonly string[];
}

/**
 * A table of users as CSV with a header, or as JSON in any form that {@link openDocuments} reads; told by content. Either
 * way a row is a document by the names of its columns, so one mapping reads both, and the database itself. A row with text
 * that is no JSON in a column of JSON is rejected.
 */
export function openTable(path: string, options: SourceOptions, layout: TableLayout): Promise<Source> {
  const { key, jsonColumns, ...documents } = layout;
  return openFromTextFile(path, async (file) => {
    if (recogniseTextFormat(file.head, file.isWhole) !== "table") {
      return openDocuments(file, options, {
        ...documents,
        isUser: (document) => Object.hasOwn(document, key),
        toRecord: (element) => withParsed(element, jsonColumns),
      });
    }
    const source = await openCsv(file, options);
    const columns = source.shape.kind === "table" ? source.shape.columns : [];
    return withRecords(source, (cells) => withParsed(toRecord(columns, cells), jsonColumns));
  });
}

/** The cells of a table's row as a document, by the names of the columns. */
function toRecord(columns: readonly string[], cells: SourceRecord): JsonObject {
  // From entries, so that a column named __proto__ is a key.
  return Object.fromEntries(columns.map((column, at) => [column, (cells as readonly string[])[at] ?? null]));
}

/** The record with the JSON of these columns in place of its text; what is wrong with it where it is none. */
function withParsed(record: JsonObject, columns: readonly string[]): JsonObject | string {
  const parsed: Record<string, JsonValue> = {};
  for (const column of columns) {
    const text = Object.hasOwn(record, column) ? record[column] : undefined;
    if (typeof text !== "string" || !/^\s*[[{]/.test(text)) continue;
    try {
      parsed[column] = parseJsonValue(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return `the JSON in ${column} cannot be read`;
    }
  }
  return Object.keys(parsed).length === 0 ? record : { ...record, ...parsed };
}
