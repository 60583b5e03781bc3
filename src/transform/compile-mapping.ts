import { columnList } from "./column-list.ts";
import { isDeepStrictEqual } from "node:util";
import { FerryError } from "../core/ferry-error.ts";
import type { Hook } from "../core/hook.ts";
import type { Issue } from "../core/issue.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool, type PoolAttribute } from "../core/pool.ts";
import { prepareCommand } from "../core/prepare-command.ts";
import type { JsonValue, ReadableRow, SourceRecord, SourceShape } from "../core/row.ts";
import type { UserClass } from "../core/user-class.ts";
import { applyHook } from "./apply-hook.ts";
import { negateFlag, pathsOf, RuleCompiler, type RulePlace } from "./compile-rule.ts";
import { overrideMapping, type Mapping } from "./mapping.ts";
import {
  createNormaliser,
  DEFAULT_NORMALISE_OPTIONS,
  type NormaliseOptions,
  type Normaliser,
  type NormaliserFor,
} from "./normalise-attribute.ts";
import { explainPhoneCountry } from "./normalise/phone.ts";
import { compilePasswordHash, type PasswordHashReader } from "./password-hash/compile-password-hash.ts";
import { createPasswordReader, type PasswordReader } from "./read-credentials.ts";
import { createGroupReader, type GroupNaming, type ReadGroups } from "./read-groups.ts";
import { compileLinks, type ReadLinks } from "./read-links.ts";
import { elementsOf, isPresent, Unusable, type Reader } from "./reading.ts";
import type { Rule } from "./rule.ts";
import type { Segment } from "./path.ts";
import { internedName } from "./attribute-values.ts";
import { createStrayFlagCheck } from "./stray-flag.ts";
import type { UsedFields } from "./used-fields.ts";

interface AttributeRule {
  readonly attribute: PoolAttribute;
  readonly read: Reader;
}

/** The rule of an attribute, made ready. */
interface CompiledAttribute extends AttributeRule, Normaliser {}

/** A mapping made ready for one source and one pool. */
export interface CompiledMapping {
  /** Candidates for the username, in order. */
  readonly usernames: readonly Reader[];
  readonly sourceId: Reader | undefined;
  /** When the user was changed at the source, as ISO 8601 with a zone; undefined: `updated_at` says it. */
  readonly changedAt: Reader | undefined;
  /** Whether the user may not sign in; undefined when no rule says. */
  readonly disabled: Reader | undefined;
  /** Flags of the classes that have one. */
  readonly classes: readonly { readonly name: UserClass; readonly read: Reader }[];
  readonly isSocialOnly: (record: SourceRecord) => boolean;
  readonly readGroups: ReadGroups;
  /** What {@link readGroups} reads and how it cleans names, for a hook's groups. */
  readonly groups: Reader | undefined;
  readonly groupNaming: GroupNaming;
  readonly readLinks: ReadLinks;
  /** Whether some provider of the source is linked. */
  readonly hasLinks: boolean;
  readonly mfa: Reader | undefined;
  /** The password hash as an import job takes it; undefined for a user without one. */
  readonly readPasswordHash: PasswordHashReader;
  /** The password in plain text; undefined for a user without one. */
  readonly readPassword: PasswordReader;
  readonly attributes: readonly CompiledAttribute[];
  /** Whether a record has a field for this contact, be it empty. */
  readonly hasContactField: (contact: Contact, record: SourceRecord) => boolean;
  /** Makes what brings what is read for an attribute into Cognito's form, as the operator wants it. */
  readonly normaliserFor: NormaliserFor;
  readonly options: NormaliseOptions;
  /** Verified flags that the operator answers for, whatever the rows say. */
  readonly trusted: ReadonlySet<string>;
  /** The columns or top-level keys that some rule reads, with what is read of each. */
  readonly usedFields: UsedFields;
  /**
   * Asks the hook about a row, before anything is read of it; returns the issue for which the hook skips the user.
   * Undefined without a hook.
   */
  readonly runHook: ((row: ReadableRow, issues: Issue[]) => Issue | undefined) | undefined;
  /** Those that hold secrets although their names do not say so. */
  readonly secretFields: ReadonlySet<string>;
  /**
   * Takes note of which fields the operator's rules find in this record; called with every record. Throws MAPPING_INVALID
   * when a verified flag of it would be taken for another address or number than its own.
   */
  noteFound(record: SourceRecord): void;
  /** Throws MAPPING_INVALID when a rule of the operator never found its field; called after all rows were read. */
  requireFound(): void;
  /** What rules read within fields that are secrets by their names, and may be kept of a row. */
  readonly keptPaths: readonly (readonly Segment[])[];
  /**
   * Throws MAPPING_INVALID when a rule that is not of passwords reads a secret: a file that a run wrote holds none, and
   * who is locked by the spelling of a hash would be let in.
   */
  requireNoSecretsRead(): void;
}

