import { FerryError, throwIfInterrupted } from "../core/ferry-error.ts";
import type { JsonObject, JsonValue, RowBatch } from "../core/row.ts";
import { openApplicationTable, TABLE_OPTIONS } from "./application-table.ts";
import { convertRecords, openDocuments } from "./documents.ts";
import { isJsonObject } from "./json-row.ts";
import { fieldsOf, hasKeys } from "./sample.ts";
import { SideTable } from "./side-table.ts";
import type { Source, SourceOptions, SourceType } from "./source.ts";
import { requireReadAgain } from "./plain-file.ts";
import { openFromTextFile, type TextFile } from "./text-file.ts";

/**
 * Django's users: what `manage.py dumpdata` writes as JSON or JSONL, or rows of the table `auth_user` as CSV or JSON with
 * the names of its columns. A dump is read twice: its models, groups and allauth's addresses first.
 */
export const django: SourceType = {
  type: "django",
  options: TABLE_OPTIONS,
  recognise(sample) {
    if (isDump(sample.head)) return "its records have model and fields";
    const fields = fieldsOf(sample);
    const isTable = ["password", "is_superuser", "is_active", "date_joined"].every((field) =>
      fields.has(field),
    );
    return isTable ? "its users have the columns of auth_user" : undefined;
  },
  open(path, options, context) {
    return openFromTextFile(path, async (file) => {
      if (!isDump(file.head)) {
        return openApplicationTable(file, options, {
          name: NAME,
          isUser: (document) => hasKeys(document, "password"),
        });
      }
      await requireReadAgain(path, "A dump is read twice, its groups first: save it to a file");
      return readDump(openDump(file, options), { path, options, signal: context?.signal });
    });
  },
};

const NAME = "a dump of Django's users";

