import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openTable } from "./tables.ts";

/**
 * The table AspNetUsers of ASP.NET (Core) Identity, as CSV, a JSON array or NDJSON, with arrays `Roles` (names), `Logins`
 * and `Claims` (rows of AspNetUserLogins and AspNetUserClaims) if they were joined. Columns as Entity Framework makes them.
 */
export const aspnet: SourceType = {
  type: "aspnet",
  options: ["separator", "skipLines", "list"],
  recognise(sample) {
    const columns = new Set(sample.columns);
    const isAspnet = COLUMNS.every((column) => columns.has(column)) || hasKeys(sample.first(), ...COLUMNS);
    return isAspnet ? "its users have UserName, SecurityStamp and AccessFailedCount" : undefined;
  },
  open(path, options) {
    return openTable(path, options, {
      name: "a table of ASP.NET Identity users",
      key: "Id",
      jsonColumns: ["Roles", "Logins", "Claims"],
    });
  },
};

const COLUMNS = ["Id", "UserName", "SecurityStamp", "AccessFailedCount"] as const;
