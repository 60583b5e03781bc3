import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Ory Kratos' identities, as its admin API lists them: a page is an array; several pages are several files, or NDJSON. A
 * document with a list of them is read as well.
 */
export const kratos: SourceType = {
  type: "kratos",
  options: ["list"],
  recognise(sample) {
    const users = [sample.first(), sample.first("identities")];
    return users.some((user) => hasKeys(user, "schema_id", "traits"))
      ? "its identities have schema_id and traits"
      : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) =>
      openDocuments(file, options, {
        name: "a list of Ory Kratos identities",
        isUser: (document) => hasKeys(document, "traits"),
        toRecord: withoutEmptyCredentials,
      }),
    );
  },
};

/**
 * The identity without credentials that hold nothing. Kratos makes one for each kind by which the identity could be found,
 * be it never set (schema extensions in its code): who signs in through Google has a password without a hash.
 */
function withoutEmptyCredentials(identity: JsonObject): JsonObject {
  const { credentials } = identity;
  if (!isJsonObject(credentials)) return identity;
  const kept = Object.entries(credentials).filter(([, credential]) => !isEmptyCredential(credential));
  return { ...identity, credentials: Object.fromEntries(kept) };
}

/** Whether what a credential holds was exported and is nothing. */
function isEmptyCredential(credential: JsonValue): boolean {
  const config = isJsonObject(credential) ? credential["config"] : undefined;
  return isJsonObject(config) && Object.keys(config).length === 0;
}
