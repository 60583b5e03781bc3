import { columnList } from "./column-list.ts";
import { FerryError } from "../core/ferry-error.ts";
import { isSecretField } from "../core/secret-field.ts";
import { parseJson } from "../core/parse-json.ts";
import { toNfc } from "../core/nfc.ts";
import type { JsonValue, SourceRecord, SourceShape } from "../core/row.ts";
import { parseFlag } from "./parse-flag.ts";
import { compilePath, compileSubpath, fieldOf, holdsPath, parsePath, type Segment } from "./path.ts";
import { explainDateFormat, isBehind, readDate } from "./read-date.ts";
import { readPhone, readPhoneWithoutPlus } from "./read-phone.ts";
import { parsePhp } from "./php-value.ts";
import { uuidOf } from "./uuid-of.ts";
import { elementsOf, isPresent, Unusable, type Reader, type Reading } from "./reading.ts";
import type {
  DateRule,
  JoinRule,
  ListedRule,
  LookupRule,
  ParseRule,
  PhoneRule,
  PickRule,
  Rule,
  Scalar,
  SplitRule,
  UnlessRule,
} from "./rule.ts";
import { FieldUse, type UsedFields } from "./used-fields.ts";
import { writeJson } from "./write-json.ts";
import { holdsInexact, INEXACT, textOf } from "./text-of.ts";

/** Where a rule stands, and whose it is. */
export interface RulePlace {
  /** Its path in the config file, for error messages: `mapping.attributes.email`. */
  readonly configPath: string;
  /** An operator's rule must find its field; a preset's may be missing from any row. */
  readonly isOperators: boolean;
  /** Present for the rule of a verified flag, which may only say what the row says. */
  readonly verifies?: VerifiedFlag | undefined;
  /** Whether what the rule reads is a secret, whatever its field is called. */
  readonly isSecret?: boolean;
  /** Whether what is read is taken as it stands, for what must be a single value: of an object nothing is used. */
  readonly isSingle?: boolean;
}

/** The rule of a verified flag. */
interface VerifiedFlag {
  /** The paths that the rule of its address or number reads: that this is there does not make it verified. */
  readonly contactPaths: readonly string[];
  /** Whether the rule's own constants reach the flag as they are, so that a plain false does no harm. */
  readonly isDirect: boolean;
}

interface TrackedPath {
  readonly configPath: string;
  readonly path: string;
  readonly read: Reader;
}

/**
 * Compiles rules against the shape of the source into readers, and remembers which fields they read and whether the
 * operator's own ones were ever found. Throws MAPPING_INVALID with the config path of what cannot be compiled.
 */
export class RuleCompiler {
  /** Columns or top-level keys that rules of secrets read. */
  readonly secretFields = new Set<string>();
  readonly #shape: SourceShape;
  readonly #use: FieldUse;
  readonly #nullWords: ReadonlySet<string>;
  /** What is behind it lies in the future. */
  readonly #now: Date;
  /** Paths below what is a secret by its name, of rules that read no secret there. */
  readonly #besideSecrets = new Map<string, string>();
  /** Paths of rules of secrets. */
  readonly #secretPaths = new Set<string>();
  /** The operator's paths that no record had so far. */
  readonly #missing = new Set<TrackedPath>();

  constructor(
    shape: SourceShape,
    { nullWords, now }: { readonly nullWords: readonly string[]; readonly now: Date },
  ) {
    this.#shape = shape;
    this.#use = new FieldUse(shape);
    this.#now = now;
    this.#nullWords = new Set(nullWords);
  }

  /** Columns or top-level keys that some rule reads, with what is read of each. */
  get usedFields(): UsedFields {
    return this.#use.fields;
  }

