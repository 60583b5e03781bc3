import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { joinStytchHashes } from "./stytch-hashes.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Stytch's users (its consumer API): the search's answers with their `results`, an array, or NDJSON. Password hashes come
 * from Stytch's support in a file of their own; see {@link joinStytchHashes}.
 */
export const stytch: SourceType = {
  type: "stytch",
  options: ["list", "passwordHashes"],
  recognise(sample) {
    const users = [sample.first(), sample.first(LIST)];
    const isStytch = users.some(
      (user) =>
        hasKeys(user, "user_id", "emails", "phone_numbers", "providers") && Array.isArray(user["emails"]),
    );
    return isStytch ? "its users have user_id, emails, phone_numbers and providers" : undefined;
  },
  sideFile: { option: "passwordHashes", join: joinStytchHashes },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openDocuments(file, options, {
        name: "a list of Stytch users",
        list: LIST,
        isUser: (document) => hasKeys(document, "user_id"),
        toRecord: withVerifiedFirst,
      }),
    );
  },
};

const LIST = "results";

/** The user with verified addresses and numbers before others: Stytch calls none of them the first. */
function withVerifiedFirst(user: JsonObject): JsonObject {
  const { emails, phone_numbers: numbers } = user;
  return {
    ...user,
    ...(isList(emails) ? { emails: verifiedFirst(emails) } : {}),
    ...(isList(numbers) ? { phone_numbers: verifiedFirst(numbers) } : {}),
  };
}

function verifiedFirst(contacts: readonly JsonValue[]): readonly JsonValue[] {
  const isVerified = (contact: JsonValue): boolean => isJsonObject(contact) && contact["verified"] === true;
  return [...contacts.filter(isVerified), ...contacts.filter((contact) => !isVerified(contact))];
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
