import { FerryError } from "../core/ferry-error.ts";
import { openJson } from "./json.ts";
import { openNdjson } from "./ndjson.ts";
import type { SourceType } from "./source.ts";
import { openTextFile } from "./text-file.ts";
import { recogniseTextFormat } from "./text-format.ts";

/**
 * Auth0's users: the export job's NDJSON (people download it as tenant.json.gz), an array of users, or the
 * Management API's list with its `users` key. Which of them is told by content.
 */
export const auth0: SourceType = {
  type: "auth0",
  summary: "an Auth0 user export (NDJSON, a JSON array, or an API list)",
  async open(path, options) {
    const file = await openTextFile(path);
    switch (recogniseTextFormat(file.head, file.isWhole)) {
      case "ndjson":
        return openNdjson(file);
      case "json-array":
        return openJson(file, options);
      case "json-object":
        return openJson(file, { ...options, list: options.list ?? "users" });
      case "table":
      case "empty":
        throw new FerryError("SOURCE_FORMAT", `${path} is no Auth0 JSON export`, {
          hint: "Export the users as JSON (an export job of format json); a CSV is read with --from csv:PATH and a mapping",
        });
    }
  },
};
