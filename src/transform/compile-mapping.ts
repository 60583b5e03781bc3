import { FerryError } from "../core/ferry-error.ts";
import { CONTACTS, type Pool, type PoolAttribute } from "../core/pool.ts";
import type { JsonValue, SourceRecord, SourceShape } from "../core/row.ts";
import { overrideMapping, type Mapping, type Rule } from "./mapping.ts";
import { parseFlag } from "./parse-flag.ts";
import { compilePath, topLevelKey, type Reader } from "./path.ts";

/** A mapping made ready for one source and one pool. */
export interface CompiledMapping {
  /** Candidates for the username, in order. */
  readonly usernames: readonly Reader[];
  readonly sourceId: Reader | undefined;
  /** Whether the user may not sign in; undefined when the flag cannot be read. */
  readonly isDisabled: (record: SourceRecord) => boolean | undefined;
  readonly isSocialOnly: (record: SourceRecord) => boolean;
  readonly attributes: readonly { readonly attribute: PoolAttribute; readonly read: Reader }[];
  /** The columns or top-level keys that some rule reads. */
  readonly usedFields: ReadonlySet<string>;
  /** Takes note of which fields the operator's rules find in this record; called with every record. */
  noteFound(record: SourceRecord): void;
  /** Throws MAPPING_INVALID when a rule of the operator never found its field; called after all rows were read. */
  requireFound(): void;
}

/** What a mapping is compiled from. */
export interface MappingSources {
  /** The preset's rules: its fields may be missing from any row. Undefined: fields map by their names. */
  readonly preset: Mapping | undefined;
  /** The operator's rules: each must find its field. */
  readonly config: Mapping | undefined;
}

/**
 * Compiles a mapping against the source's shape and the pool. Throws MAPPING_INVALID, naming the path in the
 * config, for an attribute that the pool does not have or that cannot be set, for a column that the source does not
 * have, and for a required attribute without a rule.
 */
export function compileMapping(
  { preset, config }: MappingSources,
  shape: SourceShape,
  pool: Pool,
): CompiledMapping {
  const base = preset ?? mappingByName(shape, pool);
  const mapping = overrideMapping(base, config ?? {});
  const compiler = new RuleCompiler(shape);
  const attributes = compileAttributes(mapping, config, pool, compiler);
  if (mapping.username === undefined) {
    throw new FerryError("MAPPING_INVALID", "No field of the source maps to the username", {
      hint: `Add mapping.username to the config, or name a column "username"${columnsHint(shape)}`,
    });
  }
  const username = compiler.candidates(mapping.username, "mapping.username", config?.username !== undefined);
  const compiled = {
    usernames: username,
    sourceId: compiler.optional(mapping.sourceId, "mapping.sourceId", config?.sourceId !== undefined),
    isDisabled: compileFlag(
      compiler.optional(mapping.disabled, "mapping.disabled", config?.disabled !== undefined),
    ),
    isSocialOnly: compileSocialOnly(mapping.socialOnly, compiler, config?.socialOnly !== undefined),
    attributes,
  };
  return {
    ...compiled,
    usedFields: compiler.usedFields,
    noteFound: (record) => compiler.noteFound(record),
    requireFound: () => compiler.requireFound(),
  };
}

/**
 * The mapping of a source without a preset: fields that bear the name of a settable attribute, or `username`, map to
 * it. A document's keys are known only row by row, so every attribute gets a rule.
 */
function mappingByName(shape: SourceShape, pool: Pool): Mapping {
  const has = (name: string): boolean => shape.kind === "documents" || shape.columns.includes(name);
  const quote = (name: string): string => (shape.kind === "table" ? name : JSON.stringify([name]));
  const usernames = ["username", "cognito:username", ...pool.usernameAttributes].filter(has).map(quote);
  const attributes = settableAttributes(pool).filter(({ name }) => has(name));
  return {
    ...(usernames.length === 0 ? {} : { username: { firstOf: usernames } }),
    ...(has("sub") ? { sourceId: quote("sub") } : {}),
    attributes: Object.fromEntries(attributes.map(({ name }) => [name, quote(name)])),
  };
}

/** The attributes that an import job can set: those of the pool's schema that stand in its CSV header. */
function settableAttributes(pool: Pool): readonly PoolAttribute[] {
  const header = new Set(pool.csvHeader);
  return pool.attributes.filter(({ name }) => header.has(name));
}

function compileAttributes(
  mapping: Mapping,
  config: Mapping | undefined,
  pool: Pool,
  compiler: RuleCompiler,
): CompiledMapping["attributes"] {
  const settable = new Map(settableAttributes(pool).map((attribute) => [attribute.name, attribute]));
  const compiled: { attribute: PoolAttribute; read: Reader }[] = [];
  for (const [name, rule] of Object.entries(mapping.attributes ?? {})) {
    if (rule === null) continue;
    const attribute = settable.get(name);
    const configPath = `mapping.attributes.${name}`;
    const isOperators = config?.attributes !== undefined && Object.hasOwn(config.attributes, name);
    if (attribute === undefined) {
      // A preset speaks of every attribute that its source may have.
      if (!isOperators) continue;
      throw unknownAttribute(name, configPath, pool);
    }
    const read = compiler.optional(rule, configPath, isOperators);
    if (read !== undefined) compiled.push({ attribute, read });
  }
  requireRequired(compiled, pool);
  return compiled;
}