  /**
   * What rules read of a document within a field that is a secret by its name, and is none by its own: the types of
   * credentials, say. It can stay where secrets are left out.
   */
  get keptPaths(): readonly (readonly Segment[])[] {
    return [...this.#besideSecrets.keys()].flatMap((path) => {
      const segments = this.#isKept(path) ? parsePath(path) : undefined;
      return segments === undefined ? [] : [segments];
    });
  }

  /**
   * The rules that read what is left out as a secret although they are rules of something else, by their places in the
   * config.
   */
  get withheld(): ReadonlyMap<string, string> {
    const lost = [...this.#besideSecrets].filter(([path]) => !this.#isKept(path));
    return new Map(lost.map(([path, configPath]) => [configPath, path]));
  }

  #isKept(path: string): boolean {
    if (this.#shape.kind === "table" || isSecretField(keysOfPath(path, this.#shape).at(-1) ?? ""))
      return false;
    return ![...this.#secretPaths].some((secret) => holdsPath(path, secret, this.#shape));
  }

  /** A reader for the rule; undefined when there is no rule, or when a preset's column is not in this table. */
  compile(rule: Rule | null | undefined, place: RulePlace): Reader | undefined {
    if (rule === undefined || rule === null) return undefined;
    if (typeof rule === "string") return this.path(rule, place);
    if ("constant" in rule) {
      requireHonest(place, saysMore(place, rule.constant));
      return () => rule.constant;
    }
    if ("firstOf" in rule) return this.#firstOf(rule.firstOf, place);
    requireHonest(place, "template" in rule);
    if ("template" in rule) return this.#template(rule.template, place);
    if ("join" in rule) return this.#join(rule, place);
    if ("split" in rule) {
      return over(this.compile(rule.split, at(place, "split")), (value) => split(value, rule));
    }
    if ("lookup" in rule) {
      requireHonest(place, rule.otherwise !== undefined && saysMore(place, rule.otherwise));
      const find = tableOf(rule);
      return over(this.compile(rule.lookup, at(place, "lookup")), (value) => lookup(value, find, rule));
    }
    if ("parse" in rule) return this.#parse(rule, place);
    if ("date" in rule) return this.#date(rule, place);
    if ("phone" in rule) return this.#phone(rule, place);
    if ("pick" in rule) return this.#pick(rule, place);
    if ("allOf" in rule) return this.#flags(rule.allOf, at(place, "allOf"), { decisive: false });
    if ("anyOf" in rule) return this.#flags(rule.anyOf, at(place, "anyOf"), { decisive: true });
    if ("inFuture" in rule) return this.#inFuture(rule.inFuture, at(place, "inFuture"));
    if ("bit" in rule)
      return over(this.compile(rule.bit, at(place, "bit")), (value) => hasBit(value, rule.mask));
    if ("prefixed" in rule) {
      const { with: prefix } = rule;
      return over(this.compile(rule.prefixed, at(place, "prefixed")), (list) => behindPrefix(list, prefix));
    }
    if ("json" in rule) return over(this.compile(rule.json, at(place, "json")), toJson);
    if ("object" in rule) return this.#object(rule.object, place);
    if ("not" in rule) return over(this.compile(rule.not, at(place, "not")), negateFlag);
    if ("present" in rule) return this.#present(rule.present, place);
    if ("listed" in rule) return this.#listed(rule, place);
    if ("keys" in rule) return over(this.compile(rule.keys, at(place, "keys")), keysOf);
    if ("unless" in rule) return this.#unless(rule, place);
    if ("uuid" in rule) return over(this.compile(rule.uuid, at(place, "uuid")), toUuid);
    return this.#trustSource(rule.of, place);
  }

  /** The alternatives of a rule, in order. */
  candidates(rule: Rule, place: RulePlace): readonly Reader[] {
    if (typeof rule === "string" || !("firstOf" in rule)) return present([this.compile(rule, place)]);
    return this.#all(rule.firstOf, at(place, "firstOf"));
  }

  /** A reader for a column of the table or a path into the document. */
  path(path: string, place: RulePlace): Reader | undefined {
    const read = compilePath(path, this.#shape);
    if (read === undefined) {
      if (!place.isOperators) return undefined;
      throw unreadablePath(path, place.configPath, this.#shape);
    }
    const field = fieldOf(path, this.#shape);
    this.#use.note(path, place.isSingle);
    if (field !== undefined && place.isSecret === true) this.secretFields.add(field);
    if (place.isSecret === true) this.#secretPaths.add(path);
    else if (keysOfPath(path, this.#shape).some(isSecretField))
      this.#besideSecrets.set(path, place.configPath);
    if (place.isOperators && this.#shape.kind === "documents") {
      this.#missing.add({ configPath: place.configPath, path, read });
    }
    const nullWords = this.#nullWords;
    return nullWords.size === 0 ? read : (record) => withoutNullWord(read(record), nullWords);
  }

  /** A reader for a path into a value of a row, not into the row. */
  subpath(path: string, { configPath }: RulePlace): (value: JsonValue) => JsonValue | undefined {
    const follow = compileSubpath(path);
    if (follow === undefined) throw unreadablePath(path, configPath, { kind: "documents" });
    return follow;
  }

  /** Whether a record has any field that the rule reads, be it empty. */
  finder(rule: Rule | null | undefined): (record: SourceRecord) => boolean {
    const paths = rule === undefined || rule === null ? [] : pathsOf(rule);
    const readers = present(paths.map((path) => compilePath(path, this.#shape)));
    return (record) => readers.some((read) => read(record) !== undefined);
  }

  /** Takes note of which of the operator's fields this record has; called with every record. */
  // Asked of every record, not noted while reading: the second of firstOf is seldom read.
  noteFound(record: SourceRecord): void {
    for (const tracked of this.#missing) {
      if (tracked.read(record) !== undefined) this.#missing.delete(tracked);
    }
  }

  /** Throws MAPPING_INVALID when a path of the operator's was in no record; called after all rows were read. */
  requireFound(): void {
    const [missing] = this.#missing;
    if (missing === undefined) return;
    throw new FerryError(
      "MAPPING_INVALID",
      `${missing.configPath} reads ${missing.path}, which no row of the source has`,
      { hint: "Check the spelling; in documents, keys are joined by dots and elements are [0] or [*]" },
    );
  }

  #all(rules: readonly Rule[], place: RulePlace): readonly Reader[] {
    return present(
      rules.map((rule, index) =>
        this.compile(rule, { ...place, configPath: `${place.configPath}[${index}]` }),
      ),
    );
  }

  #firstOf(rules: readonly Rule[], place: RulePlace): Reader | undefined {
    const readers = this.#all(rules, at(place, "firstOf"));
    return readers.length === 0 ? undefined : (record) => firstValue(readers, record);
  }

  #template(template: string, place: RulePlace): Reader | undefined {
    const parts = parseTemplate(template);
    if (parts === undefined) {
      throw new FerryError("MAPPING_INVALID", `${place.configPath}.template has a brace without its pair`, {
        hint: "Paths stand in {braces}; write {{ and }} for braces themselves",
      });
    }
    if (!parts.some((part) => typeof part !== "string")) {
      throw new FerryError("MAPPING_INVALID", `${place.configPath}.template names no path`, {
        hint: "Put paths in {braces}, or use constant",
      });
    }
    const readers: (string | Reader)[] = [];
    for (const part of parts) {
      const reader = typeof part === "string" ? part : this.path(part.path, at(place, "template"));
      if (reader === undefined) return undefined;
      readers.push(reader);
    }
    return (record) => fillTemplate(readers, record);
  }

  #join(rule: JoinRule, place: RulePlace): Reader | undefined {
    const parts = rule.join;
    const readers = isList(parts)
      ? this.#all(parts, at(place, "join"))
      : present([this.compile(parts, at(place, "join"))]);
    return readers.length === 0 ? undefined : (record) => join(readers, record, rule.with);
  }

  #parse(rule: ParseRule, place: RulePlace): Reader | undefined {
    const follow = rule.path === undefined ? undefined : this.subpath(rule.path, at(place, "path"));
    return over(this.compile(rule.parse, at(place, "parse")), (value) => {
      const parsed = rule.format === "php" ? parsePhpText(value) : parseText(value);
      return parsed instanceof Unusable || follow === undefined ? parsed : follow(parsed);
    });
  }

  #date({ date, format, zone }: DateRule, place: RulePlace): Reader | undefined {
    requireDateFormat(place, format, zone);
    return over(this.compile(date, at(place, "date")), (value) => readDate(value, format, zone));
  }

  #inFuture(rule: Rule, place: RulePlace): Reader | undefined {
    const now = this.#now;
    // A date rule is not read by itself, as it refuses times that are too far off for a value.
    const isDate = typeof rule === "object" && "date" in rule;
    const { date, format, zone } = isDate ? rule : { date: rule, format: "iso", zone: undefined };
    requireDateFormat(place, format, zone);
    return over(this.compile(date, isDate ? at(place, "date") : place), (value) =>
      isBehind(value, { format, zone, now }),
    );
  }

  #flags(
    rules: readonly Rule[],
    place: RulePlace,
    { decisive }: { readonly decisive: boolean },
  ): Reader | undefined {
    const readers = rules.map((rule, index) =>
      this.compile(rule, { ...place, configPath: `${place.configPath}[${index}]` }),
    );
    if (readers.every((read) => read === undefined)) return undefined;
    return (record) => {
      const readings = readers.map((read) => read?.(record));
      return combineFlags(readings, decisive);
    };
  }

  #pick({ pick, where, path, take }: PickRule, place: RulePlace): Reader | undefined {
    const conditions = Object.entries(where).map(([key, wanted]) => ({
      follow: this.subpath(key, at(place, "where")),
      words: new Set((Array.isArray(wanted) ? wanted : [wanted]).map((each) => wordOf(String(each)))),
    }));
    const follow = path === undefined ? undefined : this.subpath(path, at(place, "path"));
    const isMeant = (element: JsonValue): boolean =>
      conditions.every((condition) => {
        const text = comparedText(condition.follow(element) ?? null);
        return typeof text === "string" && condition.words.has(text);
      });
    return over(this.compile(pick, at(place, "pick")), (list) => {
      const picked = elementsOf(list)
        .filter(isMeant)
        .map((element) => (follow === undefined ? element : follow(element)))
        .filter((value): value is JsonValue => isPresent(value));
      return take === undefined ? picked : picked.at(take);
    });
  }

  #phone({ phone, country }: PhoneRule, place: RulePlace): Reader | undefined {
    if (country === undefined) return over(this.compile(phone, at(place, "phone")), readPhoneWithoutPlus);
    const readCountry = this.compile(country, at(place, "country"));
    const readNumber = this.compile(phone, at(place, "phone"));
    if (readNumber === undefined) return undefined;
    return (record) => {
      const number = readNumber(record);
      if (number instanceof Unusable || number === undefined) return number;
      return readPhone(number, () => readCountry?.(record));
    };
  }

  #object(rules: Readonly<Record<string, Rule>>, place: RulePlace): Reader | undefined {
    const readers: [string, Reader][] = [];
    for (const [key, rule] of Object.entries(rules)) {
      const read = this.compile(rule, at(place, `object.${key}`));
      if (read !== undefined) readers.push([key, read]);
    }
    return readers.length === 0 ? undefined : (record) => buildObject(readers, record);
  }

  #trustSource(of: Rule | undefined, place: RulePlace): Reader | undefined {
    if (place.verifies === undefined) {
      throw new FerryError("MAPPING_INVALID", `${place.configPath}: trustSource has no meaning here`, {
        hint: "It belongs into the rules of email_verified and phone_number_verified",
      });
    }
    const { configPath, isOperators } = at(place, "of");
    return of === undefined ? () => true : this.compile(of, { configPath, isOperators });
  }

  #listed(rule: ListedRule, place: RulePlace): Reader | undefined {
    this.#requireOtherPaths(rule.in, place);
    const { configPath, isOperators } = place;
    // What is looked for may be the address itself: it says nothing of its own.
    const readValue = this.compile(rule.listed, { configPath: `${configPath}.listed`, isOperators });
    const readList = this.compile(rule.in, at(place, "in"));
    if (readValue === undefined || readList === undefined) return undefined;
    return (record) => isListed(readValue(record), readList(record));
  }

  #unless(rule: UnlessRule, place: RulePlace): Reader | undefined {
    const { configPath, isOperators } = place;
    // It can only take the value away: it need be no secret, and makes nothing verified.
    const readFlag = this.compile(rule.unless, { configPath: `${configPath}.unless`, isOperators });
    const readValue = this.compile(rule.value, at(place, "value"));
    if (readFlag === undefined || readValue === undefined) return readValue;
    return (record) => {
      const flag = readFlag(record);
      if (flag instanceof Unusable) return flag;
      const isTrue = parseFlag(flag);
      if (isTrue === undefined) return NO_FLAG;
      return isTrue ? undefined : readValue(record);
    };
  }

  #present(rule: Rule, place: RulePlace): Reader | undefined {
    this.#requireOtherPaths(rule, place);
    // Turned round, that nothing is there would make it verified.
    requireHonest(place, place.verifies?.isDirect === false);
    const read = this.compile(rule, at(place, "present"));
    if (read === undefined) return undefined;
    return (record) => {
      const reading = read(record);
      return reading instanceof Unusable ? reading : isPresent(reading);
    };
  }

  /** Throws MAPPING_INVALID when the rule of a verified flag reads the address or number that it is about. */
  #requireOtherPaths(rule: Rule, place: RulePlace): void {
    const contactPaths = place.verifies?.contactPaths ?? [];
    const isAboutContact = pathsOf(rule).some((path) =>
      contactPaths.some((contactPath) => holdsPath(path, contactPath, this.#shape)),
    );
    requireHonest(place, isAboutContact);
  }
}

