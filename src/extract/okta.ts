import type { JsonObject } from "../core/row.ts";
import { openCsv } from "./csv.ts";
import { columnsOf, openDocuments, withNamedCells } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { joinGroups } from "./okta-groups.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { Source, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { wrongFormat } from "./text-format.ts";

/**
 * Okta's users: what the API lists (an array a page, or a user a line), a single one, or a table with the columns of the CSV
 * import template, whose rows get the API's shape. Groups come from a second file, joined by the users' ids or logins.
 */
export const okta: SourceType = {
  type: "okta",
  options: ["groups"],
  recognise(sample) {
    if (sample.format === "table") {
      const isTemplate = TEMPLATE.every((column) => sample.columns.includes(column));
      return isTemplate ? "its columns are those of Okta's import template" : undefined;
    }
    const user = sample.first();
    return hasKeys(user, "id", "status") && isUser(user)
      ? "its users have status and a profile with a login"
      : undefined;
  },
  sideFile: { option: "groups", join: joinGroups },
  open(path) {
    return openFromTextFile(path, (file) => {
      const sample = new Sample(file);
      if (sample.format !== "table") {
        return openDocuments(file, {}, { name: "a list of Okta's users", isUser, toRecord: toOktaRecord });
      }
      if (sample.columns.includes(LOGIN)) return openCsv(file, {}).then(withProfiles);
      throw wrongFormat(path, "table", "a list of Okta's users, nor a table with Okta's column login");
    });
  },
};

/** The key that every profile has (documented). */
const LOGIN = "login";

/** Columns of the import template that no other table is known to have together. */
const TEMPLATE = [LOGIN, "email", "firstName", "lastName", "honorificPrefix", "costCenter", "managerId"];

function isUser(document: JsonObject): boolean {
  const { profile } = document;
  return isJsonObject(profile) && Object.hasOwn(profile, LOGIN);
}

/** A user of the API as a record; the text of an issue where it is none. */
export function toOktaRecord(element: JsonObject): JsonObject | string {
  return isUser(element) ? element : "it has no profile with a login";
}

/** The rows of a table as users of the API, whose profiles have the columns; empty cells are left out. */
function withProfiles(table: Source): Source {
  return withNamedCells(table, columnsOf(table), (cells) => {
    const filled = Object.entries(cells).filter(([, cell]) => cell !== "");
    return { profile: Object.fromEntries(filled) };
  });
}
