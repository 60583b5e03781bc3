import { FerryError } from "../core/ferry-error.ts";
import { openDocuments } from "./documents.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { recogniseTextFormat } from "./text-format.ts";

/**
 * Auth0's users: the export job's NDJSON (people download it as tenant.json.gz), an array of users, or the
 * Management API's list with its `users` key. Which of them is told by content.
 */
export const auth0: SourceType = {
  type: "auth0",
  options: ["list"],
  recognise(sample) {
    const users = [sample.first(), sample.first(LIST)];
    const isAuth0 = users.some(
      (user) => hasKeys(user, "user_id", "identities") && Array.isArray(user["identities"]),
    );
    return isAuth0 ? "its users have user_id and identities" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) => {
      if (recogniseTextFormat(file.head, file.isWhole) === "table") throw isTable(path);
      return openDocuments(file, options, {
        name: "an Auth0 JSON export",
        list: LIST,
        isUser: (document) => hasKeys(document, "user_id"),
      });
    });
  },
};

/** The key of the list in the Management API's answer. */
const LIST = "users";

function isTable(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is no Auth0 JSON export`, {
    hint: "Export the users as JSON (an export job of format json); a CSV is read with --from csv:PATH and a mapping",
  });
}
