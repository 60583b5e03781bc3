import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { textsOf } from "./elements.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** The schema of a user (RFC 7643, section 4.1). */
const USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User";

/** The keys of the lists in a ListResponse and in a BulkRequest (RFC 7644); names have no case in SCIM (RFC 7643, 2.1). */
const LISTS = ["Resources", "Operations", "resources", "operations"];

/**
 * Users of SCIM 2.0 (RFC 7643 and 7644): one User, a ListResponse, a BulkRequest, or an array or NDJSON of Users. Of a
 * bulk request, POST and PUT carry a whole user; DELETE stays an operation, of which the preset says that the user is
 * deleted; PATCH carries a part of a user and is rejected. Groups and other resources are passed over.
 */
export const scim: SourceType = {
  type: "scim",
  options: ["list"],
  recognise(sample) {
    if (isUser(sample.first())) return "its users have SCIM's schema";
    if (LISTS.some((list) => isUser(sample.first(list)))) return "its resources are users of SCIM";
    const isBulk = LISTS.some((list) => hasKeys(sample.first(list), "method", "path"));
    return isBulk && sample.keys.has("schemas") ? "it is a bulk request of SCIM" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) => {
      const { keys } = new Sample(file);
      return openDocuments(file, options, {
        name: "SCIM users",
        list: LISTS.find((list) => keys.has(list)) ?? LISTS[0],
        isUser: (document) => isUser(document) || hasKeys(document, "userName"),
        toRecord,
      });
    });
  },
};

function isUser(resource: JsonObject | undefined): resource is JsonObject {
  return hasKeys(resource, "schemas") && textsOf(resource["schemas"]).includes(USER_SCHEMA);
}

function toRecord(element: JsonObject): JsonObject | string | undefined {
  return isOperation(element) ? ofOperation(element) : ofResource(element);
}

function ofResource(resource: JsonObject): JsonObject | string | undefined {
  if (isUser(resource) || hasKeys(resource, "userName")) return withPhoneTypes(resource);
  const isOther = textsOf(resource["schemas"]).length > 0 || resourceTypeOf(resource) !== undefined;
  return isOther ? undefined : "it is no SCIM user, as it has neither userName nor schemas";
}

function resourceTypeOf({ meta }: JsonObject): JsonValue | undefined {
  return isJsonObject(meta) ? meta["resourceType"] : undefined;
}

/** An operation of a bulk request (RFC 7644, section 3.7). */
interface Operation extends JsonObject {
  readonly method: string;
  readonly path: string;
}

function isOperation(element: JsonObject): element is Operation {
  return typeof element["method"] === "string" && typeof element["path"] === "string";
}

/** The path of a user, with its id where it has one; servers may have something before it. */
const USER_PATH = /(?:^|\/)Users(?:\/([^/?]+))?\/?$/i;

/** The path of a group, which is passed over as it is no user. */
const GROUP_PATH = /(?:^|\/)Groups(?:\/[^/?]+)?\/?$/i;

function ofOperation(operation: Operation): JsonObject | string | undefined {
  const user = USER_PATH.exec(operation.path);
  // A path that is damaged is no word of a user either, so what is not known is not passed over.
  if (user === null)
    return GROUP_PATH.test(operation.path) ? undefined : "its path is neither a user's nor a group's";
  const id = user[1] === undefined ? {} : { id: user[1] };
  switch (operation.method.toUpperCase()) {
    case "POST":
    case "PUT": {
      const { data } = operation;
      return isJsonObject(data) ? ofResource({ ...id, ...data }) : "the operation has no data";
    }
    case "DELETE":
      return { ...operation, ...id, method: "DELETE" };
    default:
      return "a PATCH holds only a part of a user";
  }
}

/** The user with the type "other" for phone numbers that have none: RFC 7643 leaves the type open, and rules go by it. */
function withPhoneTypes(user: JsonObject): JsonObject {
  const { phoneNumbers } = user;
  if (!isList(phoneNumbers) || phoneNumbers.every(hasType)) return user;
  return {
    ...user,
    phoneNumbers: phoneNumbers.map((each) =>
      hasType(each) || !isJsonObject(each) ? each : { ...each, type: "other" },
    ),
  };
}

function hasType(phoneNumber: JsonValue): boolean {
  return isJsonObject(phoneNumber) && typeof phoneNumber["type"] === "string" && phoneNumber["type"] !== "";
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}