/** What a mapping is compiled from. */
export interface MappingSources {
  /** The preset's rules: its fields may be missing from any row. Undefined: fields map by their names. */
  readonly preset: Mapping | undefined;
  /** The operator's rules: each must find its field, unless it only says again what the preset says. */
  readonly config: Mapping | undefined;
  /** What rules cannot say. It may set what no rule gives, so nothing of the pool's needs a rule. */
  readonly hook?: Hook | undefined;
  /** When the plan began: what rules compare times with. The present when undefined. */
  readonly now?: Date | undefined;
}

/**
 * Compiles a mapping against the source's shape and the pool. Throws MAPPING_INVALID, naming the path in the
 * config, for an attribute that the pool does not have or that cannot be set, for a column that the source does not
 * have, for a required attribute without a rule, for two rules that say the same, and for a rule that would call an
 * address verified without the source's word.
 */
export function compileMapping(
  { preset, config, hook, now = new Date() }: MappingSources,
  shape: SourceShape,
  pool: Pool,
): CompiledMapping {
  const stated = preset ?? mappingByName(shape, pool);
  const base = withAttributesByName(stated, shape, pool);
  const mapping = withAttributesByName(overrideMapping(stated, config ?? {}), shape, pool);
  const compiler = new RuleCompiler(shape, { nullWords: mapping.nullWords ?? [], now });
  const placeOf = (part: MappingPart): RulePlace => ({
    configPath: `mapping.${part}`,
    isOperators: config?.[part] !== undefined && !isDeepStrictEqual(config[part], preset?.[part]),
  });
  const compile = (part: RulePart): Reader | undefined => compiler.compile(mapping[part], placeOf(part));
  const attributes = compileAttributes(
    mapping,
    { preset: preset === undefined ? undefined : base, config },
    { pool, compiler },
  );
  if (hook === undefined) requireRequired(attributes, pool);
  const options = normaliseOptionsOf(mapping);
  const normaliserFor = createNormaliser(options);
  if (mapping.username === undefined && hook === undefined) {
    throw new FerryError("MAPPING_INVALID", "No field of the source maps to the username", {
      hint: `Add mapping.username to the config, or name a column "username"${columnsHint(shape)}`,
    });
  }
  const requireOwnFlag = createStrayFlagCheck({ base, config, shape, pool, compiler });
  const groups = compileGroups(mapping.groups, compiler, { place: placeOf("groups"), pool });
  const compiled: CompiledMapping = {
    usernames:
      mapping.username === undefined
        ? []
        : compiler.candidates(mapping.username, { ...placeOf("username"), isSingle: true }),
    sourceId: compile("sourceId"),
    changedAt: compile("changedAt"),
    disabled: compileDisabled(mapping, compile),
    classes: CLASS_FLAGS.flatMap(([part, name]) => {
      const read = compile(part);
      return read === undefined ? [] : [{ name, read }];
    }),
    isSocialOnly: compileSocialOnly(mapping.socialOnly, compiler, placeOf("socialOnly")),
    ...groups,
    readLinks:
      mapping.linkedProviders === undefined
        ? () => []
        : compileLinks(mapping.linkedProviders, compiler, placeOf("linkedProviders")),
    hasLinks: Object.keys(mapping.linkedProviders?.names ?? {}).length > 0,
    mfa: compile("mfa"),
    readPasswordHash: compileHash(mapping.passwordHash, compiler, placeOf("passwordHash")),
    readPassword: compilePassword(mapping.password, compiler, placeOf("password")),
    attributes: attributes.map((rule) => ({ ...rule, ...normaliserFor(rule.attribute) })),
    hasContactField: compileContactFields(mapping, compiler),
    normaliserFor,
    options,
    trusted: trustedFlags(mapping),
    usedFields: compiler.usedFields,
    runHook: undefined,
    secretFields: compiler.secretFields,
    noteFound: (record) => {
      compiler.noteFound(record);
      requireOwnFlag(record);
    },
    requireFound: () => compiler.requireFound(),
    keptPaths: compiler.keptPaths,
    requireNoSecretsRead: () => requireNoSecretsRead(compiler.withheld),
  };
  return hook === undefined
    ? compiled
    : applyHook({ mapping: compiled, hook, shape, pool, settable: settableAttributes(pool) });
}

