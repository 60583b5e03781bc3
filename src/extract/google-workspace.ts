import { openKnownTable } from "./known-table.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * The CSV of users that Google's Admin console downloads. Its header has 25 to 38 columns, changed over the years, with
 * brackets behind the names that vary as well (`Status [READ ONLY]`; seen in public code); the mapping knows the columns
 * by their names without the brackets.
 */
export const googleWorkspace: SourceType = {
  type: "google-workspace",
  options: ["separator", "skipLines"],
  recognise({ columns }) {
    const isGoogle =
      columnsOf(columns) !== undefined && columns.some((column) => BRACKET.test(column.trim()));
    return isGoogle ? "its columns are those of Google's Admin console" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openKnownTable(file, options, { name: "the CSV of users from Google's Admin console", columnsOf }),
    );
  },
};

/** What stands at the end of a trimmed name. Spaces before it are no part, as a run of them would be tried from each. */
const BRACKET = /\[[^\][]*\]$/;

const REQUIRED = ["First Name", "Last Name", "Email Address", "Org Unit Path"];

function columnsOf(header: readonly string[]): readonly string[] | undefined {
  const columns = header.map((column) => column.trim().replace(BRACKET, "").trim());
  return REQUIRED.every((name) => columns.includes(name)) ? columns : undefined;
}
