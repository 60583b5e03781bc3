import { openDocuments } from "./documents.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Users as FusionAuth's import API takes them, which its own and many other migration scripts write: under `users`, as an
 * array, or as NDJSON; and what its search answers, which has no password hashes.
 */
export const fusionauth: SourceType = {
  type: "fusionauth",
  options: ["list"],
  recognise(sample) {
    const users = [sample.first(), sample.first(LIST)];
    if (users.some((user) => hasKeys(user, "encryptionScheme"))) return "its users have encryptionScheme";
    return users.some((user) => hasKeys(user, "tenantId", "insertInstant"))
      ? "its users have tenantId and insertInstant"
      : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openDocuments(file, options, {
        name: "a list of FusionAuth users",
        list: LIST,
        isUser: (document) => USER_KEYS.some((key) => hasKeys(document, key)),
      }),
    );
  },
};

const LIST = "users";
const USER_KEYS = ["id", "username", "email", "mobilePhone", "encryptionScheme"];
