import { FerryError } from "../core/ferry-error.ts";
import { hasKeys, type Sample } from "./sample.ts";

/** Throws SOURCE_FORMAT for phpMyAdmin's own JSON, whose list is of tables, each with all its rows in one element. */
export function refusePhpMyAdminJson(path: string, sample: Sample): void {
  const first = sample.first();
  if (!hasKeys(first, "type", "version") || first["type"] !== "header") return;
  throw new FerryError("SOURCE_FORMAT", `${path} is phpMyAdmin's JSON of whole tables, not a list of rows`, {
    hint: "Export the table as CSV, with the names of the columns in the first row",
  });
}
