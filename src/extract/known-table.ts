import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { withRecords } from "./documents.ts";
import type { Source, SourceOptions } from "./source.ts";
import type { TextFile } from "./text-file.ts";

/** How a system writes its users as a table with a header. */
export interface TableLayout {
  /** What the file should be, for the operator: "Clerk's CSV of users". */
  readonly name: string;
  /** The names by which the mapping knows these columns, in their order; undefined when they are not the system's. */
  readonly columnsOf: (header: readonly string[]) => readonly string[] | undefined;
  /**
   * Makes a document of a row's cells by those names; the text of an issue where the row is broken. Rows stay cells
   * without it.
   */
  readonly toRecord?: ((cells: JsonObject) => JsonObject | string) | undefined;
}

/**
 * The users of a system that are written as a table. Throws what reading CSV throws, and SOURCE_FORMAT for other columns
 * than the system's or two that stand for one.
 */
export async function openKnownTable(
  file: TextFile,
  options: SourceOptions,
  { name, columnsOf, toRecord }: TableLayout,
): Promise<Source> {
  const source = await openCsv(file, options);
  const header = source.shape.kind === "table" ? source.shape.columns : [];
  const columns = columnsOf(header);
  if (columns === undefined) throw otherColumns(file.path, name);
  requireDistinct(file.path, columns);
  if (toRecord !== undefined) {
    return withRecords(source, (cells) => toRecord(documentOf(columns, cells as readonly string[])));
  }
  return {
    shape: { kind: "table", columns },
    get description() {
      return source.description;
    },
    batches: () => source.batches(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

// From entries, so that a column named __proto__ is a key.
function documentOf(columns: readonly string[], cells: readonly string[]): JsonObject {
  return Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""]));
}

function otherColumns(path: string, name: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is a table, but not ${name}: it has other columns`, {
    hint: "Check the export; any other table is read with --from csv:PATH and a mapping",
  });
}

function requireDistinct(path: string, columns: readonly string[]): void {
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice === undefined) return;
  throw new FerryError("SOURCE_FORMAT", `${path}: two columns of the header stand for ${twice}`, {
    hint: "Leave one of them out of the file; nothing tells which is right",
  });
}
