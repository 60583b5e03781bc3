import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import type { SideTable } from "./side-table.ts";
import type { Source } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Opens a file that says who is in which groups of a user pool: JSON objects that each name users (`Username`, or a list
 * `Users`) and groups (`GroupName`, or a list `Groups`); one a line, an array, or a list in a document. No tool of AWS
 * writes such a file as a whole, so these are the names that its answers have (our guess of what people put together).
 */
export function openGroups(path: string): Promise<Source> {
  return openFromTextFile(path, (file) =>
    openDocuments(file, {}, { name: "a JSON file of groups", isUser: isMembership }),
  );
}

function isMembership(document: JsonObject): boolean {
  return Object.hasOwn(document, "Username") || Object.hasOwn(document, "GroupName");
}

/**
 * Puts the groups of a file into a table, by usernames. Throws SOURCE_FORMAT, naming the place, for an object that does
 * not name both: whose groups they are would be lost.
 */
export async function readGroups(source: Source, path: string, table: SideTable): Promise<void> {
  for await (const batch of source.batches()) {
    const entries: (readonly [username: string, group: string])[] = [];
    for (const row of batch) {
      if (row.record === undefined) throw unusable(path, row.issue.message);
      const found = membershipsIn(row.record as JsonObject);
      const place = row.line === undefined ? `element ${row.seq}` : `line ${row.line}`;
      if (typeof found === "string") throw unusable(path, `${place} ${found}`);
      entries.push(...found);
    }
    table.add(entries);
  }
}

function membershipsIn(object: JsonObject): readonly (readonly [username: string, group: string])[] | string {
  const users = namesIn(object, { one: "Username", many: "Users" });
  const groups = groupNamesOf(object);
  if (users === undefined) return "names no user";
  if (groups === undefined) return "names no group";
  return users.flatMap((user) => groups.map((group) => [user, group] as const));
}

/** The names of the groups that an object states, as names or as the API's groups; undefined where it states none. */
export function groupNamesOf(object: JsonObject): readonly string[] | undefined {
  return namesIn(object, { one: "GroupName", many: "Groups" });
}

function namesIn(
  object: JsonObject,
  { one, many }: { readonly one: string; readonly many: string },
): readonly string[] | undefined {
  const list = Object.hasOwn(object, many) ? object[many] : object[one];
  const names = (Array.isArray(list) ? (list as readonly JsonValue[]) : [list]).map((element) =>
    typeof element === "object" && element !== null ? (element as JsonObject)[one] : element,
  );
  return names.every((name) => typeof name === "string" && name !== "") ? (names as string[]) : undefined;
}

function unusable(path: string, why: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} does not say who is in which groups: ${why}`, {
    hint: 'Write one JSON object a line: {"Username": "ada", "GroupName": "crew"}; docs/sources/cognito-export.md has the command',
  });
}