/** Parts without whose secrets nobody is let in and nothing is vouched for; passwords are known to be lost. */
const HARMLESSLY_LOST: readonly MappingPart[] = ["password", "passwordHash", "socialOnly", "mfa"];

function requireNoSecretsRead(withheld: ReadonlyMap<string, string>): void {
  for (const [configPath, path] of withheld) {
    if (HARMLESSLY_LOST.some((part) => configPath.split(/[.[]/)[1] === part)) continue;
    throw new FerryError(
      "MAPPING_INVALID",
      `${configPath} reads ${path}, which is a secret by its name, and a file that a run wrote holds none`,
      { hint: "Mend these users at the source itself, and migrate it again: who is in the pool is skipped" },
    );
  }
}

function normaliseOptionsOf({ lowerCaseEmail, phoneCountry, lineBreaks }: Mapping): NormaliseOptions {
  const mistake = phoneCountry === undefined ? undefined : explainPhoneCountry(phoneCountry);
  if (mistake !== undefined) {
    throw new FerryError("MAPPING_INVALID", `mapping.phoneCountry: ${mistake}`, {
      hint: "Write the two letters of ISO 3166, such as DE",
    });
  }
  return {
    lowerCaseEmail: lowerCaseEmail ?? DEFAULT_NORMALISE_OPTIONS.lowerCaseEmail,
    phoneCountry,
    lineBreaks: lineBreaks ?? DEFAULT_NORMALISE_OPTIONS.lineBreaks,
  };
}

type MappingPart = Exclude<keyof Mapping, "attributes">;

/** The parts of a mapping that are one rule. */
type RulePart =
  | "sourceId"
  | "changedAt"
  | "disabled"
  | "enabled"
  | "deleted"
  | "serviceAccount"
  | "anonymous"
  | "mfa";

const CLASS_FLAGS = [
  ["deleted", "deleted"],
  ["serviceAccount", "service-account"],
  ["anonymous", "anonymous"],
] as const satisfies readonly (readonly [RulePart, UserClass])[];

function compileDisabled(
  mapping: Mapping,
  compile: (part: RulePart) => Reader | undefined,
): Reader | undefined {
  if (mapping.enabled !== undefined && mapping.disabled !== undefined) {
    throw new FerryError(
      "MAPPING_INVALID",
      "mapping.enabled and mapping.disabled are two rules for one thing",
      {
        hint: "Keep the one whose field the source has",
      },
    );
  }
  const enabled = compile("enabled");
  return enabled === undefined ? compile("disabled") : (record) => negateFlag(enabled(record));
}

function compileGroups(
  rule: Mapping["groups"],
  compiler: RuleCompiler,
  { place, pool }: { readonly place: RulePlace; readonly pool: Pool },
): Pick<CompiledMapping, "groups" | "groupNaming" | "readGroups"> {
  const isNamed = typeof rule === "object" && "from" in rule;
  const from = isNamed ? rule.from : rule;
  const configPath = isNamed ? `${place.configPath}.from` : place.configPath;
  const groups = compiler.compile(from, { ...place, configPath });
  const groupNaming: GroupNaming = isNamed ? rule : {};
  const readGroups = groups === undefined ? () => [] : createGroupReader(groups, groupNaming, pool);
  return { groups, groupNaming, readGroups };
}

function compileHash(
  rule: Mapping["passwordHash"],
  compiler: RuleCompiler,
  place: RulePlace,
): PasswordHashReader {
  const none: PasswordHashReader = () => undefined;
  if (rule === undefined || rule === null) return none;
  const compile = (inner: Rule, path: string): Reader | undefined => {
    const configPath = path === "" ? place.configPath : `${place.configPath}.${path}`;
    return compiler.compile(inner, { ...place, configPath, isSecret: true });
  };
  return compilePasswordHash(rule, compile) ?? none;
}

function compilePassword(
  rule: Mapping["password"],
  compiler: RuleCompiler,
  place: RulePlace,
): PasswordReader {
  if (rule !== undefined && rule !== null && pathsOf(rule).length === 0) {
    throw new FerryError("MAPPING_INVALID", `${place.configPath} gives everyone the same password`, {
      hint: "Name the field in which each user's own password stands",
    });
  }
  return createPasswordReader(compiler.compile(rule, { ...place, isSecret: true }));
}

function trustedFlags({ attributes = {} }: Mapping): ReadonlySet<string> {
  return new Set(
    Object.values(VERIFIED_FLAG).filter((flag) => {
      const rule = attributes[flag];
      return rule !== undefined && rule !== null && asksForTrust(rule);
    }),
  );
}

function asksForTrust(rule: Rule): boolean {
  if (typeof rule === "string") return false;
  return "trustSource" in rule || ("firstOf" in rule && rule.firstOf.some(asksForTrust));
}

/**
 * The mapping of a source without a preset: fields that bear the name of a settable attribute, or `username`, map to
 * it. A document's keys are known only row by row, so every attribute gets a rule.
 */
function mappingByName(shape: SourceShape, pool: Pool): Mapping {
  const usernames = ["username", "cognito:username", ...pool.usernameAttributes].flatMap((name) =>
    fieldNamed(name, shape),
  );
  const [sub] = fieldNamed("sub", shape);
  return {
    ...(usernames.length === 0 ? {} : { username: { firstOf: usernames } }),
    ...(sub === undefined ? {} : { sourceId: sub }),
    attributes: attributesByName(shape, pool),
  };
}

/** The mapping with a rule for every attribute that it leaves to the field of its name. */
function withAttributesByName(mapping: Mapping, shape: SourceShape, pool: Pool): Mapping {
  if (mapping.attributesByName !== true) return mapping;
  return { ...mapping, attributes: { ...attributesByName(shape, pool), ...mapping.attributes } };
}

function attributesByName(shape: SourceShape, pool: Pool): NonNullable<Mapping["attributes"]> {
  return Object.fromEntries(
    settableAttributes(pool).flatMap(({ name }) => fieldNamed(name, shape).map((path) => [name, path])),
  );
}

/** The path to the field of exactly this name, where the source has it or may have it. */
function fieldNamed(name: string, shape: SourceShape): readonly string[] {
  if (shape.kind === "table") return shape.columns.includes(name) ? [name] : [];
  return [JSON.stringify([name])];
}

/** The attributes that an import job can set: those of the pool's schema that stand in its CSV header. */
function settableAttributes(pool: Pool): readonly PoolAttribute[] {
  const header = new Set(pool.csvHeader);
  return pool.attributes
    .filter(({ name }) => header.has(name))
    .map((attribute) => ({ ...attribute, name: internedName(attribute.name) }));
}

function compileAttributes(
  mapping: Mapping,
  { preset, config }: MappingSources,
  { pool, compiler }: { readonly pool: Pool; readonly compiler: RuleCompiler },
): readonly AttributeRule[] {
  const settable = new Map(settableAttributes(pool).map((attribute) => [attribute.name, attribute]));
  const compiled: { attribute: PoolAttribute; read: Reader }[] = [];
  for (const [name, rule] of Object.entries(mapping.attributes ?? {})) {
    if (rule === null) continue;
    const attribute = settable.get(name);
    const configPath = `mapping.attributes.${name}`;
    const isOperators =
      config?.attributes !== undefined &&
      Object.hasOwn(config.attributes, name) &&
      !isDeepStrictEqual(rule, preset?.attributes?.[name]);
    if (attribute === undefined) {
      // A preset speaks of every attribute that its source may have.
      if (!isOperators) continue;
      throw unknownAttribute(name, configPath, { pool, config });
    }
    const read = compiler.compile(rule, {
      configPath,
      isOperators,
      verifies: verifiedFlagRule(name, mapping, pool),
      // An address is kept as the text of its object.
      isSingle: name !== "address",
    });
    if (read !== undefined) compiled.push({ attribute, read });
  }
  return compiled;
}

function unknownAttribute(
  name: string,
  configPath: string,
  { pool, config }: { readonly pool: Pool; readonly config: Mapping | undefined },
): FerryError {
  return new FerryError(
    "MAPPING_INVALID",
    `${configPath}: the user pool ${pool.id} has no attribute ${name} to set`,
    {
      hint: howToHave(
        name,
        settableAttributes(pool).map((attribute) => attribute.name),
        { pool, config },
      ),
    },
  );
}

/** What to do about an attribute that a rule is for, and the pool does not have. */
function howToHave(
  name: string,
  settable: readonly string[],
  { pool, config }: { readonly pool: Pool; readonly config: Mapping | undefined },
): string {
  const withPrefix = settable.find((other) => other === `custom:${name}`);
  if (withPrefix !== undefined)
    return `Did you mean ${withPrefix}? Custom attributes are written with their prefix`;
  // One that the pool has but no import sets cannot be added.
  const isThere = (other: string): boolean => pool.attributes.some((attribute) => attribute.name === other);
  const rules = Object.entries(config?.attributes ?? {}).filter(([, rule]) => rule !== null);
  const missing = rules.map(([other]) => other).filter((other) => !isThere(other));
  const canBeAdded = !isThere(name) && prepareCommand(pool.id, [name]) !== undefined;
  const command = canBeAdded ? prepareCommand(pool.id, missing) : undefined;
  const canSet = `It can set: ${settable.join(", ")}`;
  return command === undefined
    ? canSet
    : `Add it, for good: ${command} (String takes any value), or leave its rule out. ${canSet}`;
}

function requireRequired(compiled: readonly AttributeRule[], pool: Pool): void {
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

function compileContactFields(
  { attributes = {} }: Mapping,
  compiler: RuleCompiler,
): CompiledMapping["hasContactField"] {
  const finders = new Map(CONTACTS.map((contact) => [contact, compiler.finder(attributes[contact])]));
  return (contact, record) => finders.get(contact)?.(record) === true;
}

/** What the rule of a verified flag may not rest on; undefined for other attributes. */
function verifiedFlagRule(
  name: string,
  { username, attributes = {} }: Mapping,
  pool: Pool,
): RulePlace["verifies"] {
  const contact = CONTACTS.find((each) => VERIFIED_FLAG[each] === name);
  if (contact === undefined) return undefined;
  const rules = [attributes[contact], pool.usernameAttributes.includes(contact) ? username : undefined];
  const contactPaths = rules.flatMap((rule) => (rule === undefined || rule === null ? [] : pathsOf(rule)));
  return { contactPaths, isDirect: true };
}

function compileSocialOnly(
  rule: Mapping["socialOnly"],
  compiler: RuleCompiler,
  { configPath, isOperators }: RulePlace,
): (record: SourceRecord) => boolean {
  if (rule === undefined) return () => false;
  const read = compiler.compile(rule.path, { configPath: `${configPath}.path`, isOperators });
  if (read === undefined) return () => false;
  const own = new Set(rule.noneOf);
  return (record) => {
    const reading = read(record);
    const providers = reading instanceof Unusable ? [] : elementsOf(reading).filter(isPresent);
    const isOwn = (provider: JsonValue): boolean => typeof provider === "string" && own.has(provider.trim());
    return providers.length > 0 && !providers.some(isOwn);
  };
}

function columnsHint(shape: SourceShape): string {
  return shape.kind === "table" ? `; the columns are: ${columnList(shape.columns)}` : "";
}
