import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isFirebaseLine, openFirebaseTable } from "./firebase-table.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { isJsonObject } from "./json-row.ts";
import { isTable } from "./text-format.ts";

/**
 * Firebase's users: what `firebase auth:export` writes as JSON (a document with `users`) or as CSV without a header, or
 * accounts.json of the emulator's export. Which of them is told by content; users of all of them have the keys of the JSON.
 */
export const firebase: SourceType = {
  type: "firebase",
  options: ["list"],
  recognise(sample) {
    if (sample.format === "table")
      return isFirebaseLine(sample.head) ? "its lines are those of firebase auth:export" : undefined;
    const users = [sample.first(), sample.first(LIST)];
    const isFirebase = users.some(
      (user) => hasKeys(user, "localId") && TELLING.some((key) => hasKeys(user, key)),
    );
    return isFirebase ? "its users have localId" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) => {
      if (isTable(file)) return openFirebaseTable(file, withProviders);
      return openDocuments(file, options, {
        name: "an export of firebase auth:export",
        list: LIST,
        isUser: (document) => hasKeys(document, "localId"),
        toRecord: withProviders,
      });
    });
  },
};

/** The key of the list, in the export and in the emulator's file. */
const LIST = "users";

/** Keys of which every user has one, beside the id. */
const TELLING = ["createdAt", "emailVerified", "providerUserInfo", "passwordHash"] as const;

/** Ways to sign in at Firebase itself, by the names that its API gives them, and the field that tells of each. */
const OWN_PROVIDERS = [
  ["password", "passwordHash"],
  ["phone", "phoneNumber"],
] as const;

/**
 * The user with the providers `password` and `phone`, which Firebase lists among the others, and the exporter leaves out
 * (documented by its source): whoever has a password or a number as well is not social only.
 */
function withProviders(user: JsonObject): JsonObject {
  const listed = user["providerUserInfo"] ?? [];
  if (!Array.isArray(listed)) return user;
  const providers = listed as readonly JsonValue[];
  const isListed = (id: string): boolean =>
    providers.some((provider) => isJsonObject(provider) && provider["providerId"] === id);
  const missing = OWN_PROVIDERS.filter(
    ([id, field]) => typeof user[field] === "string" && user[field] !== "" && !isListed(id),
  );
  if (missing.length === 0) return user;
  return { ...user, providerUserInfo: [...providers, ...missing.map(([providerId]) => ({ providerId }))] };
}