/** How a record of dumpdata begins; older versions put the key first. */
const DUMPED =
  /^\s*(?:\[\s*)?\{\s*(?:"pk"\s*:[^,]{1,300},\s*)?"model"\s*:\s*"\w+\.\w+"\s*,\s*"(?:pk|fields)"\s*:/;

function isDump(head: string): boolean {
  return DUMPED.test(head.slice(0, 2_000));
}

function openDump(file: TextFile, options: SourceOptions): Source {
  return openDocuments(file, options, { name: NAME });
}

interface Dump {
  readonly path: string;
  readonly options: SourceOptions;
  readonly signal: AbortSignal | undefined;
}

function readDump(source: Source, dump: Dump): Source {
  let model: string | undefined;
  async function* batches(): AsyncGenerator<RowBatch> {
    await using _source = source;
    using facts = await surveyDump(dump);
    ({ model } = facts);
    yield* convertRecords(source.batches(), (element) => recordOf(element as JsonObject, facts));
  }
  return {
    shape: source.shape,
    get description() {
      const users = model === undefined ? "" : `, users of the model ${model}`;
      return `a dump of Django's, ${source.description}${users}`;
    },
    batches,
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** What a whole dump says beside its users. */
interface DumpFacts extends Disposable {
  readonly path: string;
  /** The model whose records are users; undefined when no record is one. */
  readonly model: string | undefined;
  /** Whether there are addresses of allauth, which say what is verified. */
  readonly hasAddresses: boolean;
  /** Names of groups by their ids. */
  readonly groups: SideTable;
  /** Verified addresses by their users, each user as the dump names it. */
  readonly addresses: SideTable;
}

async function surveyDump({ path, options, signal }: Dump): Promise<DumpFacts> {
  const groups = new SideTable();
  const addresses = new SideTable();
  const models = new UserModels();
  let hasAddresses = false;
  try {
    await using source = await openFromTextFile(path, (file) => openDump(file, options));
    for await (const batch of source.batches()) {
      if (signal !== undefined) throwIfInterrupted(signal);
      const foundGroups: [string, string][] = [];
      const foundAddresses: [string, string][] = [];
      for (const { record } of batch) {
        const entry = record === undefined ? undefined : entryOf(record as JsonObject);
        if (entry === undefined) continue;
        const { model, pk, fields } = entry;
        models.note(model, fields);
        if (model === GROUP && typeof fields["name"] === "string") {
          foundGroups.push([keyOf(pk), fields["name"]]);
        }
        if (model !== ADDRESS) continue;
        hasAddresses = true;
        const { user, email, verified } = fields;
        if (verified === true && typeof email === "string" && user !== undefined)
          foundAddresses.push([keyOf(user), email.toLowerCase()]);
      }
      groups.add(foundGroups);
      addresses.add(foundAddresses);
    }
    const model = models.only(path);
    return {
      path,
      model,
      hasAddresses,
      groups,
      addresses,
      [Symbol.dispose]() {
        groups[Symbol.dispose]();
        addresses[Symbol.dispose]();
      },
    };
  } catch (error) {
    groups[Symbol.dispose]();
    addresses[Symbol.dispose]();
    throw error;
  }
}

const GROUP = "auth.group";
const USER = "auth.user";
/** Of django-allauth. */
const ADDRESS = "account.emailaddress";

/** A record of a dump. */
interface Entry {
  readonly model: string;
  /** Null where the dump was made with `--natural-primary`. */
  readonly pk: JsonValue;
  readonly fields: JsonObject;
}

function entryOf(element: JsonObject): Entry | undefined {
  const { model, pk = null, fields } = element;
  if (typeof model !== "string" || !isJsonObject(fields)) return undefined;
  return { model: model.toLowerCase(), pk, fields };
}

/** Models of one dump that are remembered; an application has some hundreds. */
const MAX_MODELS = 10_000;

/**
 * Finds the model of the users. That is auth.user, or the one whose fields are those of Django's base of all users,
 * password and last_login; where none has these, the one with a password and a name or an address to sign in with.
 */
class UserModels {
  readonly #certain = new Set<string>();
  readonly #likely = new Set<string>();

  note(model: string, fields: JsonObject): void {
    if (this.#certain.size + this.#likely.size >= MAX_MODELS) return;
    const hasPassword = typeof fields["password"] === "string";
    if (model === USER || (hasPassword && Object.hasOwn(fields, "last_login"))) this.#certain.add(model);
    else if (hasPassword && (hasKeys(fields, "username") || hasKeys(fields, "email")))
      this.#likely.add(model);
  }

  /** The one model; undefined when there is none. Throws SOURCE_FORMAT for several, as taking one would be a guess. */
  only(path: string): string | undefined {
    const [model, ...others] = this.#certain.size === 0 ? this.#likely : this.#certain;
    if (others.length === 0) return model;
    throw new FerryError(
      "SOURCE_FORMAT",
      `${path} has ${others.length + 1} models that can be its users: ${shown([model ?? "", ...others])}`,
      { hint: "Dump the users and their groups alone: python manage.py dumpdata auth.user auth.group" },
    );
  }
}

function shown(models: readonly string[]): string {
  const first = models.slice(0, 5).map((model) => (/^[\w.]{1,100}$/.test(model) ? model : "one of no name"));
  return first.join(", ") + (models.length > first.length ? ", …" : "");
}

function keyOf(value: JsonValue): string {
  return JSON.stringify(value);
}

/** A record of the users' model as a row of its table; undefined for one of another model. */
function recordOf(element: JsonObject, facts: DumpFacts): JsonObject | string | undefined {
  const entry = entryOf(element);
  if (entry === undefined) return "it is no record with model and fields";
  const { model, pk, fields } = entry;
  if (model !== facts.model) return undefined;
  const { groups, ...columns } = fields;
  return {
    // Without one where the dump names users by their natural key.
    ...(pk === null ? {} : { id: pk }),
    ...columns,
    ...(Array.isArray(groups) ? { groups: groups.map((group: JsonValue) => groupName(group, facts)) } : {}),
    ...(facts.hasAddresses ? { email_verified: isVerified(entry, facts) } : {}),
  };
}

/** A group is named by its natural key, a list with its name, or by its id. */
function groupName(group: JsonValue, { path, groups }: DumpFacts): JsonValue {
  if (Array.isArray(group)) return (group as readonly JsonValue[])[0] ?? null;
  const [name] = groups.valuesOf(keyOf(group));
  if (name !== undefined) return name;
  throw new FerryError("SOURCE_FORMAT", `${path} has users in groups that are not in it`, {
    hint: "Dump the groups too: python manage.py dumpdata auth.user auth.group --natural-foreign",
  });
}

/** Whether allauth has verified this very address of the user. */
function isVerified({ model, pk, fields }: Entry, { addresses }: DumpFacts): boolean {
  const { email, username } = fields;
  if (typeof email !== "string") return false;
  // The natural key of auth.user is the username, which can be somebody else's address; of other models it is either.
  const natural = model === USER ? [[username ?? null]] : [[username ?? null], [email]];
  const verified = [pk, ...natural].flatMap((name) => addresses.valuesOf(keyOf(name)));
  return verified.includes(email.toLowerCase());
}