const PATH_HINT = 'A path is keys joined by dots, elements as [0] or [*], odd keys as ["a.b"]';

const NO_FLAG = new Unusable("flag-unreadable", "the flag that takes it away is neither true nor false");

function unreadablePath(path: string, configPath: string, shape: SourceShape): FerryError {
  return shape.kind === "table"
    ? new FerryError(
        "MAPPING_INVALID",
        `${configPath} reads the column ${path}, which the source does not have`,
        { hint: `Its columns are: ${columnList(shape.columns)}` },
      )
    : new FerryError("MAPPING_INVALID", `${configPath} is not a path: ${path}`, { hint: PATH_HINT });
}

/** Rules that give what those in them say, and never its opposite. */
const DIRECT: ReadonlySet<string> = new Set(["firstOf", "allOf", "anyOf"]);

function at(place: RulePlace, key: string): RulePlace {
  const { verifies } = place;
  const within = verifies === undefined || DIRECT.has(key) ? verifies : { ...verifies, isDirect: false };
  const isSingle = place.isSingle === true && key === "firstOf";
  return { ...place, configPath: `${place.configPath}.${key}`, verifies: within, isSingle };
}

/** Whether a constant in the rule of a verified flag says anything but a plain no. */
function saysMore({ verifies }: RulePlace, constant: Scalar): boolean {
  return verifies?.isDirect !== true || parseFlag(constant) !== false;
}

