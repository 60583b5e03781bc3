import type { JsonObject } from "../core/row.ts";
import { isB2cUser } from "./b2c.ts";
import { openDocuments } from "./documents.ts";
import { openKnownTable } from "./known-table.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { Source, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { isTable } from "./text-format.ts";

/** The key of the list in a page of Microsoft Graph. */
const LIST = "value";

/**
 * Users of Microsoft Entra ID: pages of Microsoft Graph, also of its delta query, an array or NDJSON of its users, or the
 * CSV that the admin center and Get-MgUser | Export-Csv write. A row of a CSV becomes a document by Graph's names.
 */
export const entra: SourceType = {
  type: "entra",
  options: ["list", "separator", "skipLines"],
  recognise(sample) {
    if (columnsOf(sample.columns) !== undefined) return "its columns are those of Entra's list of users";
    if (sample.keys.has("@odata.deltaLink") && isOfGraph(sample.first(LIST)))
      return "it is a page of Microsoft Graph's changes of users";
    const isEntra = [sample.first(), sample.first(LIST)].some(isEntraUser);
    return isEntra ? "its users have Graph's userPrincipalName" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, (file) => {
      if (isTable(file, options.skipLines)) {
        const name = "Entra's list of users";
        return openKnownTable(file, options, { name, columnsOf, toRecord: ofCells, remark: remarkOn });
      }
      const sample = new Sample(file, options.list);
      const source = openDocuments(file, options, {
        name: "Entra users of Microsoft Graph",
        list: LIST,
        isUser: (document) => hasKeys(document, "userPrincipalName"),
        toRecord,
      });
      const first = sample.first(LIST) ?? sample.first() ?? {};
      return Object.hasOwn(first, "@removed") ? source : noting(source, remarkOn(Object.keys(first)));
    });
  },
};

// Users of a B2C tenant have the same keys; where a user's identities were asked for, it can be one of them.
function isEntraUser(user: JsonObject | undefined): boolean {
  if (!hasKeys(user, "userPrincipalName") || isB2cUser(user)) return false;
  const isGraph = ["displayName", "givenName", "mail"].some((key) => Object.hasOwn(user, key));
  return isGraph && !Object.hasOwn(user, "identities");
}

function isOfGraph(element: JsonObject | undefined): boolean {
  return hasKeys(element, "id", "@removed") || isEntraUser(element);
}

/** What the names of a user's fields do not tell. */
function remarkOn(names: readonly string[]): string | undefined {
  return ["accountEnabled", "blockCredential"].some((name) => names.includes(name))
    ? undefined
    : "without accountEnabled, so nobody counts as disabled";
}

function noting(source: Source, remark: string | undefined): Source {
  if (remark === undefined) return source;
  return {
    shape: source.shape,
    get description() {
      return `${source.description}, ${remark}`;
    },
    batches: () => source.batches(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** Later pages of a delta query have users of whom only the changes are written. */
function toRecord(element: JsonObject): JsonObject | string {
  const isWhole = ["userPrincipalName", "mail", "@removed"].some((key) => Object.hasOwn(element, key));
  return isWhole ? element : "it has neither userPrincipalName nor mail, so it is only a part of a user";
}

/**
 * Graph's names for the columns of a CSV, by the letters and digits of their names in lower case. The admin center has
 * written objectId, mobile and physicalDeliveryOfficeName, and writes id, mobilePhone and officeLocation (both reported);
 * Microsoft 365 has words of its own (reported). All of them can be localised, which is refused.
 */
const GRAPH_NAMES: Readonly<Record<string, string>> = {
  accountenabled: "accountEnabled",
  alternateemailaddress: "otherMails",
  alternateemailaddresses: "otherMails",
  blockcredential: "blockCredential",
  businessphones: "businessPhones",
  city: "city",
  companyname: "companyName",
  country: "country",
  countryorregion: "country",
  countryregion: "country",
  createddatetime: "createdDateTime",
  department: "department",
  displayname: "displayName",
  employeeid: "employeeId",
  firstname: "givenName",
  givenname: "givenName",
  id: "id",
  jobtitle: "jobTitle",
  lastname: "surname",
  mail: "mail",
  mobile: "mobilePhone",
  mobilephone: "mobilePhone",
  objectid: "id",
  office: "officeLocation",
  officelocation: "officeLocation",
  othermails: "otherMails",
  phonenumber: "businessPhones",
  physicaldeliveryofficename: "officeLocation",
  postalcode: "postalCode",
  preferredlanguage: "preferredLanguage",
  softdeletiontimestamp: "deletedDateTime",
  state: "state",
  streetaddress: "streetAddress",
  surname: "surname",
  telephonenumber: "businessPhones",
  title: "jobTitle",
  usagelocation: "usageLocation",
  userprincipalname: "userPrincipalName",
  usertype: "userType",
  whencreated: "createdDateTime",
};

function columnsOf(header: readonly string[]): readonly string[] | undefined {
  const columns = header.map((column) => {
    const letters = lettersOf(column);
    return (Object.hasOwn(GRAPH_NAMES, letters) ? GRAPH_NAMES[letters] : undefined) ?? column.trim();
  });
  const isEntra = ["userPrincipalName", "displayName", "id"].every((name) => columns.includes(name));
  return isEntra ? columns : undefined;
}

function lettersOf(column: string): string {
  return column.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Lists of Graph, which stand in one cell; what separates their elements is not documented, and none holds these. */
const LISTS = ["otherMails", "businessPhones"];

function ofCells(cells: JsonObject): JsonObject {
  const record = { ...cells };
  for (const key of LISTS) {
    const cell = record[key];
    if (typeof cell !== "string") continue;
    record[key] = cell
      .split(/[;,|]/)
      .map((each) => each.trim())
      .filter((each) => each !== "");
  }
  return record;
}
