import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, Row, RowBatch } from "../core/row.ts";
import { compileProfile, withProvider, type BuildProfile } from "./auth0-record.ts";
import { openCsv } from "./csv.ts";
import { columnsOf, withRecords } from "./documents.ts";
import { parseJsonValue } from "./json-row.ts";
import type { Source } from "./source.ts";
import type { TextFile } from "./text-file.ts";

/**
 * Auth0's users as a CSV, of an export job or of the import/export extension, as profiles like those of the JSON exports.
 *
 * An export job puts a single quote before every text, but not before its own dates, numbers and flags (documented, since
 * spreadsheets would run some texts). The first rows tell whether a file is written so; a later row that is written
 * otherwise is rejected, as nobody can tell whether its quotes belong to the values.
 *
 * Throws SOURCE_FORMAT for a table without the users' ids, and while reading for one whose first rows are of both kinds.
 */
export async function openAuth0Table(file: TextFile): Promise<Source> {
  const table = await openCsv(file, {});
  try {
    return readTable(file.path, table);
  } catch (error) {
    await table[Symbol.asyncDispose]();
    throw error;
  }
}

/** The names of a table's columns, without the quotes that may stand before all of them. */
export function columnNames(columns: readonly string[]): readonly string[] {
  return columns.every((column) => column.startsWith(MARK)) ? columns.map(withoutMark) : columns;
}

const MARK = "'";

function readTable(path: string, table: Source): Source {
  const columns = columnNames(columnsOf(table));
  if (!columns.includes("user_id") && !columns.includes("Id")) throw withoutIds(path);
  const toProfile = compileProfile(columns);
  if (toProfile === undefined) throw ambiguous(path);
  const marks = new Marks(path);
  const profiles = withRecords({ ...table, batches: () => telling(table.batches(), marks) }, (cells) =>
    profileOf(cells as readonly string[], toProfile, marks),
  );
  return {
    ...profiles,
    get description() {
      return [
        table.description,
        marks.areThere === true ? "every text after a single quote" : "",
        columns.includes("blocked") ? "" : "no column blocked, which says who may not sign in",
      ]
        .filter((part) => part !== "")
        .join(", ");
    },
  };
}

/** The same batches; whether texts are marked is told from the first of them that has any text. */
async function* telling(batches: AsyncIterable<RowBatch>, marks: Marks): AsyncGenerator<RowBatch> {
  for await (const batch of batches) {
    marks.tellFrom(batch);
    yield batch;
  }
}

/** How a row writes its texts; undefined where it has none. */
type Writing = "marked" | "bare" | undefined;

/** Whether a file puts a single quote before every text. */
class Marks {
  /** Undefined while no row has told. */
  areThere: boolean | undefined;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  tellFrom(batch: RowBatch): void {
    if (this.areThere !== undefined) return;
    const writings = batch.map((row) => writingOf(row));
    const marked = writings.filter((each) => each === "marked").length;
    const bare = writings.filter((each) => each === "bare").length;
    if (marked === bare && marked > 0) throw ofBothKinds(this.#path);
    if (marked !== bare) this.areThere = marked > bare;
  }
}

function writingOf(row: Row): Writing {
  return row.record === undefined ? undefined : writingOfCells(row.record as readonly string[]);
}

// One text of a name, such as 't Hooft, can begin with a quote; all of a row's do so only where it is written.
function writingOfCells(cells: readonly string[]): Writing {
  let writing: Writing;
  for (const cell of cells) {
    if (cell.startsWith(MARK)) writing = "marked";
    else if (isBareText(cell)) return "bare";
  }
  return writing;
}

/** What an export job writes without a quote before it, as it is no text: a flag, a number, its own dates, lists. */
const NO_TEXT = /^(?:true|false|-?\d+(?:\.\d+)?|\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2}))?$/i;

function isBareText(cell: string): boolean {
  return !NO_TEXT.test(cell) && parsedList(cell) === undefined;
}

/** A list or an object that is written as JSON. */
function parsedList(cell: string): JsonValue | undefined {
  if (!cell.startsWith("[") && !cell.startsWith("{")) return undefined;
  try {
    return parseJsonValue(cell);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The profile of a row, or what is wrong with the row. */
function profileOf(
  cells: readonly string[],
  toProfile: BuildProfile,
  { areThere }: Marks,
): JsonObject | string {
  const writing = writingOfCells(cells);
  if (areThere === true && writing === "bare")
    return "a text stands without the single quote that is before those of the other rows";
  if (areThere === false && writing === "marked")
    return "every text stands after a single quote, unlike those of the other rows";
  return withProvider(toProfile(cells.map((cell) => (areThere === true ? unmarked(cell) : plain(cell)))));
}

function plain(cell: string): JsonValue {
  return cell === "" ? null : cell;
}

/** Of a file that marks texts: whatever has no mark is none. */
function unmarked(cell: string): JsonValue {
  return cell.startsWith(MARK) ? withoutMark(cell) : (parsedList(cell) ?? plain(cell));
}

function withoutMark(cell: string): string {
  return cell.slice(MARK.length);
}

function withoutIds(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} has no column user_id (or Id), as Auth0's exports have`, {
    hint: "Add the field user_id to the export, which tells social users from others; if it is another table, use --from csv:PATH and a mapping",
  });
}

function ambiguous(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} has two columns for one field of the profile`, {
    hint: "Export each field once, under the name that it has in the profile; a field and a part of it exclude each other",
  });
}

function ofBothKinds(path: string): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} has a single quote before the texts of half of its first rows, and none before those of the others`,
    { hint: "Export it again, best as JSON, and do not save it with another program" },
  );
}
