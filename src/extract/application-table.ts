import type { JsonObject, JsonValue } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { columnsOf, openDocuments, withNamedCells, type DocumentLayout } from "./documents.ts";
import { parseJsonValue } from "./json-row.ts";
import type { Source, SourceOptions } from "./source.ts";
import type { TextFile } from "./text-file.ts";
import { isTable } from "./text-format.ts";

/** The options that {@link openApplicationTable} heeds. */
export const TABLE_OPTIONS = [
  "separator",
  "skipLines",
  "list",
] as const satisfies readonly (keyof SourceOptions)[];

/** How an application's table of users is exported. */
export interface ApplicationTable extends DocumentLayout {
  /**
   * Columns of JSON; a CSV, and some JSON exports, have it as text. With them a row of a CSV is a document by the names of
   * its columns, so that one mapping reads both, and the database itself.
   */
  readonly jsonColumns?: readonly string[] | undefined;
}

/**
 * The rows of an application's table of users, exported under the names of its columns: CSV with a header, or JSON in any
 * form that {@link openDocuments} reads; told by content. A row with text that is no JSON in a column of JSON is rejected.
 * Throws what {@link openCsv} and {@link openDocuments} throw.
 */
export async function openApplicationTable(
  file: TextFile,
  options: SourceOptions,
  { jsonColumns, ...layout }: ApplicationTable,
): Promise<Source> {
  const parse = jsonColumns === undefined ? undefined : withParsed(jsonColumns);
  if (!isTable(file, options.skipLines)) {
    return openDocuments(file, options, parse === undefined ? layout : { ...layout, toRecord: parse });
  }
  const table = await openCsv(file, options);
  return parse === undefined ? table : withNamedCells(table, columnsOf(table), parse);
}

/** Puts the JSON of these columns in place of its text; says what is wrong with a record where it is none. */
function withParsed(columns: readonly string[]): (record: JsonObject) => JsonObject | string {
  return (record) => {
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
  };
}