/** Throws MAPPING_INVALID for a verified flag's rule that could say more than the row does. */
function requireHonest({ configPath, verifies }: RulePlace, isDishonest: boolean): void {
  if (verifies === undefined || !isDishonest) return;
  throw new FerryError(
    "MAPPING_INVALID",
    `${configPath} could call an address or number verified that no row says is`,
    {
      hint: "Map the field that tells; if you trust the source for every user, write { trustSource: true }",
    },
  );
}

/** Every path that a rule reads. */
export function pathsOf(rule: Rule): readonly string[] {
  if (typeof rule === "string") return [rule];
  if ("constant" in rule) return [];
  if ("firstOf" in rule) return rule.firstOf.flatMap(pathsOf);
  if ("template" in rule)
    return (parseTemplate(rule.template) ?? []).flatMap((part) =>
      typeof part === "string" ? [] : [part.path],
    );
  if ("join" in rule) return isList(rule.join) ? rule.join.flatMap(pathsOf) : pathsOf(rule.join);
  if ("split" in rule) return pathsOf(rule.split);
  if ("lookup" in rule) return pathsOf(rule.lookup);
  if ("parse" in rule) return pathsOf(rule.parse);
  if ("date" in rule) return pathsOf(rule.date);
  if ("phone" in rule)
    return [...pathsOf(rule.phone), ...(rule.country === undefined ? [] : pathsOf(rule.country))];
  if ("pick" in rule) return pathsOf(rule.pick);
  if ("allOf" in rule) return rule.allOf.flatMap(pathsOf);
  if ("anyOf" in rule) return rule.anyOf.flatMap(pathsOf);
  if ("inFuture" in rule) return pathsOf(rule.inFuture);
  if ("bit" in rule) return pathsOf(rule.bit);
  if ("prefixed" in rule) return pathsOf(rule.prefixed);
  if ("json" in rule) return pathsOf(rule.json);
  if ("object" in rule) return Object.values(rule.object).flatMap(pathsOf);
  if ("not" in rule) return pathsOf(rule.not);
  if ("present" in rule) return pathsOf(rule.present);
  if ("listed" in rule) return [...pathsOf(rule.listed), ...pathsOf(rule.in)];
  if ("keys" in rule) return pathsOf(rule.keys);
  if ("unless" in rule) return [...pathsOf(rule.value), ...pathsOf(rule.unless)];
  if ("uuid" in rule) return pathsOf(rule.uuid);
  return rule.of === undefined ? [] : pathsOf(rule.of);
}

