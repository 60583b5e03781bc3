import type { JsonObject, ReadableRow, Row, SourceRecord, SourceShape } from "../core/row.ts";
import { FerryError } from "../core/ferry-error.ts";
import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { refusePhpMyAdminJson } from "./php-my-admin.ts";
import { fieldsOf, hasKeys, Sample } from "./sample.ts";
import { joinSideFile, type SideFile } from "./side-file.ts";
import type { SideTable } from "./side-table.ts";
import type { Source, SourceOptions, SourceType } from "./source.ts";
import { openFromTextFile } from "./text-file.ts";

/**
 * Rows of WordPress's table `wp_users`, as CSV or JSON with the names of its columns: as the database or WP-CLI writes
 * them, or with the fields of usermeta joined already. With `usermeta`, a file with the rows of `wp_usermeta`, these are
 * joined here, on disk.
 */
export const wordpress: SourceType = {
  type: "wordpress",
  options: [...TABLE_OPTIONS, "usermeta"],
  recognise(sample) {
    const fields = fieldsOf(sample);
    const isWordpress = ["user_login", "user_email", "user_registered"].every((field) => fields.has(field));
    return isWordpress ? "its users have user_login, user_email and user_registered" : undefined;
  },
  sideFile: { option: "usermeta", join: joinUsermeta },
  open: (path, options) => openRows(path, options, "an export of WordPress's table wp_users"),
};

function openRows(path: string, options: SourceOptions, name: string): Promise<Source> {
  return openFromTextFile(path, (file) => {
    refusePhpMyAdminJson(path, new Sample(file));
    return openApplicationTable(file, options, {
      name,
      isUser: (document) => hasKeys(document, "user_login"),
    });
  });
}

/** Metadata that become fields of the user under their own names. */
const META_FIELDS = ["first_name", "last_name", "nickname", "locale"] as const;
/** What follows the tables' prefix in the key of a user's roles. */
const CAPABILITIES = "capabilities";
/** What follows the prefix in a key that WordPress writes beside each user's roles, and that a plugin does not. */
const LEVEL = "user_level";
/** All fields that usermeta give. */
const JOINED_FIELDS = [...META_FIELDS, CAPABILITIES];

function joinUsermeta(users: Source, path: string, signal: AbortSignal | undefined): Promise<Source> {
  const open = async (): Promise<Usermeta> =>
    // It is a file of its own: what separates its fields is told by itself.
    new Usermeta(path, await openRows(path, {}, "an export of WordPress's table wp_usermeta"), users.shape);
  return joinSideFile(users, open, signal);
}

const ID_FIELDS = ["ID", "id"];

/** A file of metadata, open. */
class Usermeta implements SideFile {
  readonly shape: SourceShape;
  readonly #path: string;
  readonly #metas: Source;
  readonly #users: SourceShape;
  readonly #readId: FieldReader;
  #rolesKey: string | undefined;

  constructor(path: string, metas: Source, users: SourceShape) {
    this.shape = joinedShape(users);
    this.#path = path;
    this.#metas = metas;
    this.#users = users;
    this.#readId = fieldReader(users, ID_FIELDS);
  }