function unknownAttribute(name: string, configPath: string, pool: Pool): FerryError {
  const settable = settableAttributes(pool).map((attribute) => attribute.name);
  const withPrefix = settable.find((other) => other === `custom:${name}`);
  return new FerryError(
    "MAPPING_INVALID",
    `${configPath}: the user pool ${pool.id} has no attribute ${name} to set`,
    {
      hint:
        withPrefix === undefined
          ? `It can set: ${settable.join(", ")}`
          : `Did you mean ${withPrefix}? Custom attributes are written with their prefix`,
    },
  );
}

function requireRequired(compiled: CompiledMapping["attributes"], pool: Pool): void {
  const mapped = new Set(compiled.map(({ attribute }) => attribute.name));
  const missing = pool.attributes.filter(
    ({ name, required }) => required && name !== "sub" && !mapped.has(name) && !isUsername(name, pool),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(", ");
  throw new FerryError(
    "MAPPING_INVALID",
    `The user pool ${pool.id} requires ${names} of every user, and no rule gives it`,
    {
      hint: `Add ${missing.map(({ name }) => `mapping.attributes.${name}`).join(", ")} to the config`,
    },
  );
}

function isUsername(name: string, pool: Pool): boolean {
  return CONTACTS.some((contact) => contact === name && pool.usernameAttributes.includes(contact));
}

function compileFlag(read: Reader | undefined): (record: SourceRecord) => boolean | undefined {
  return read === undefined ? () => false : (record) => parseFlag(read(record));
}

function compileSocialOnly(
  rule: Mapping["socialOnly"],
  compiler: RuleCompiler,
  isOperators: boolean,
): (record: SourceRecord) => boolean {
  if (rule === undefined) return () => false;
  const read = compiler.optional(rule.path, "mapping.socialOnly.path", isOperators);
  if (read === undefined) return () => false;
  const own = new Set(rule.noneOf);
  return (record) => {
    const value = read(record);
    const providers = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
    return (
      providers.length > 0 && !providers.some((provider) => typeof provider === "string" && own.has(provider))
    );
  };
}

interface TrackedPath {
  readonly configPath: string;
  readonly path: string;
  readonly read: Reader;
}

/** Compiles rules, and remembers which fields they read and whether the operator's own ones were ever found. */
class RuleCompiler {
  readonly usedFields = new Set<string>();
  readonly #shape: SourceShape;
  /** The operator's paths that no record had so far. */
  readonly #missing = new Set<TrackedPath>();

  constructor(shape: SourceShape) {
    this.#shape = shape;
  }

  /** The alternatives of a rule, in order. */
  candidates(rule: Rule, configPath: string, isOperators: boolean): readonly Reader[] {
    const hasAlternatives = typeof rule === "object" && "firstOf" in rule;
    const rules = hasAlternatives ? rule.firstOf : [rule];
    return rules
      .map((each, index) =>
        this.optional(each, hasAlternatives ? `${configPath}.firstOf[${index}]` : configPath, isOperators),
      )
      .filter((read) => read !== undefined);
  }

  /** A reader for the rule; undefined when there is no rule, or when a preset's column is not in this table. */
  optional(rule: Rule | null | undefined, configPath: string, isOperators: boolean): Reader | undefined {
    if (rule === undefined || rule === null) return undefined;
    if (typeof rule === "string") return this.#path(rule, configPath, isOperators);
    if ("constant" in rule) return () => rule.constant;
    if ("not" in rule) {
      const read = this.optional(rule.not, `${configPath}.not`, isOperators);
      return read === undefined ? undefined : (record) => negate(read(record));
    }
    const readers = this.candidates(rule, configPath, isOperators);
    return readers.length === 0 ? undefined : (record) => firstValue(readers, record);
  }

  // Asked of every record, not noted while reading: the second of firstOf is seldom read.
  noteFound(record: SourceRecord): void {
    for (const tracked of this.#missing) {
      if (tracked.read(record) !== undefined) this.#missing.delete(tracked);
    }
  }

  requireFound(): void {
    const [missing] = this.#missing;
    if (missing === undefined) return;
    throw new FerryError(
      "MAPPING_INVALID",
      `${missing.configPath} reads ${missing.path}, which no row of the source has`,
      { hint: "Check the spelling; in documents, keys are joined by dots and elements are [0] or [*]" },
    );
  }

  #path(path: string, configPath: string, isOperators: boolean): Reader | undefined {
    const read = compilePath(path, this.#shape);
    if (read === undefined) {
      if (!isOperators) return undefined;
      throw new FerryError("MAPPING_INVALID", unreadablePath(path, configPath, this.#shape), {
        hint: this.#shape.kind === "table" ? `Its columns are: ${this.#shape.columns.join(", ")}` : PATH_HINT,
      });
    }
    const field = this.#shape.kind === "table" ? path : topLevelKey(path);
    if (field !== undefined) this.usedFields.add(field);
    if (isOperators && this.#shape.kind === "documents") this.#missing.add({ configPath, path, read });
    return read;
  }
}

const PATH_HINT = 'A path is keys joined by dots, elements as [0] or [*], odd keys as ["a.b"]';

function unreadablePath(path: string, configPath: string, shape: SourceShape): string {
  return shape.kind === "table"
    ? `${configPath} reads the column ${path}, which the source does not have`
    : `${configPath} is not a path: ${path}`;
}

function negate(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const flag = parseFlag(value);
  return flag === undefined ? value : !flag;
}

function firstValue(readers: readonly Reader[], record: SourceRecord): JsonValue | undefined {
  for (const read of readers) {
    const value = read(record);
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return undefined;
}

function columnsHint(shape: SourceShape): string {
  return shape.kind === "table" ? `; the columns are: ${shape.columns.join(", ")}` : "";
}