/** Throws MAPPING_INVALID for a format of dates that cannot be read. */
function requireDateFormat({ configPath }: RulePlace, format: string, zone: string | undefined): void {
  const mistake = explainDateFormat(format, zone);
  if (mistake === undefined) return;
  throw new FerryError("MAPPING_INVALID", `${configPath}: ${mistake}`, {
    hint: "State how the source writes it: epoch-s, epoch-ms, filetime, generalized-time, iso, or tokens such as dd.MM.yyyy HH:mm with a zone",
  });
}

function present(readers: readonly (Reader | undefined)[]): readonly Reader[] {
  return readers.filter((read) => read !== undefined);
}

function isList(rules: Rule | readonly Rule[]): rules is readonly Rule[] {
  return Array.isArray(rules);
}

/** Applies a step to what is there; nothing stays nothing, and what cannot be used stays so. */
function over(
  read: Reader | undefined,
  step: (value: Exclude<Reading, Unusable | undefined | null>) => Reading,
): Reader | undefined {
  if (read === undefined) return undefined;
  return (record) => {
    const reading = read(record);
    if (reading instanceof Unusable) return reading;
    return reading === undefined || reading === null || !isPresent(reading) ? undefined : step(reading);
  };
}

function withoutNullWord(reading: Reading, nullWords: ReadonlySet<string>): Reading {
  return typeof reading === "string" && nullWords.has(reading.trim()) ? undefined : reading;
}

