import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, ReadableRow, Row } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys, Sample } from "./sample.ts";
import { joinSideFile, type SideFile } from "./side-file.ts";
import type { SideTable } from "./side-table.ts";
import type { Source } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** A user's key, its id or login, and the name of a group that it is in. */
export type Membership = readonly [user: string, group: string];

/**
 * The same users with the names of their groups in `groups`, joined by id or login. The file says them by user,
 * `{userId, groups: [...]}`, or by group, `{group, users: [...]}`; users and groups are what Okta's API gives, or the
 * users' ids and the groups' names alone. Okta's own group of everybody (BUILT_IN) is left out. Once read, the
 * description says how many memberships are of nobody.
 *
 * Throws SOURCE_FORMAT for another file, at once; what reading it throws, and SOURCE_FORMAT for a line of it that says
 * neither, when the users are read: a group that is lost may be a right, or a ban.
 */
export function joinGroups(users: Source, path: string, signal: AbortSignal | undefined): Promise<Source> {
  return joinSideFile(
    users,
    async () => {
      const groups = await openGroups(path);
      return groupsOf(readMemberships(groups, path), () => groups[Symbol.asyncDispose]());
    },
    signal,
  );
}

/** Groups that are joined to users by the memberships in them. */
export function groupsOf(
  memberships: AsyncIterable<readonly Membership[]>,
  close: () => PromiseLike<void>,
): SideFile {
  return {
    entries: () => memberships,
    joinOne: withGroupsOf,
    describe: (table) =>
      table === undefined
        ? "with groups"
        : `${table.entries} memberships in groups, of which ${table.unused} are of nobody here`,
    close,
  };
}

function withGroupsOf(row: ReadableRow, table: SideTable): Row {
  const user = row.record as JsonObject;
  const login = isJsonObject(user["profile"]) ? user["profile"]["login"] : undefined;
  const keys = new Set([user["id"], login].filter((key) => typeof key === "string"));
  const groups = [...keys].flatMap((key) => table.valuesOf(key));
  return groups.length === 0 ? row : { ...row, record: { ...user, groups } };
}

function openGroups(path: string): Promise<Source> {
  return openFromTextFile(path, (file) => {
    const first = new Sample(file).first();
    if (first !== undefined && membershipsOf(first) === undefined) throw noGroups(path);
    const isUser = (document: JsonObject): boolean => membershipsOf(document) !== undefined;
    return openDocuments(file, {}, { name: "a list of Okta's groups", isUser });
  });
}

/** Memberships that are kept at once: a line can have those of a whole group. */
const BATCH_MEMBERSHIPS = 2_000;

async function* readMemberships(groups: Source, path: string): AsyncGenerator<readonly Membership[]> {
  let found: Membership[] = [];
  for await (const batch of groups.batches()) {
    for (const { seq, line, record } of batch) {
      const memberships = record === undefined ? undefined : membershipsOf(record as JsonObject);
      if (memberships === undefined) {
        throw noGroups(path, line === undefined ? `element ${seq}` : `line ${line}`);
      }
      for (const membership of memberships) found.push(membership);
      if (found.length < BATCH_MEMBERSHIPS) continue;
      yield found;
      found = [];
    }
  }
  yield found;
}

/** What a line of the file says; undefined when it says of no group or of no user who it is. */
function membershipsOf(line: JsonObject): readonly Membership[] | undefined {
  if (hasKeys(line, "group", "users")) return pairs(line["users"], [line["group"] ?? null]);
  return hasKeys(line, "userId", "groups") ? pairs([line["userId"] ?? null], line["groups"]) : undefined;
}

function pairs(
  users: JsonValue | undefined,
  groups: JsonValue | undefined,
): readonly Membership[] | undefined {
  if (!Array.isArray(users) || !Array.isArray(groups)) return undefined;
  const keys = (users as readonly JsonValue[]).map(keyOf);
  const names = (groups as readonly JsonValue[]).filter((group) => !isEverybody(group)).map(nameOf);
  if (keys.includes(undefined) || names.includes(undefined)) return undefined;
  return keys.flatMap((key) => names.map((name): Membership => [key ?? "", name ?? ""]));
}

function keyOf(user: JsonValue): string | undefined {
  const key = isJsonObject(user) ? user["id"] : user;
  return typeof key === "string" && key !== "" ? key : undefined;
}

/** The name of a group, as the API or a person writes it. */
function nameOf(group: JsonValue): string | undefined {
  const name = isJsonObject(group) && isJsonObject(group["profile"]) ? group["profile"]["name"] : group;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Documented: Okta's own groups, of which Everyone has all users of the organisation. */
export function isEverybody(group: JsonValue): boolean {
  return isJsonObject(group) && group["type"] === "BUILT_IN";
}

function noGroups(path: string, place?: string): FerryError {
  const message =
    place === undefined
      ? `${path} is no list of who is in which groups`
      : `${path}: ${place} does not say who is in which groups`;
  return new FerryError("SOURCE_FORMAT", message, {
    hint: 'source.groups takes lines such as {"group":{…},"users":["00u…"]} or {"userId":"00u…","groups":[{…}]}, see docs/sources/okta.md',
  });
}
