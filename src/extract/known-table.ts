import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { columnsOf, withNamedCells } from "./documents.ts";
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
  /** What the columns, by those names, tell of the file; left out where they tell nothing. */
  readonly remark?: ((columns: readonly string[]) => string | undefined) | undefined;
}

/**
 * The users of a system that are written as a table. Throws what reading CSV throws, and SOURCE_FORMAT for other columns
 * than the system's or two that stand for one.
 */
export async function openKnownTable(
  file: TextFile,
  options: SourceOptions,
  { name, columnsOf: namesOf, toRecord, remark }: TableLayout,
): Promise<Source> {
  const table = await openCsv(file, options);
  const columns = namesOf(columnsOf(table));
  if (columns === undefined) throw otherColumns(file.path, name);
  requireDistinct(file.path, columns);
  const users = toRecord === undefined ? table : withNamedCells(table, columns, toRecord);
  const told = remark?.(columns) ?? "";
  return {
    shape: toRecord === undefined ? { kind: "table", columns } : users.shape,
    get description() {
      return [users.description, told].filter((part) => part !== "").join(", ");
    },
    batches: () => users.batches(),
    [Symbol.asyncDispose]: () => users[Symbol.asyncDispose](),
  };
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