function firstValue(readers: readonly Reader[], record: SourceRecord): Reading {
  for (const read of readers) {
    const reading = read(record);
    if (isPresent(reading)) return reading;
  }
  return undefined;
}

interface TemplatePath {
  readonly path: string;
}

const TEMPLATE_PART = /\{\{|\}\}|\{([^{}]+)\}|[^{}]+/gy;

/** The texts and paths of a template; undefined when a brace lacks its pair. */
function parseTemplate(template: string): readonly (string | TemplatePath)[] | undefined {
  const parts: (string | TemplatePath)[] = [];
  let end = 0;
  for (const match of template.matchAll(TEMPLATE_PART)) {
    const [text, path] = match;
    if (path !== undefined) parts.push({ path });
    else parts.push(text === "{{" ? "{" : text === "}}" ? "}" : text);
    end = match.index + text.length;
  }
  return end === template.length ? parts : undefined;
}

function fillTemplate(parts: readonly (string | Reader)[], record: SourceRecord): Reading {
  let filled = "";
  for (const part of parts) {
    if (typeof part === "string") {
      filled += part;
      continue;
    }
    const reading = part(record);
    if (reading instanceof Unusable) return reading;
    if (!isPresent(reading)) return undefined;
    const text = textOf(reading ?? "");
    if (text instanceof Unusable) return text;
    filled += text;
  }
  return filled;
}

