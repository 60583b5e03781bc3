import { isUtf8 } from "node:buffer";
import { foldCase, parseName } from "../core/distinguished-name.ts";
import type { JsonObject } from "../core/row.ts";

/** What an entry of a directory is to a migration. */
export type EntryKind = "user" | "group" | "other";

/** Names of attributes as their schemas write them (RFC 4519, 2798, 2307; MS-ADA1 to 3; those of 389, FreeIPA, OpenLDAP). */
const KNOWN_NAMES = [
  "objectClass", "uid", "cn", "sn", "givenName", "displayName", "initials", "title", "description", "mail",
  "telephoneNumber", "mobile", "homePhone", "pager", "facsimileTelephoneNumber", "preferredLanguage", "street",
  "streetAddress", "l", "st", "postalCode", "postalAddress", "postOfficeBox", "physicalDeliveryOfficeName", "c", "co",
  "countryCode", "o", "ou", "dc", "company", "department", "departmentNumber", "manager", "employeeNumber",
  "employeeType", "businessCategory", "roomNumber", "carLicense", "labeledURI", "wWWHomePage", "url", "info",
  "userPassword", "unicodePwd", "uidNumber", "gidNumber", "homeDirectory", "loginShell", "gecos", "shadowExpire",
  "member", "uniqueMember", "memberUid", "memberOf", "groupType", "entryUUID", "entryDN", "nsUniqueId", "ipaUniqueID",
  "GUID", "createTimestamp", "modifyTimestamp", "nsAccountLock", "loginDisabled", "pwdAccountLockedTime",
  "sAMAccountName", "sAMAccountType", "userPrincipalName", "proxyAddresses", "mailNickname", "otherMailbox",
  "userAccountControl", "objectGUID", "objectSid", "objectCategory", "mS-DS-ConsistencyGuid", "whenCreated",
  "whenChanged", "uSNCreated", "uSNChanged", "pwdLastSet", "accountExpires", "lastLogon", "lastLogonTimestamp",
  "badPasswordTime", "primaryGroupID", "isDeleted", "isCriticalSystemObject", "extensionAttribute1",
  "extensionAttribute2", "extensionAttribute3", "extensionAttribute4", "extensionAttribute5", "extensionAttribute6",
  "extensionAttribute7", "extensionAttribute8", "extensionAttribute9", "extensionAttribute10",
  "extensionAttribute11", "extensionAttribute12", "extensionAttribute13", "extensionAttribute14",
  "extensionAttribute15",
]; // prettier-ignore

/** What no user pool keeps, and would only take room: pictures, sounds, certificates; and secrets that are of no use. */
const LEFT_OUT = new Set([
  "jpegphoto", "photo", "thumbnailphoto", "thumbnaillogo", "jpeglogo", "audio", "usercertificate",
  "usersmimecertificate", "cacertificate", "userpkcs12", "mssmbcertificate", "krbprincipalkey", "krb5key", "krbextradata",
  "ipanthash", "supplementalcredentials", "ntpwdhistory", "lmpwdhistory", "dbcspwd", "ntsecuritydescriptor",
  "msds-keycredentiallink", "replpropertymetadata",
]); // prettier-ignore

/** Attributes in which Active Directory keeps a UUID as 16 bytes. */
const UUIDS = new Set(["objectguid", "ms-ds-consistencyguid"]);

/** Attributes that every schema calls single-valued: with two values, two entries were made one. */
const SINGLE = new Set([
  "samaccountname", "userprincipalname", "useraccountcontrol", "objectguid", "objectsid", "entryuuid", "entrydn",
  "nsuniqueid", "displayname", "employeenumber", "uidnumber", "gidnumber", "homedirectory",
]); // prettier-ignore

/** Names beyond those that are known whose first spelling is kept; a directory has a few hundred. */
const MAX_NAMES = 10_000;

/** An attribute description (RFC 4512): a name or an object identifier, and options behind semicolons. */
const DESCRIPTION = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9-]+)*$/;

/**
 * The names of attributes, whose case means nothing: as the schemas write those that are known, others as they come first.
 * One for a whole source, so that a mapping finds each under one name.
 */
export class AttributeNames {
  readonly #byLowerCase = new Map(KNOWN_NAMES.map((name) => [name.toLowerCase(), name]));

