import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject } from "../core/row.ts";
import { isHashRecord, joinPasswordHashes } from "./auth0-hashes.ts";
import { createProfileReader } from "./auth0-record.ts";
import { columnNames, openAuth0Table } from "./auth0-table.ts";
import { openDocuments } from "./documents.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Auth0's users: the export job's NDJSON (people download it as tenant.json.gz) or CSV, what the import/export extension
 * makes of these, an array of users such as the bulk import takes, or the Management API's list with its `users` key.
 * Which of them is told by content; users of all of them have the fields of Auth0's profile. The password hashes of the
 * support's export are joined to them by the users' ids.
 */
export const auth0: SourceType = {
  type: "auth0",
  options: ["list", "passwordHashes"],
  recognise(sample) {
    if (sample.format === "table") return recogniseTable(sample);
    const users = [sample.first(), sample.first(LIST)];
    return RECOGNISED.find(([matches]) => users.some((user) => user !== undefined && matches(user)))?.[1];
  },
  sideFile: { option: "passwordHashes", join: joinPasswordHashes },
  open: openUsers,
};

/** The key of the list in the Management API's answer. */
const LIST = "users";

type Clue = readonly [matches: (user: JsonObject) => boolean, why: string];

/** By what users in JSON show that they are Auth0's; anybody's users can have a user_id alone. */
const RECOGNISED: readonly Clue[] = [
  [
    (user) => hasKeys(user, "user_id", "identities") && Array.isArray(user["identities"]),
    "its users have user_id and identities",
  ],
  [
    (user) => hasKeys(user, "user_id", "email_verified") && isDatabaseId(user["user_id"]),
    "its users have a user_id that begins with auth0|",
  ],
  [
    (user) => hasKeys(user, "Id", "Email Verified", "Connection"),
    "its users have the names of Auth0's export extension",
  ],
  [
    (user) => hasKeys(user, "email", "custom_password_hash") || hasKeys(user, "email", "mfa_factors"),
    "its users are as Auth0's bulk import takes them",
  ],
  [(user) => isHashRecord(user) && hasKeys(user, "tenant", "connection"), "it holds Auth0's password hashes"],
];

function isDatabaseId(id: unknown): boolean {
  return typeof id === "string" && id.startsWith("auth0|");
}

function recogniseTable({ columns, head }: Sample): string | undefined {
  const names = columnNames(columns);
  if (["Id", "Email", "Email Verified", "Connection"].every((name) => names.includes(name)))
    return "its columns are those of Auth0's export extension";
  if (!names.includes("user_id")) return undefined;
  const isAuth0 =
    names.some((name) => name.startsWith("identities[")) ||
    /[\n\r,;\t]"?'?auth0\|/.test(head.slice(0, LOOKED_AT));
  return isAuth0 ? "its columns are those of Auth0's profile" : undefined;
}

/** Characters of a table in which an id is looked for. */
const LOOKED_AT = 10_000;

function openUsers(path: string, options: SourceOptions): Promise<Source> {
  return openFromTextFile(path, (file) => {
    const sample = new Sample(file, options.list);
    if (sample.format === "table") return openAuth0Table(file);
    if ([sample.first(), sample.first(LIST)].some(isHashRecord)) throw holdsHashes(path);
    return openDocuments(file, options, {
      name: "an Auth0 export",
      list: LIST,
      isUser: (document) => hasKeys(document, "user_id") || hasKeys(document, "Id", "Email"),
      toRecord: createProfileReader(),
    });
  });
}

function holdsHashes(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} holds Auth0's password hashes, not its users`, {
    hint: "Name the export of the users as the source, and this file as source.passwordHashes in the config",
  });
}
