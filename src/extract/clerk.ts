import type { JsonObject, JsonValue } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isText, objectsOf, textsOf } from "./elements.ts";
import { isJsonObject } from "./json-row.ts";
import { openKnownTable } from "./known-table.ts";
import { hasKeys, Sample } from "./sample.ts";
import type { SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";
import { isTable } from "./text-format.ts";

/**
 * Clerk's users: the CSV of its dashboard (columns seen in its own migration tool), also below lines that begin with `#`;
 * JSON with the same names; or an array of users of its Backend API, whose addresses and numbers become fields with the
 * names of the CSV. A user with several addresses of which none is called the primary one is rejected.
 */
export const clerk: SourceType = {
  type: "clerk",
  options: ["list", "separator", "skipLines"],
  recognise(sample) {
    const lines = commentLines(sample.head);
    const { columns } =
      lines === 0 ? sample : new Sample({ head: withoutLines(sample.head, lines), isWhole: false });
    if (columnsOf(columns) !== undefined) return "its columns are those of Clerk's export";
    const users = [sample.first(), sample.first("data")];
    if (users.some(isApiUser)) return "its users are those of Clerk's Backend API";
    return users.some(isExportedUser) ? "its users have the fields of Clerk's export" : undefined;
  },
  open(path, options) {
    return openFromTextFile(path, async (file) => {
      if (isTable(file, options.skipLines)) {
        return openKnownTable(file, withSkippedComments(file.head, options), {
          name: "Clerk's CSV of users",
          columnsOf,
        });
      }
      return openDocuments(file, options, {
        name: "Clerk's users",
        isUser: (document) => isApiUser(document) || isExportedUser(document),
        toRecord,
      });
    });
  },
};

const REQUIRED = ["id", "primary_email_address", "verified_email_addresses", "verified_phone_numbers"];

function columnsOf(header: readonly string[]): readonly string[] | undefined {
  return REQUIRED.every((name) => header.includes(name)) ? header : undefined;
}

function commentLines(head: string): number {
  return /^(?:#[^\r\n]*(?:\r\n|\n|\r))*/.exec(head)?.[0].match(/\r\n|\n|\r/g)?.length ?? 0;
}

function withoutLines(head: string, lines: number): string {
  return head
    .split(/\r\n|\n|\r/)
    .slice(lines)
    .join("\n");
}

function withSkippedComments(head: string, options: SourceOptions): SourceOptions {
  const lines = commentLines(head);
  return options.skipLines === undefined && lines > 0 ? { ...options, skipLines: lines } : options;
}

function isExportedUser(user: JsonObject | undefined): boolean {
  return (
    hasKeys(user, "id", "password_digest", "password_hasher") &&
    (Object.hasOwn(user, "primary_email_address") || Object.hasOwn(user, "email_addresses"))
  );
}

function isApiUser(user: JsonObject | undefined): boolean {
  return hasKeys(user, "id", "email_addresses", "primary_email_address_id");
}

function toRecord(user: JsonObject): JsonObject | string {
  if (isApiUser(user)) return ofApiUser(user);
  const email = primaryOf(user, "primary_email_address", "email_addresses");
  const phone = primaryOf(user, "primary_phone_number", "phone_numbers");
  if (email === AMBIGUOUS || phone === AMBIGUOUS)
    return "it has several addresses or numbers, and none is called the primary one";
  return { ...user, primary_email_address: email, primary_phone_number: phone };
}

const AMBIGUOUS = Symbol("several of which none is the primary one");

/** The field, or where there is none the only element of a list, which an older export joins by bars. */
function primaryOf(user: JsonObject, field: string, list: string): JsonValue | typeof AMBIGUOUS {
  if (Object.hasOwn(user, field)) return user[field] ?? null;
  const all = user[list];
  const texts = isText(all) ? all.split("|").filter((text) => text !== "") : textsOf(all);
  return texts.length > 1 ? AMBIGUOUS : (texts[0] ?? null);
}

/** Contacts of the Backend API: each is an object that says by itself whether it is verified. */
interface Contacts {
  readonly primary: JsonObject | undefined;
  /** Joined by bars, as the CSV has them. */
  readonly verified: string;
}

function ofApiUser(user: JsonObject): JsonObject {
  const email = contactsOf(user, { list: "email_addresses", value: "email_address" });
  const phone = contactsOf(user, { list: "phone_numbers", value: "phone_number" });
  const factors = [
    ...(user["totp_enabled"] === true ? ["authenticator"] : []),
    ...(phone.primary?.["reserved_for_second_factor"] === true ? ["sms"] : []),
  ];
  return {
    ...user,
    primary_email_address: email.primary?.["email_address"] ?? null,
    verified_email_addresses: email.verified,
    primary_phone_number: phone.primary?.["phone_number"] ?? null,
    verified_phone_numbers: phone.verified,
    second_factors: factors,
  };
}

function contactsOf(
  user: JsonObject,
  { list, value }: { readonly list: "email_addresses" | "phone_numbers"; readonly value: string },
): Contacts {
  const contacts = objectsOf(user[list]);
  const id = user[list === "email_addresses" ? "primary_email_address_id" : "primary_phone_number_id"];
  return {
    primary: contacts.find((contact) => typeof id === "string" && contact["id"] === id),
    verified: textsOf(contacts.filter(isVerified).map((contact) => contact[value] ?? null)).join("|"),
  };
}

function isVerified({ verification }: JsonObject): boolean {
  return isJsonObject(verification) && verification["status"] === "verified";
}