  /**
   * The key of an attribute in a record, with its options in lower case: `cn;lang-ja`. Those that only say how the value
   * travels, `;binary` and `;range=0-1499`, are no part of it. Undefined for what is no name.
   */
  keyOf(description: string): string | undefined {
    const known = this.#byLowerCase.get(description);
    if (known !== undefined) return known;
    const bare = description.replaceAll(TRANSFER_OPTIONS, "");
    if (!DESCRIPTION.test(bare)) return undefined;
    const [name = "", ...options] = bare.split(";");
    return [this.#spell(name), ...options.map((option) => option.toLowerCase()).sort()].join(";");
  }

  #spell(name: string): string {
    const lower = name.toLowerCase();
    const known = this.#byLowerCase.get(lower);
    if (known !== undefined) return known;
    if (this.#byLowerCase.size >= MAX_NAMES) return lower;
    // A copy: a part of the text would keep all of it in memory.
    const copy = Buffer.from(name).toString();
    this.#byLowerCase.set(lower, copy);
    return copy;
  }
}

const TRANSFER_OPTIONS = /;(?:binary|range=[\d*-]+)(?=;|$)/gi;

/** Whether an attribute is never carried, whatever it holds. */
export function isLeftOut(key: string): boolean {
  return LEFT_OUT.has(key.toLowerCase());
}

/**
 * A value as text: UTF-8 as it is, UUIDs of Active Directory in their usual form, and other bytes as base64.
 */
export function textOfValue(key: string, bytes: Buffer): string {
  if (bytes.length === 16 && UUIDS.has(key.toLowerCase())) return uuidOf(bytes);
  if (!isUtf8(bytes)) return bytes.toString("base64");
  const text = bytes.toString("utf8");
  return CONTROL.test(text) ? bytes.toString("base64") : text;
}

// oxlint-disable-next-line no-control-regex -- What has them is no text.
const CONTROL = /[\0-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

/** Microsoft writes the first three fields of a UUID with their lowest byte first (MS-DTYP, 2.3.4). */
function uuidOf(bytes: Buffer): string {
  const rest = bytes.subarray(8).toString("hex");
  return [
    bytes.readUInt32LE(0).toString(16).padStart(8, "0"),
    bytes.readUInt16LE(4).toString(16).padStart(4, "0"),
    bytes.readUInt16LE(6).toString(16).padStart(4, "0"),
    rest.slice(0, 4),
    rest.slice(4),
  ].join("-");
}

/** An entry while it is read. */
export class DirectoryEntry {
  readonly dn: string;
  /** The values of each attribute, by its key. */
  readonly values = new Map<string, string[]>();

  constructor(dn: string) {
    this.dn = dn;
  }

  /** Adds a value of an attribute, by its key. */
  add(key: string, value: string): void {
    const values = this.values.get(key);
    if (values === undefined) this.values.set(key, [value]);
    else values.push(value);
  }

  /** The values of an attribute; none where the entry lacks it. */
  of(key: string): readonly string[] {
    return this.values.get(key) ?? [];
  }

  /** What the entry is: by its classes, or where the export left them out, by its attributes. */
  get kind(): EntryKind {
    const classes = this.of("objectClass");
    return classes.length > 0 ? kindByClasses(classes) : kindByAttributes(this);
  }

  /** Why no directory can have held this entry, as a clause; undefined when one can. */
  get flaw(): string | undefined {
    const classes = this.of("objectClass").map((name) => name.trim().toLowerCase());
    if (new Set(classes).size < classes.length)
      return "it has an object class twice, as when two entries were made one";
    for (const [key, values] of this.values) {
      if (values.length > 1 && SINGLE.has(key.toLowerCase()))
        return `${key} has ${values.length} values, as when two entries were made one`;
    }
    return undefined;
  }

  /** The entry as a mapping reads it: its name as `dn`, and the values of each attribute as a list. */
  toRecord(): JsonObject {
    for (const { type, value } of parseName(this.dn)?.[0] ?? []) this.#putFirst(type, value);
    return Object.fromEntries([["dn", this.dn], ...this.values]);
  }

  /** Values come in any order; that by which the entry is named is the one that counts. */
  #putFirst(type: string, value: string): void {
    const wanted = type.toLowerCase();
    for (const [key, values] of this.values) {
      if (values.length < 2 || key.toLowerCase() !== wanted) continue;
      const at = values.findIndex((each) => foldCase(each) === foldCase(value));
      if (at > 0) values.unshift(...values.splice(at, 1));
    }
  }
}

/** Classes of people who sign in, and of accounts that Unix knows them by. */
const USER_CLASSES = new Set([
  "person", "organizationalperson", "inetorgperson", "residentialperson", "newpilotperson", "pilotperson", "user",
  "account", "posixaccount",
]); // prettier-ignore

/** Classes that Active Directory derives from people, of what is none: machines, address book entries. */
const NO_USER_CLASSES = new Set([
  "computer", "contact", "msds-managedserviceaccount", "msds-groupmanagedserviceaccount",
  "msds-delegatedmanagedserviceaccount", "foreignsecurityprincipal",
]); // prettier-ignore

const GROUP_CLASSES = new Set([
  "group", "groupofnames", "groupofuniquenames", "groupofentries", "groupofmembers", "groupofurls", "posixgroup",
]); // prettier-ignore

function kindByClasses(classes: readonly string[]): EntryKind {
  const names = classes.map((name) => name.trim().toLowerCase());
  if (names.some((name) => NO_USER_CLASSES.has(name))) return "other";
  if (names.some((name) => GROUP_CLASSES.has(name))) return "group";
  return names.some((name) => USER_CLASSES.has(name)) ? "user" : "other";
}

/** What only users have in practice, beside groups, which are told before. */
const USER_KEYS = [
  "uid", "mail", "userPrincipalName", "sAMAccountName", "givenName", "sn", "userPassword", "proxyAddresses",
]; // prettier-ignore

const GROUP_KEYS = ["member", "uniqueMember", "memberUid", "groupType"];

/** sAMAccountType of a user (MS-SAMR, 2.2.1.9); of machines and groups it is another one. */
const USER_ACCOUNT_TYPE = "805306368";

function kindByAttributes(entry: DirectoryEntry): EntryKind {
  const [accountType] = entry.of("sAMAccountType");
  if (accountType !== undefined) return accountType === USER_ACCOUNT_TYPE ? "user" : "other";
  if (GROUP_KEYS.some((key) => entry.values.has(key))) return "group";
  return USER_KEYS.some((key) => entry.values.has(key)) ? "user" : "other";
}
