import { openCsv } from "./csv.ts";
import { openDocuments, type DocumentLayout } from "./documents.ts";
import type { Source, SourceOptions } from "./source.ts";
import type { TextFile } from "./text-file.ts";
import { recogniseTextFormat } from "./text-format.ts";

/** The options that {@link openApplicationRows} heeds. */
export const ROW_OPTIONS = [
  "separator",
  "skipLines",
  "list",
] as const satisfies readonly (keyof SourceOptions)[];

/**
 * The rows of an application's table of users, exported under the names of its columns: CSV, or whatever JSON has it.
 * Which of them is told by content. Throws what {@link openCsv} and {@link openDocuments} throw.
 */
export async function openApplicationRows(
  file: TextFile,
  options: SourceOptions,
  layout: DocumentLayout,
): Promise<Source> {
  const isTable = options.skipLines !== undefined || recogniseTextFormat(file.head, file.isWhole) === "table";
  return isTable ? openCsv(file, options) : openDocuments(file, options, layout);
}
