import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * The table AspNetUsers of ASP.NET (Core) Identity, as CSV, a JSON array or NDJSON, with arrays `Roles` (names), `Logins`
 * and `Claims` (rows of AspNetUserLogins and AspNetUserClaims) if they were joined. Columns as Entity Framework makes them.
 */
export const aspnet: SourceType = {
  type: "aspnet",
  options: TABLE_OPTIONS,
  recognise(sample) {
    const columns = new Set(sample.columns);
    const isAspnet = COLUMNS.every((column) => columns.has(column)) || hasKeys(sample.first(), ...COLUMNS);
    return isAspnet ? "its users have UserName, SecurityStamp and AccessFailedCount" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openApplicationTable(file, options, {
        name: "a table of ASP.NET Identity users",
        isUser: (document) => hasKeys(document, "Id"),
        jsonColumns: ["Roles", "Logins", "Claims"],
      }),
    );
  },
};

const COLUMNS = ["Id", "UserName", "SecurityStamp", "AccessFailedCount"] as const;
