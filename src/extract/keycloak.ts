import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject } from "../core/row.ts";
import { openDocuments, withRecords } from "./documents.ts";
import { openJson } from "./json.ts";
import { RealmUsers } from "./realm-users.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { OpenContext, Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";

/**
 * Keycloak's users: a realm with its users in one file or in several (`REALM-users-0.json`), an array of realms, or what
 * the admin API lists, which has no credentials. Which of them is told by content.
 */
export const keycloak: SourceType = {
  type: "keycloak",
  options: ["realm"],
  recognise(sample) {
    if (isRealm(sample.keys, sample) || isRealm(sample.firstKeys, sample))
      return "it is an export of a realm";
    const isListed = hasKeys(sample.first(), "username", "createdTimestamp", "enabled", "emailVerified");
    return isListed ? "its users have username, createdTimestamp and emailVerified" : undefined;
  },
  open(path, options, context) {
    return openFromTextFile(path, (file) => {
      const sample = new Sample(file);
      const isArray = sample.firstKeys.has("realm");
      const isDocument = sample.format === "json-object" || sample.format === "json-line";
      if (isArray || (isDocument && !sample.keys.has("username"))) {
        return openRealms(file, { isArray, options, context });
      }
      if (options.realm !== undefined) throw noRealm(path, options.realm);
      return openDocuments(file, options, {
        name: "an export of Keycloak",
        isUser: (document) => hasKeys(document, "username"),
        toRecord,
      });
    });
  },
};

/** Keys of a realm's settings, of which every whole export has several. */
const SETTINGS = [
  "accessTokenLifespan",
  "sslRequired",
  "requiredCredentials",
  "clientScopes",
  "clients",
  "roles",
  "groups",
  "identityProviders",
  "authenticationFlows",
  "keycloakVersion",
];

/** Whether an object with these keys is a realm: it is called so, and has users of Keycloak's or settings of a realm. */
function isRealm(keys: ReadonlySet<string>, sample: Sample): boolean {
  if (!keys.has("realm")) return false;
  const hasSettings = SETTINGS.filter((key) => keys.has(key)).length > 1;
  return hasSettings || keys.has("federatedUsers") || hasKeys(sample.first("users"), "username");
}

function openRealms(
  file: TextFile,
  {
    isArray,
    options,
    context,
  }: {
    readonly isArray: boolean;
    readonly options: SourceOptions;
    readonly context: OpenContext | undefined;
  },
): Source {
  const mayLackUsers = context?.isOneOfMany === true;
  const users = new RealmUsers({ path: file.path, isArray, wanted: options.realm, mayLackUsers });
  const source = withRecords(openJson(file, {}, { finder: users }), (record) =>
    toRecord(record as JsonObject),
  );
  let isRead = false;
  return {
    shape: source.shape,
    get description() {
      return [source.description, ...(isRead ? users.summary : [])].join(", ");
    },
    get userBase() {
      return users.name === undefined ? undefined : `the realm ${users.name}`;
    },
    async *batches() {
      yield* source.batches();
      isRead = true;
    },
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/**
 * Documented in Keycloak's code (StorageId, exportFederatedUser): of a user of a federated storage, an export has its key
 * there, groups and credentials, but neither name nor address.
 */
function toRecord(user: JsonObject): JsonObject | string {
  const { id } = user;
  const isFederated = typeof id === "string" && id.startsWith("f:") && !("username" in user);
  return isFederated
    ? "the user is in a federated storage, such as LDAP, and its name and addresses are only there"
    : user;
}

function noRealm(path: string, realm: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is a list of users, which does not say of which realm`, {
    hint: `Leave source.realm (${realm}) out, if these are the users you mean`,
  });
}
