import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * The users table of Auth.js (NextAuth), as CSV, a JSON array or NDJSON, with an array `accounts` if it was joined. Columns
 * as its adapters make them; some adapters write them in snake case. There are no passwords in it.
 */
export const authjs: SourceType = {
  type: "authjs",
  options: TABLE_OPTIONS,
  recognise(sample) {
    const columns = new Set(sample.columns);
    const user = sample.first();
    // The times of verification tell it from other libraries' tables with the same columns, which have flags.
    const isAuthjs =
      COLUMNS.every((column) => columns.has(column)) ||
      (hasKeys(user, ...COLUMNS) && typeof user["emailVerified"] !== "boolean");
    return isAuthjs ? "its users have emailVerified and image" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openApplicationTable(file, options, {
        name: "a table of Auth.js users",
        isUser: (document) => hasKeys(document, "id"),
        jsonColumns: ["accounts"],
      }),
    );
  },
};

const COLUMNS = ["id", "email", "emailVerified", "image"] as const;
