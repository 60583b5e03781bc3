import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isText, objectsOf } from "./elements.ts";
import { withoutComments, withoutCommentsIn } from "./json-comments.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** The keys of the list: in a page of Microsoft Graph, and in the files of Microsoft's migration samples. */
const LISTS = ["value", "users", "Users"];

/**
 * Users of Azure AD B2C: pages of Microsoft Graph or of the older Azure AD Graph, arrays, NDJSON, and the files of
 * Microsoft's migration samples, which have comments. Sign-in names of every kind become Graph's `identities`, and
 * an `objectId` becomes `id`.
 */
export const b2c: SourceType = {
  type: "b2c",
  options: ["list"],
  recognise(sample) {
    const plain =
      sample.format === "table" || !/\/[/*]/.test(sample.head)
        ? sample
        : new Sample({ head: withoutCommentsIn(sample.head), isWhole: false });
    const users = [plain.first(), ...LISTS.map((list) => plain.first(list))];
    if (users.some(isB2cUser)) return "its users sign in as those of Azure AD B2C do";
    const isSample = plain.keys.has("userType") && hasKeys(plain.first("Users"), "signInName");
    return isSample ? "it is a file for Microsoft's migration to Azure AD B2C" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (whole) => {
      const file = withoutComments(whole);
      const { keys } = new Sample(file);
      return openDocuments(file, options, {
        name: "Azure AD B2C users",
        list: LISTS.find((list) => keys.has(list)) ?? LISTS[0],
        isUser: (document) => hasKeys(document, "identities") || hasKeys(document, "signInNames"),
        toRecord,
      });
    });
  },
};

/** Ways to sign in that only tenants of B2C have; a federated one is also that of a guest of Entra ID. */
const LOCAL_TYPES = new Set(["emailaddress", "username", "phonenumber"]);

/** B2C names a user whom it creates by a GUID (reported). */
const GENERATED_NAME = /^(cpim_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}@/i;

/** Whether a user of Microsoft's Graph is surely of a B2C tenant. */
export function isB2cUser(user: JsonObject | undefined): boolean {
  if (user === undefined) return false;
  const { signInNames, identities, userPrincipalName } = user;
  if (objectsOf(signInNames).some((name) => hasKeys(name, "type", "value"))) return true;
  const types = objectsOf(identities).flatMap(({ signInType }) =>
    isText(signInType) ? [signInType.toLowerCase()] : [],
  );
  if (types.some((type) => LOCAL_TYPES.has(type))) return true;
  return types.includes("federated") && isText(userPrincipalName) && GENERATED_NAME.test(userPrincipalName);
}

function toRecord(user: JsonObject): JsonObject {
  const { id, objectId, identities } = user;
  const record = id === undefined && objectId !== undefined ? { ...user, id: objectId } : user;
  return Array.isArray(identities) ? record : { ...record, identities: olderIdentities(user) };
}

/** What stood in the place of `identities`: in Azure AD Graph, and in Microsoft's older samples. */
function olderIdentities(user: JsonObject): readonly JsonValue[] {
  const { signInNames, userIdentities, signInName, issuer, issuerUserId } = user;
  return [
    ...objectsOf(signInNames).flatMap(({ type, value }) => localIdentity(type, value)),
    ...(isText(signInName) ? localIdentity(kindOf(signInName), signInName) : []),
    ...objectsOf(userIdentities).flatMap((each) => federatedIdentity(each["issuer"], each["issuerUserId"])),
    ...federatedIdentity(issuer, issuerUserId),
  ];
}

function kindOf(signInName: string): string {
  return signInName.includes("@") ? "emailAddress" : "userName";
}

function localIdentity(type: JsonValue | undefined, value: JsonValue | undefined): readonly JsonValue[] {
  return isText(value) ? [{ signInType: type ?? null, issuerAssignedId: value }] : [];
}

function federatedIdentity(issuer: JsonValue | undefined, id: JsonValue | undefined): readonly JsonValue[] {
  if (!isText(issuer) && !isText(id)) return [];
  return [{ signInType: "federated", issuer: issuer ?? null, issuerAssignedId: id ?? null }];
}
