import { FerryError } from "../core/ferry-error.ts";
import { parseJsonObject } from "./json-row.ts";
import { openJson } from "./json.ts";
import { openNdjson } from "./ndjson.ts";
import type { Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { recogniseTextFormat, wrongFormat } from "./text-format.ts";

/**
 * Auth0's users: the export job's NDJSON (people download it as tenant.json.gz), an array of users, or the
 * Management API's list with its `users` key. Which of them is told by content.
 */
export const auth0: SourceType = {
  type: "auth0",
  options: ["list"],
  open(path, options) {
    return openFromTextFile(path, (file) => openAuth0(file, options));
  },
};

/** The key of the list in the Management API's answer. */
const LIST_KEY = "users";

function openAuth0(file: TextFile, options: SourceOptions): Source {
  const format = recogniseTextFormat(file.head, file.isWhole);
  switch (format) {
    case "ndjson":
      return openNdjson(file);
    case "json-array":
      return openJson(file, options);
    case "json-object":
      return openJson(file, { ...options, list: options.list ?? LIST_KEY });
    case "json-line": {
      // An export of one user holds lists too (its identities), but not this one.
      const list = options.list ?? LIST_KEY;
      return Array.isArray(parseJsonObject(file.head)?.[list])
        ? openJson(file, { ...options, list })
        : openNdjson(file);
    }
    case "table":
      throw new FerryError("SOURCE_FORMAT", `${file.path} is no Auth0 JSON export`, {
        hint: "Export the users as JSON (an export job of format json); a CSV is read with --from csv:PATH and a mapping",
      });
    case "empty":
      throw wrongFormat(file.path, format, "an Auth0 JSON export");
  }
}
