import { FerryError } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, ReadableRow, Row } from "../core/row.ts";
import { openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { hasKeys, Sample } from "./sample.ts";
import { joinSideFile, type SideFile } from "./side-file.ts";
import type { SideTable } from "./side-table.ts";
import type { Source } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/** Provider of the users of Auth0's own databases, and with a bar what their ids begin with (documented). */
const DATABASE = "auth0";

/**
 * Whether a record is one of the password hashes that Auth0's support exports: `_id` with the id of the database user and
 * `passwordHash`, and none of the profile (documented by the support).
 */
export function isHashRecord(record: JsonObject | undefined): record is JsonObject {
  return hasKeys(record, "_id", "passwordHash") && !Object.hasOwn(record, "user_id");
}

/**
 * The same users with the password hashes of the support's export in `passwordHash`, joined by their ids; the hash of a
 * linked database identity counts where the user's own one is of another provider. Once read, the description says how many
 * hashes belong to nobody. A user to whom several hashes belong gets them as a list, which no rule takes for a hash.
 *
 * Throws SOURCE_FORMAT for another file, at once; what reading it throws, when the users are read.
 */
export function joinPasswordHashes(
  users: Source,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Source> {
  return joinSideFile(users, async () => new SupportFile(await openHashes(path)), signal);
}

/** The support's file, open. */
class SupportFile implements SideFile {
  readonly #hashes: Source;
  /** How many hashes have no id, or are no record at all. */
  #unreadable = 0;

  constructor(hashes: Source) {
    this.#hashes = hashes;
  }

  async *entries(): AsyncGenerator<readonly (readonly [string, string])[]> {
    for await (const batch of this.#hashes.batches()) {
      const entries: [string, string][] = [];
      for (const { record } of batch) {
        const hash = record === undefined ? undefined : (record as JsonObject)["passwordHash"];
        const id = record === undefined ? undefined : databaseIdOf(record as JsonObject);
        // A user without a password is exported as well.
        if (record !== undefined && (hash === undefined || hash === null || hash === "")) continue;
        if (id === undefined || typeof hash !== "string") this.#unreadable += 1;
        else entries.push([id, JSON.stringify([hash, (record as JsonObject)["connection"] ?? null])]);
      }
      yield entries;
    }
  }

  joinOne(row: ReadableRow, table: SideTable): Row {
    const user = row.record as JsonObject;
    const hash = hashOf(user, table);
    return hash === undefined ? row : { ...row, record: { ...user, passwordHash: hash } };
  }

  describe(table: SideTable | undefined): string {
    if (table === undefined) return "with the password hashes of another file";
    const broken = this.#unreadable === 0 ? "" : `, and ${this.#unreadable} cannot be read`;
    return `with ${table.entries} password hashes, of which ${table.unused} belong to no user${broken}`;
  }

  close(): PromiseLike<void> {
    return this.#hashes[Symbol.asyncDispose]();
  }
}

function openHashes(path: string): Promise<Source> {
  return openFromTextFile(path, (file) => {
    const first = new Sample(file).first();
    if (first !== undefined && !Object.hasOwn(first, "_id")) throw noHashes(path);
    return openDocuments(file, {}, { name: "Auth0's export of password hashes", isUser: isHashRecord });
  });
}

function noHashes(path: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} is no export of Auth0's password hashes`, {
    hint: "source.passwordHashes takes the file of Auth0's support, which has _id and passwordHash in every line",
  });
}

/** The user's id, as the profile has it: of an own id (`alt_id`) where there is one, else of the database's. */
function databaseIdOf(record: JsonObject): string | undefined {
  const ids = [record["alt_id"], isJsonObject(record["_id"]) ? record["_id"]["$oid"] : record["_id"]];
  const id = ids.find(isId);
  return id === undefined ? undefined : prefixed(String(id));
}

function isId(value: JsonValue | undefined): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

// Some exports of hashes have whole ids (reported).
function prefixed(id: string): string {
  return id.startsWith(`${DATABASE}|`) ? id : `${DATABASE}|${id}`;
}

/** An id under which a user can have a hash, and the database in which it is, if that is known. */
interface DatabaseId {
  readonly id: string;
  readonly connection: JsonValue | undefined;
}

function hashOf(user: JsonObject, table: SideTable): JsonValue | undefined {
  const own = ownIdOf(user);
  const linked = databaseIdentities(user);
  const connection = linked.find(({ id }) => id === own)?.connection;
  // All are looked up, so that a hash counts as somebody's even where another one goes before it.
  const ofOwn = own === undefined ? [] : hashesOf({ id: own, connection }, table);
  const ofLinked = linked.filter(({ id }) => id !== own).flatMap((each) => hashesOf(each, table));
  const hashes = ofOwn.length > 0 ? ofOwn : [...new Set(ofLinked)];
  return hashes.length > 1 ? hashes : hashes[0];
}

/** The id of the user; that of a file for a bulk import has no provider before it. */
function ownIdOf({ user_id: id }: JsonObject): string | undefined {
  if (typeof id !== "string" || id === "") return undefined;
  return id.includes("|") ? id : prefixed(id);
}

function databaseIdentities({ identities }: JsonObject): readonly DatabaseId[] {
  if (!Array.isArray(identities)) return [];
  return (identities as readonly JsonValue[]).flatMap((identity) => {
    if (!isJsonObject(identity) || identity["provider"] !== DATABASE) return [];
    const { user_id: id, connection } = identity;
    return typeof id === "string" && id !== "" ? [{ id: prefixed(id), connection }] : [];
  });
}

/** The hashes under an id; of several databases, that of the user's own, if it is there. */
function hashesOf({ id, connection }: DatabaseId, table: SideTable): readonly string[] {
  const found = table.valuesOf(id).map((value) => JSON.parse(value) as [hash: string, connection: JsonValue]);
  const ofConnection = found.filter(([, each]) => each === connection);
  const hashes = (ofConnection.length > 0 ? ofConnection : found).map(([hash]) => hash);
  return [...new Set(hashes)];
}
