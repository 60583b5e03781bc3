import type { OutcomeColumn } from "../core/outcome-columns.ts";
import { ndjson } from "./ndjson.ts";
import { isReadOnce } from "./plain-file.ts";
import { fieldsOf, Sample } from "./sample.ts";
import type { OpenContext, Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** How the users of an earlier run stand in a file that it wrote: as a table, or as documents. */
export type OutcomeFile = "table" | "documents";

/**
 * Whether an earlier run wrote this file of users who failed, were rejected or were skipped, told by the columns that it
 * added; somebody may have mended it since. Undefined for any other file, and for one that cannot be looked at.
 */
export async function recogniseOutcomeFile(path: string): Promise<OutcomeFile | undefined> {
  if (await isReadOnce(path)) return undefined;
  const look = openFromTextFile(path, async (file) => {
    const sample = new Sample(file);
    await file.close();
    return sample;
  });
  // Whatever is wrong with it, opening it as a source says so.
  const sample = await look.catch(() => undefined);
  if (sample === undefined) return undefined;
  const fields = fieldsOf(sample);
  if (!MARKS.every((column) => fields.has(column))) return undefined;
  if (sample.format === "table") return "table";
  return sample.format === "ndjson" || sample.format === "json-line" ? "documents" : undefined;
}

/** Whoever mends a file may take the other columns out of it. */
const MARKS: readonly OutcomeColumn[] = ["poolferry_row", "poolferry_reason"];

/**
 * Opens a file of an earlier run as the source that its users came from. Documents in it are what that type had made of
 * its file, and are not converted again; a table has our separator or that of the program in which it was mended, and its
 * header is its first line, whatever is said of the export.
 */
export function openOutcomeFile(
  form: OutcomeFile,
  type: SourceType,
  {
    place,
    options,
    context,
  }: { readonly place: string; readonly options: SourceOptions; readonly context: OpenContext },
): Promise<Source> {
  if (form === "documents") return ndjson.open(place, {}, context);
  return type.open(place, { ...options, separator: undefined, skipLines: undefined }, context);
}