function join(readers: readonly Reader[], record: SourceRecord, separator: string): Reading {
  const texts: string[] = [];
  for (const read of readers) {
    const reading = read(record);
    if (reading instanceof Unusable) return reading;
    for (const element of elementsOf(reading)) {
      if (!isPresent(element)) continue;
      const text = textOf(element);
      if (text instanceof Unusable) return text;
      texts.push(text);
    }
  }
  return texts.length === 0 ? undefined : texts.join(separator);
}

function split(value: JsonValue, { at: separator, take }: SplitRule): Reading {
  const text = textOf(value);
  if (text instanceof Unusable) return text;
  const parts = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return take === undefined ? parts : parts.at(take);
}

/** What a table says of a text; undefined when it says nothing of it. */
type FindInTable = (text: string) => Scalar | null | undefined;

/**
 * The table of a rule. One that says yes or no (true, false and null alone) is of words, whose case means nothing; in
 * any other a text can be a name or a code, and is compared as it is.
 */
function tableOf(rule: LookupRule): FindInTable {
  const entries = Object.entries(rule.table);
  const table = new Map(entries);
  const said = entries.map(([, found]) => found).filter((found) => found !== null);
  if (said.length === 0 || !said.every((found) => typeof found === "boolean")) {
    return (text) => table.get(text);
  }
  const byWord = Map.groupBy(entries, ([key]) => wordOf(key));
  return (text) => {
    const exact = table.get(text);
    if (exact !== undefined) return exact;
    const [alike, ...others] = byWord.get(wordOf(text)) ?? [];
    return others.length === 0 ? alike?.[1] : undefined;
  };
}

function wordOf(text: string): string {
  return toNfc(text).toLowerCase();
}

function lookup(value: JsonValue, find: FindInTable, rule: LookupRule): Reading {
  if (!Array.isArray(value)) return lookupOne(value, find, rule);
  const found: JsonValue[] = [];
  for (const element of value as readonly JsonValue[]) {
    const reading = lookupOne(element, find, rule);
    if (reading instanceof Unusable) return reading;
    if (reading !== undefined && reading !== null) found.push(reading);
  }
  return found;
}

function lookupOne(value: JsonValue, find: FindInTable, rule: LookupRule): Reading {
  const text = textOf(value);
  if (text instanceof Unusable) return text;
  const found = find(text);
  if (found !== undefined) return found;
  if (rule.otherwise !== undefined) return rule.otherwise;
  return rule.keepOthers === true
    ? value
    : new Unusable("lookup-missing", "the lookup table of its rule does not have the value");
}

