import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Supabase's table auth.users, as CSV, a JSON array or NDJSON, with an array `identities` if it was joined; or what the
 * admin API lists under `users`, whose metadata have no `raw_` before their names and which has no password hashes. Columns
 * as in Supabase Auth's migrations.
 */
export const supabase: SourceType = {
  type: "supabase",
  options: TABLE_OPTIONS,
  recognise(sample) {
    const columns = new Set(sample.columns);
    const isTable = columns.has("id") && columns.has("raw_app_meta_data");
    const users = [sample.first(), sample.first(LIST)];
    if (isTable || users.some((user) => hasKeys(user, "id", "raw_app_meta_data")))
      return "its users have raw_app_meta_data";
    const isListed = users.some((user) => hasKeys(user, "id", "aud", "app_metadata", "user_metadata"));
    return isListed ? "its users have aud and app_metadata" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openApplicationTable(file, options, {
        name: "a list of Supabase users",
        list: LIST,
        isUser: (document) => hasKeys(document, "id"),
        jsonColumns: ["raw_app_meta_data", "raw_user_meta_data", "identities"],
      }),
    );
  },
};

/** The key of the list in the admin API's answer. */
const LIST = "users";