  async *entries(): AsyncGenerator<readonly (readonly [string, string])[]> {
    const prefixes = new Prefixes();
    const read = ["user_id", "meta_key", "meta_value"].map((field) => ({
      field,
      valueOf: fieldReader(this.#metas.shape, [field]),
    }));
    for await (const batch of this.#metas.batches()) {
      const entries: [string, string][] = [];
      for (const row of batch) {
        if (row.record === undefined) throw brokenMeta(this.#path, row.issue.message);
        const { record } = row;
        const [id, key, value] = read.map(({ field, valueOf }) => {
          const found = valueOf(record);
          if (found === undefined) throw withoutColumn(this.#path, field);
          return found;
        });
        const name = key ?? "";
        prefixes.note(name);
        if (!isWanted(name) || value === null || value === undefined) continue;
        entries.push([id ?? "", JSON.stringify([name, value])]);
      }
      yield entries;
    }
    this.#rolesKey = prefixes.rolesKey(this.#path);
  }

  joinOne(row: ReadableRow, table: SideTable): Row {
    const id = this.#readId(row.record);
    if (id === undefined) throw withoutColumn("wp_users", "ID");
    const values = id === null || id === "" ? [] : table.valuesOf(id);
    const fields = fieldsOfUser(values, this.#rolesKey);
    return { ...row, record: withFields(this.#users, row.record, fields) };
  }

  describe(table: SideTable | undefined): string {
    const orphans = (table?.unused ?? 0) === 0 ? "" : ` (values of no user here: ${table?.unused})`;
    return `with usermeta${orphans}`;
  }

  close(): PromiseLike<void> {
    return this.#metas[Symbol.asyncDispose]();
  }
}

function isWanted(key: string): boolean {
  return (META_FIELDS as readonly string[]).includes(key) || key.endsWith(CAPABILITIES);
}

function fieldsOfUser(values: readonly string[], rolesKey: string | undefined): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const text of values) {
    const [key, value] = JSON.parse(text) as [string, string];
    if (key === rolesKey) fields.set(CAPABILITIES, value);
    else if (!key.endsWith(CAPABILITIES)) fields.set(key, value);
  }
  return fields;
}

/** Keys that may hold roles; more than these are no prefixes of tables. */
const MAX_PREFIXES = 1_000;
/** The roles on another site of a network, whose tables have its number in their prefix. */
const OF_OTHER_SITE = /^(?:.*_)?\d+_capabilities$/;

/** Finds out under which key the roles stand, as every installation chooses its tables' prefix. */
class Prefixes {
  readonly #roles = new Set<string>();
  readonly #levels = new Set<string>();

  note(key: string): void {
    if (this.#roles.size + this.#levels.size >= MAX_PREFIXES) return;
    if (key.endsWith(LEVEL)) this.#levels.add(key.slice(0, -LEVEL.length));
    if (key.endsWith(CAPABILITIES) && !OF_OTHER_SITE.test(key)) {
      this.#roles.add(key.slice(0, -CAPABILITIES.length));
    }
  }

  /** The key; undefined where no user has roles. Throws SOURCE_FORMAT when there are several. */
  rolesKey(path: string): string | undefined {
    const found = [...this.#roles];
    const certain = found.filter((prefix) => this.#levels.has(prefix));
    const [prefix, ...others] = certain.length === 0 ? found : certain;
    if (others.length > 0) {
      throw new FerryError(
        "SOURCE_FORMAT",
        `${path} has roles under ${others.length + 1} keys: ${[prefix, ...others].map((each) => `${each}${CAPABILITIES}`).join(", ")}`,
        {
          hint: "Export the rows of one of them alone, with first_name, last_name, nickname and locale",
        },
      );
    }
    return prefix === undefined ? undefined : `${prefix}${CAPABILITIES}`;
  }
}

/** Reads a field of a record as text; null where it is null, undefined where there is none. */
type FieldReader = (record: SourceRecord) => string | null | undefined;

/** Reads the first of these fields that a record has. */
function fieldReader(shape: SourceShape, names: readonly string[]): FieldReader {
  if (shape.kind === "documents") {
    return (record) => {
      const document = record as JsonObject;
      const name = names.find((each) => Object.hasOwn(document, each));
      const value = name === undefined ? undefined : document[name];
      if (value === null || value === undefined) return value;
      return typeof value === "object" ? JSON.stringify(value) : String(value);
    };
  }
  const index = shape.columns.findIndex((column) => names.includes(column));
  return (record) => (record as readonly string[])[index];
}

function joinedShape(shape: SourceShape): SourceShape {
  if (shape.kind === "documents") return shape;
  return { kind: "table", columns: [...shape.columns, ...newColumns(shape.columns)] };
}

function newColumns(columns: readonly string[]): readonly string[] {
  return JOINED_FIELDS.filter((field) => !columns.includes(field));
}

/** The record with these fields beside its own; what usermeta says goes before what stands in it. */
function withFields(
  shape: SourceShape,
  record: SourceRecord,
  fields: ReadonlyMap<string, string>,
): SourceRecord {
  if (shape.kind === "documents") return { ...(record as JsonObject), ...Object.fromEntries(fields) };
  const cells = record as readonly string[];
  const { columns } = shape;
  return [
    ...columns.map((column, index) => fields.get(column) ?? cells[index] ?? ""),
    ...newColumns(columns).map((column) => fields.get(column) ?? ""),
  ];
}

function withoutColumn(path: string, column: string): FerryError {
  return new FerryError(
    "SOURCE_FORMAT",
    `${path} has no column ${column}, by which users and usermeta are joined`,
    {
      hint: "Export wp_users with ID, and wp_usermeta with user_id, meta_key and meta_value, with the names in the first row",
    },
  );
}

function brokenMeta(path: string, message: string): FerryError {
  return new FerryError("SOURCE_FORMAT", `${path} cannot be joined: ${message}`, {
    hint: "Export wp_usermeta again; nothing of it was used",
  });
}