function parseText(value: JsonValue): JsonValue | Unusable {
  // A database's JSON column may come parsed already.
  if (typeof value !== "string") return value;
  try {
    return parseJson(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Unusable("json-unreadable", "the text is not JSON");
  }
}

function parsePhpText(value: JsonValue): JsonValue | Unusable {
  if (typeof value !== "string") return value;
  return (
    parsePhp(value.trim()) ?? new Unusable("json-unreadable", "the text is not what PHP's serialize writes")
  );
}

/** The keys of an object that are set to true; of a list, its elements. */
function keysOf(value: JsonValue): Reading {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.entries(value).flatMap(([key, flag]) => (parseFlag(flag) === true ? [key] : []));
}

function toJson(value: JsonValue): Reading {
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  if (isEmpty) return undefined;
  if (holdsInexact(value)) return INEXACT;
  return writeJson(value) ?? new Unusable("attribute-type", "the value is nested too deeply to be written");
}

function buildObject(readers: readonly (readonly [string, Reader])[], record: SourceRecord): Reading {
  const entries: [string, JsonValue][] = [];
  for (const [key, read] of readers) {
    const reading = read(record);
    if (reading instanceof Unusable) return reading;
    if (reading !== undefined && isPresent(reading)) entries.push([key, reading]);
  }
  // From entries, so that a key named __proto__ is a key.
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The opposite of a flag; nothing has none, and what is no flag stays as it is. */
export function negateFlag(reading: Reading): Reading {
  if (reading instanceof Unusable) return reading;
  if (reading === undefined || !isPresent(reading)) return undefined;
  const flag = parseFlag(reading);
  return flag === undefined ? reading : !flag;
}

/**
 * Several flags as one: of this value where one of them has it, else of the other. One that is missing is false; one that is
 * no flag stays as it is, unless the others decide without it. Nothing where none of them is there.
 */
function combineFlags(readings: readonly Reading[], decisive: boolean): Reading {
  if (readings.every((reading) => !isPresent(reading))) return undefined;
  let unreadable: Reading;
  for (const reading of readings) {
    const flag = reading instanceof Unusable ? undefined : parseFlag(reading);
    if (flag === decisive) return decisive;
    if (flag === undefined) unreadable = reading;
  }
  return unreadable ?? !decisive;
}

/** Whether a whole number has one of the bits of a mask, in 64 bits, as negative numbers count too. */
function hasBit(value: JsonValue, mask: number): Reading {
  const text = textOf(value);
  if (text instanceof Unusable) return text;
  if (!/^-?\d{1,19}$/.test(text)) return new Unusable("flag-unreadable", "it is no whole number with bits");
  return (BigInt.asIntN(64, BigInt(text)) & BigInt(mask)) !== 0n;
}

/** What stands behind a prefix, in the first text that begins with it; undefined where none does. */
function behindPrefix(list: JsonValue, prefix: string): Reading {
  for (const element of elementsOf(list)) {
    if (typeof element === "string" && element.startsWith(prefix)) return element.slice(prefix.length);
  }
  return undefined;
}

/** Whether a value stands in a list, compared as texts in lower case; undefined where there is no value. */
function isListed(value: Reading, list: Reading): Reading {
  if (value instanceof Unusable) return value;
  if (list instanceof Unusable) return list;
  if (value === undefined || value === null || !isPresent(value)) return undefined;
  const text = comparedText(value);
  if (text instanceof Unusable) return text;
  return elementsOf(list).some((element) => comparedText(element) === text);
}

function comparedText(value: JsonValue): string | Unusable {
  const text = textOf(value);
  return text instanceof Unusable ? text : wordOf(text);
}

function toUuid(value: JsonValue): Reading {
  const text = textOf(value);
  if (text instanceof Unusable) return text;
  return text.isWellFormed()
    ? uuidOf(toNfc(text))
    : new Unusable("attribute-type", "the text holds half a character (a lone surrogate)");
}

/** The keys that a path goes through; of a table its column. */
function keysOfPath(path: string, shape: SourceShape): readonly string[] {
  if (shape.kind === "table") return [path];
  return (parsePath(path) ?? []).filter((segment) => typeof segment === "string");
}
