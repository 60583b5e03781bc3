import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, RowBatch } from "../core/row.ts";
import { groupNamesOf, openGroups, readGroups } from "./cognito-groups.ts";
import { cognitoRecord, isAutomaticGroup, type NamedAttribute } from "./cognito-user.ts";
import { openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys } from "./sample.ts";
import { SideTable } from "./side-table.ts";
import type { OpenContext, Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";
import { isTable } from "./text-format.ts";

/**
 * Users of a user pool as Cognito's API gives them (API model; samples of the AWS CLI): the answer of ListUsers as the
 * AWS CLI and the SDKs print it, an array or lines of its users, that of AdminGetUser, what cognito-backup and
 * cognito-backup-restore write (their source code), and the NDJSON of `poolferry export`.
 */
export const cognitoExport: SourceType = {
  type: "cognito-export",
  options: ["list", "groups"],
  recognise(sample) {
    const users = [sample.first(), sample.first(LIST)];
    if (users.some(isOfApi)) return "its users have Username, UserStatus and a list of Attributes";
    return isOfOurs(sample.first()) ? "its users are what poolferry export writes" : undefined;
  },
  open(path, options, context) {
    return openFromTextFile(path, (file) => openExport(file, options, context));
  },
};

/** The key of the list in the answer of ListUsers. */
const LIST = "Users";

/** What the answer of a list has when it is not the last one: the API's name of it, and the AWS CLI's. */
const TOKENS = ["PaginationToken", "NextToken"];

function isOfApi(user: JsonObject | undefined): boolean {
  return (
    hasKeys(user, "Username", "UserStatus") && Array.isArray(user["UserAttributes"] ?? user["Attributes"])
  );
}

function isOfOurs(user: JsonObject | undefined): boolean {
  return hasKeys(user, "username", "enabled", "status", "created_at", "modified_at", "groups", "sub");
}

async function openExport(
  file: TextFile,
  options: SourceOptions,
  { isOneOfMany = false }: OpenContext = {},
): Promise<Source> {
  requireNames(file);
  const membership = new Membership();
  const users = openDocuments(file, options, {
    name: "users of a user pool as JSON",
    list: LIST,
    isUser: (document) => Object.hasOwn(document, "Username") || isOfOurs(document),
    toRecord: (element) => toRecord(element, membership),
    // Each of several files may be a page.
    remark: (keys) => (isOneOfMany || !TOKENS.some((token) => keys.has(token)) ? undefined : MORE_USERS),
  });
  const groups = options.groups === undefined ? undefined : await openGroups(options.groups);
  return {
    shape: users.shape,
    get description() {
      const remarks = membership.remarks.filter((remark) => !isOneOfMany || remark.isOfOneFile);
      return [users.description, ...remarks.map(({ text }) => text)].join(", ");
    },
    async *batches(): AsyncGenerator<RowBatch> {
      if (groups === undefined) return yield* users.batches();
      using table = new SideTable();
      await readGroups(groups, options.groups ?? "", table);
      membership.join(table);
      yield* users.batches();
      membership.finish();
    },
    [Symbol.asyncDispose]: async () => {
      await groups?.[Symbol.asyncDispose]();
      await users[Symbol.asyncDispose]();
    },
  };
}

const MORE_USERS = "a page of a list that goes on: its token says that the pool has more users than it holds";

/** What is said of the memberships of a file. */
interface Remark {
  readonly text: string;
  /** Whether it is true of one of several files by itself. */
  readonly isOfOneFile: boolean;
}

/** Puts together the groups of each user: its own, and those of a file beside it. */
class Membership {
  #table: SideTable | undefined;
  #automatic = 0;
  #strangers = 0;

  /** Takes the groups of another file, by usernames, for the users to come. */
  join(table: SideTable): void {
    this.#table = table;
  }

  /** The user's groups, each once, without those that Cognito makes; undefined where its own are no names. */
  groupsOf(username: string, user: JsonObject): readonly string[] | undefined {
    const own = Object.hasOwn(user, "Groups") && user["Groups"] !== null ? groupNamesOf(user) : [];
    if (own === undefined) return undefined;
    const all = [...new Set([...own, ...(this.#table?.valuesOf(username) ?? [])])];
    const groups = all.filter((name) => !isAutomaticGroup(name));
    this.#automatic += all.length - groups.length;
    return groups;
  }

  /** Takes note of whose groups the other file has besides; called once all users were read. */
  finish(): void {
    this.#strangers = this.#table?.unused ?? 0;
  }

  /** For the operator, of what was read so far. */
  get remarks(): readonly Remark[] {
    const automatic = `${this.#automatic} memberships left out of groups that Cognito makes for identity providers`;
    const strangers = `${this.#strangers} memberships of the file of groups are of users who are not in the export`;
    return [
      ...(this.#automatic === 0 ? [] : [{ text: automatic, isOfOneFile: true }]),
      ...(this.#strangers === 0 ? [] : [{ text: strangers, isOfOneFile: false }]),
    ];
  }
}

function toRecord(element: JsonObject, membership: Membership): JsonObject | string {
  if (Object.hasOwn(element, LIST)) {
    return "it is a page of users and no user: take it apart with jq -c '.Users[]'";
  }
  const isOurs = !Object.hasOwn(element, "Username") && Object.hasOwn(element, "username");
  const read = isOurs ? readOurs(element) : readOfApi(element);
  if (typeof read === "string") return read;
  const { user, attributes } = read;
  const username = user["Username"];
  const groups = membership.groupsOf(typeof username === "string" ? username : "", user);
  if (groups === undefined) return "its Groups are no names of groups";
  return cognitoRecord({ ...user, Groups: groups }, attributes);
}

interface ReadUser {
  readonly user: Readonly<Record<string, JsonValue>>;
  readonly attributes: readonly NamedAttribute[];
}

function readOfApi({ Attributes, UserAttributes, ...user }: JsonObject): ReadUser | string {
  const list = UserAttributes ?? Attributes;
  if (!Array.isArray(list)) return "it has no list of Attributes";
  const attributes: NamedAttribute[] = [];
  for (const [index, element] of (list as readonly JsonValue[]).entries()) {
    const name = isJsonObject(element) ? element["Name"] : undefined;
    if (!isJsonObject(element) || typeof name !== "string") return `its attribute ${index + 1} has no Name`;
    attributes.push([name, element["Value"] ?? null]);
  }
  return { user: withTimes(user), attributes };
}

/** The fields of `poolferry export` that are no attributes, and Cognito's names of them. */
const OUR_NAMES: Readonly<Record<string, string>> = {
  username: "Username",
  enabled: "Enabled",
  status: "UserStatus",
  created_at: "UserCreateDate",
  modified_at: "UserLastModifiedDate",
  groups: "Groups",
};

function readOurs(element: JsonObject): ReadUser {
  const isOwn = ([name]: NamedAttribute): boolean => Object.hasOwn(OUR_NAMES, name);
  const fields = Object.entries(element);
  const user = fields.filter(isOwn).map(([name, value]) => [OUR_NAMES[name] ?? name, value] as const);
  return { user: Object.fromEntries(user), attributes: fields.filter((field) => !isOwn(field)) };
}

const TIMES = ["UserCreateDate", "UserLastModifiedDate"] as const;

function withTimes(user: JsonObject): Readonly<Record<string, JsonValue>> {
  const times = TIMES.flatMap((name) => {
    const value = user[name];
    const time = value === undefined ? undefined : isoTime(value);
    return time === undefined || time === value ? [] : [[name, time] as const];
  });
  // Most are as they should be, and a copy of each user takes its time.
  return times.length === 0 ? user : { ...user, ...Object.fromEntries(times) };
}

/** Python's way to write a time as text, which has a space for ISO 8601's T. */
const WITH_SPACE = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})/;

/** A time as ISO 8601: version 1 of the AWS CLI writes seconds since 1970, with decimals (its samples). */
function isoTime(value: JsonValue): JsonValue {
  if (typeof value === "string") return value.replace(WITH_SPACE, "$1T$2");
  if (typeof value !== "number" || Number.isNaN(new Date(value * 1000).getTime())) return value;
  return new Date(Math.round(value * 1000)).toISOString();
}

/** Throws SOURCE_FORMAT for the values of users without their names, and for what is no JSON. */
function requireNames(file: TextFile): void {
  const { path, head } = file;
  if (isTable(file)) {
    throw new FerryError("SOURCE_FORMAT", `${path} is no JSON, so no user can be told from it`, {
      hint: "Export again with --output json; what poolferry export wrote as CSV is read with --from csv:PATH and its config",
    });
  }
  if (!/^\s*\[\s*["[]/.test(head)) return;
  throw new FerryError(
    "SOURCE_FORMAT",
    `${path} is a list of values without names, as the AWS CLI writes with --query`,
    { hint: "Export again without --query, or with --query Users" },
  );
}
