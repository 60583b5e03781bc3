import type { Pool } from "../core/pool.ts";
import type { Mapping } from "../transform/mapping.ts";
import type { Rule } from "../transform/rule.ts";
import { describeField, shownName } from "./describe-field.ts";
import { flagWordOf, type WordKind } from "./flag-words.ts";
import { fieldsByRole, type FieldRole } from "./field-roles.ts";
import { spellingOf } from "./spelling.ts";
import type { FieldSurvey, Survey } from "./survey-fields.ts";

/** One line of a proposed mapping. */
export interface ProposedRule {
  readonly key: string;
  /** Undefined for a line that has only comments. */
  readonly rule: Rule | Mapping["passwordHash"] | readonly string[];
  /** Others are written as comments, for the operator to decide. */
  readonly isActive: boolean;
  readonly comments: readonly string[];
}

/** A mapping made of the names of fields and the shapes of their values. */
export interface ProposedMapping {
  readonly parts: readonly ProposedRule[];
  readonly attributes: readonly ProposedRule[];
  /** Fields that no line speaks of. */
  readonly unmapped: readonly FieldSurvey[];
  /** What the operator must know before the first plan. */
  readonly warnings: readonly string[];
}

/** Attributes whose value is taken as it stands in the field of their role. */
const PLAIN_ATTRIBUTES = [
  "name",
  "given_name",
  "family_name",
  "middle_name",
  "nickname",
  "picture",
  "profile",
  "website",
  "gender",
  "zoneinfo",
  "locale",
] as const satisfies readonly FieldRole[];

/**
 * Proposes a mapping for what was surveyed. What lets users in (verified flags, trust) is never proposed as an active
 * rule without a field that says it in so many words; everything uncertain is a comment.
 */
export function proposeMapping(survey: Survey, pool: Pool | undefined): ProposedMapping {
  return new Proposer(survey, pool).propose();
}

class Proposer {
  readonly #survey: Survey;
  readonly #pool: Pool | undefined;
  readonly #byRole: ReturnType<typeof fieldsByRole>;
  readonly #used = new Set<string>();
  readonly #warnings: string[] = [];

  constructor(survey: Survey, pool: Pool | undefined) {
    this.#survey = survey;
    this.#pool = pool;
    this.#byRole = fieldsByRole(survey);
  }

  propose(): ProposedMapping {
    const attributes = this.#attributes();
    const others = this.#parts();
    const parts = [...others, ...this.#nullWords([...others, ...attributes])];
    this.#warnOfRequired(attributes);
    const unmapped = this.#survey.fields.filter(
      ({ path, objects, filled }) => !this.#used.has(path) && !(objects > 0 && objects === filled),
    );
    return { parts, attributes, unmapped, warnings: [...this.#warnings, ...this.#doubles()] };
  }

  #parts(): readonly ProposedRule[] {
    return [
      this.#username(),
      ...this.#plain("sourceId", "sourceId", "the old id, for identity-map.csv"),
      ...this.#state(),
      ...this.#flagPart("deleted", "deleted", "such users are skipped unless policies.deleted says create"),
      ...this.#flagPart(
        "anonymous",
        "anonymous",
        "such users are skipped unless policies.anonymous says create",
      ),
      ...this.#groups(),
      ...this.#passwordHash(),
      ...this.#changedAt(),
      ...this.#phoneCountry(),
    ];
  }

  #phoneCountry(): readonly ProposedRule[] {
    const field = this.#field("phone");
    if (field === undefined || field.shapes.e164 === field.filled) return [];
    const why = "the country of phone numbers that name none, if it is one for all: two letters of ISO 3166";
    return [{ key: "phoneCountry", rule: "DE", isActive: false, comments: [why] }];
  }

  #passwordHash(): readonly ProposedRule[] {
    const field = this.#byRole.get("passwordHash")?.find(({ isSecret }) => isSecret);
    if (field === undefined) return [];
    const isHash = HASH_NAME.test(spellingOf(field.name));
    const why = isHash
      ? "taken over where an import job takes its kind; the other users must reset the password"
      : "only if it holds hashes of passwords";
    const hasher = this.#survey.fields.find(({ name }) => spellingOf(name) === "passwordhasher");
    const comments = [this.#seen(field), ...(hasher === undefined ? [] : [this.#seen(hasher)]), why];
    const rule = hasher === undefined ? field.path : { hash: field.path, hasher: hasher.path };
    return [{ key: "passwordHash", rule, isActive: isHash, comments }];
  }

  #changedAt(): readonly ProposedRule[] {
    const field = this.#byRole.get("updated_at")?.[0] ?? this.#byRole.get("createdAt")?.[0];
    if (field === undefined) return [];
    const rule = field.shapes.zonedTime === field.filled ? field.path : statedDate(field);
    const why = "tells which of two users who clash is the newer one (updated_at does where it is left out)";
    return [{ key: "changedAt", rule, isActive: false, comments: [this.#seen(field), why] }];
  }

  #username(): ProposedRule {
    const fields = this.#usernameRoles().flatMap((role) => this.#field(role) ?? []);
    for (const field of fields) this.#use(field);
    const [first] = fields;
    if (first === undefined) {
      this.#warnings.push("No field was recognised as the username: a plan needs mapping.username");
      return {
        key: "username",
        rule: "NAME_OF_A_FIELD",
        isActive: false,
        comments: ["what users are called in the pool"],
      };
    }
    return {
      key: "username",
      rule: fields.length === 1 ? first.path : { firstOf: fields.map(({ path }) => path) },
      isActive: true,
      comments: [
        fields.length === 1
          ? `${shownName(first.path)}: ${describeField(first, this.#survey)}`
          : "the first of these that the pool accepts as a username; take out what must never be one",
        ...this.#fallback(first),
      ],
    };
  }

  #fallback({ filled, path }: FieldSurvey): readonly string[] {
    const readable = this.#survey.rows - this.#survey.unreadable;
    return filled < readable ? [`${readable - filled} of the rows looked at have no ${shownName(path)}`] : [];
  }

  #usernameRoles(): readonly FieldRole[] {
    const contacts = this.#pool?.usernameAttributes ?? [];
    if (contacts.length > 0) return contacts.map((contact) => (contact === "email" ? "email" : "phone"));
    return this.#pool?.aliasAttributes.includes("email") === true
      ? ["username", "sourceId"]
      : ["username", "email", "sourceId"];
  }

  #nullWords(lines: readonly ProposedRule[]): readonly ProposedRule[] {
    const words = new Set(this.#survey.fields.flatMap(({ nullWords }) => [...nullWords]));
    // Only the first rows were looked at: such a word further down must not make anyone verified.
    const hasTimes = lines.some(
      ({ rule, isActive }) => isActive && typeof rule === "object" && rule !== null && "present" in rule,
    );
    if (hasTimes) for (const word of NO_TIMES) words.add(word);
    if (words.size === 0) return [];
    const comments = [
      "texts that mean nothing in this source; take out what is a value (a family name can be Null)",
      ...(hasTimes
        ? [`${NO_TIMES.join(", ")} must not pass for a time, wherever { present: … } asks for one`]
        : []),
    ];
    return [{ key: "nullWords", rule: [...words].sort(), isActive: true, comments }];
  }

  /** Whether a user may sign in. */
  #state(): readonly ProposedRule[] {
    const disabled = this.#flagPart("disabled", "disabled", "such users are created and disabled at once");
    const enabled = this.#flagPart("enabled", "enabled", "the others are created and disabled at once");
    const isStated = disabled.some(({ isActive }) => isActive);
    const others = isStated ? enabled.map((line) => ({ ...line, isActive: false })) : enabled;
    const until = this.#suggest("bannedUntil", "disabled", {
      rule: ({ path }) => ({ present: path }),
      why: "true also for times that are over: look at the values first",
    });
    const isSaid = isStated || enabled.some(({ isActive }) => isActive);
    return [...disabled, ...others, ...until, ...this.#status(isSaid)];
  }

  /** A status in well-known words says who may sign in, unless another field does. */
  #status(isSaid: boolean): readonly ProposedRule[] {
    const field = this.#field("status");
    if (field === undefined) return [];
    const rule = wordRule(field, ["state"]);
    const comments =
      rule === undefined
        ? [this.#seen(field), "with the words that stand in your source"]
        : [this.#seen(field), "the others are created and disabled at once", ...wordsComment(rule)];
    const proposed = rule ?? { lookup: field.path, table: { active: true, suspended: false } };
    return [{ key: "enabled", rule: proposed, isActive: rule !== undefined && !isSaid, comments }];
  }

  #groups(): readonly ProposedRule[] {
    return this.#suggest("groups", "groups", {
      rule: listRule,
      why: "the pool's groups, a list or one name; Cognito takes no spaces in them, see clean and lookup",
    });
  }

  #attributes(): readonly ProposedRule[] {
    const phone = this.#field("phone");
    return [
      ...this.#email(),
      ...(phone === undefined ? [] : this.#phone(phone)),
      ...this.#verified("phone_number", phone),
      ...PLAIN_ATTRIBUTES.flatMap((role) => this.#plain(role, role)),
      ...this.#birthdate(),
      ...this.#updatedAt(),
      ...this.#custom(),
    ].map((line) => this.#onlySettable(line));
  }

  #email(): readonly ProposedRule[] {
    const field = this.#field("email");
    if (field === undefined) return [];
    const odd = field.filled - field.shapes.email;
    const found: ProposedRule = {
      key: "email",
      rule: field.path,
      isActive: true,
      comments: [
        this.#seen(field),
        ...(odd === 0 ? [] : [`${odd} of them do not look like an e-mail address`]),
      ],
    };
    return [found, ...this.#verified("email", field)];
  }

  #phone(field: FieldSurvey): readonly ProposedRule[] {
    const odd = field.filled - field.shapes.e164;
    const country = odd === 0 ? undefined : this.#field("country");
    const found: ProposedRule = {
      key: "phone_number",
      rule: field.path,
      isActive: true,
      comments: [
        this.#seen(field),
        ...(odd === 0
          ? []
          : [
              `${odd} of ${field.filled} are not written as + country code and digits; what cannot be read so is left out (phoneCountry helps)`,
            ]),
      ],
    };
    if (country === undefined) return [found];
    const rule = { phone: field.path, country: country.path };
    const why = "if this is the country of numbers that name none, instead of the line above";
    return [found, { key: "phone_number", rule, isActive: false, comments: [this.#seen(country), why] }];
  }

  /** A verified flag: active only where a field says it of this very contact. */
  #verified(contact: "email" | "phone_number", of: FieldSurvey | undefined): readonly ProposedRule[] {
    if (of === undefined) return [];
    const key = `${contact}_verified`;
    const [flag, time, list] =
      contact === "email"
        ? (["emailVerified", "emailVerifiedAt", "verifiedEmails"] as const)
        : (["phoneVerified", "phoneVerifiedAt", "verifiedPhones"] as const);
    const field = this.#field(flag) ?? this.#field(time);
    const listField = this.#field(list);
    if (field === undefined && listField !== undefined) return [this.#verifiedList(key, of, listField)];
    if (field === undefined) {
      return [
        contact === "email"
          ? this.#unsaid(key, "address", this.#field("anyVerified"))
          : this.#unsaid(key, "number", undefined),
      ];
    }
    const rule = flagRule(field) ?? wordRule(field, ["answer", "verification"]);
    // A time of confirmation may be that of the other contact.
    const isAmbiguous =
      spellingOf(field.name) === "confirmedat" && this.#field("phoneVerifiedAt") !== undefined;
    const comments = [
      this.#seen(field),
      ...(rule === undefined
        ? ["its values are neither flags nor times throughout: say what they mean"]
        : wordsComment(rule)),
      ...(isAmbiguous ? ["it may be the time at which the phone was confirmed"] : []),
    ];
    return [{ key, rule: rule ?? flagByName(field), isActive: rule !== undefined && !isAmbiguous, comments }];
  }

  #verifiedList(key: string, of: FieldSurvey, list: FieldSurvey): ProposedRule {
    const isList = list.lists > 0;
    const comments = [
      this.#seen(list),
      isList
        ? "true where this very address or number is in the list"
        : "true where this very address or number is in the list, whose elements stand apart by a bar",
    ];
    const rule = { listed: of.path, in: isList ? list.path : { split: list.path, at: "|" } };
    return { key, rule, isActive: true, comments };
  }

  /** Where no field says it: what the operator could say instead. */
  #unsaid(key: string, contact: "address" | "number", field: FieldSurvey | undefined): ProposedRule {
    if (field !== undefined) {
      const why = "it may mean something else than a verified address or number";
      return { key, rule: field.path, isActive: false, comments: [this.#seen(field), why] };
    }
    const comments = [
      `no field says it of the ${contact}, so none counts as verified. trustSource takes your word for everyone:`,
      `who reads what comes to one that was wrongly called verified takes over the account`,
    ];
    return { key, rule: { trustSource: true }, isActive: false, comments };
  }

  #birthdate(): readonly ProposedRule[] {
    const field = this.#field("birthdate");
    if (field === undefined) return [];
    const isPlain = field.shapes.date === field.filled;
    return [this.#dateRule("birthdate", field, isPlain)];
  }

  #updatedAt(): readonly ProposedRule[] {
    const field = this.#field("updated_at");
    if (field === undefined) return [];
    const isPlain = field.shapes.zonedTime + field.shapes.epochSeconds === field.filled;
    return [this.#dateRule("updated_at", field, isPlain)];
  }

  /** A date as it stands, or with the format that the operator must confirm. */
  #dateRule(key: string, field: FieldSurvey, isPlain: boolean): ProposedRule {
    if (isPlain) return { key, rule: field.path, isActive: true, comments: [this.#seen(field)] };
    const comments = [this.#seen(field), "left out unless you state the format; is this it?"];
    return { key, rule: statedDate(field), isActive: false, comments };
  }

  /** The custom attributes of the pool, for fields of the same name and for the old id. */
  #custom(): readonly ProposedRule[] {
    const custom = (this.#pool?.attributes ?? []).filter(
      ({ name }) => name.startsWith("custom:") && this.#pool?.csvHeader.includes(name) === true,
    );
    const sourceId = this.#field("sourceId");
    return custom.map(({ name }): ProposedRule => {
      const spelling = spellingOf(name.slice("custom:".length));
      const field =
        this.#survey.fields.find((each) => spellingOf(each.name) === spelling && !each.isSecret) ??
        (OLD_ID.test(spelling) ? sourceId : undefined);
      return field === undefined
        ? {
            key: name,
            rule: "NAME_OF_A_FIELD",
            isActive: false,
            comments: ["the pool has it; no field is called so"],
          }
        : { key: name, rule: field.path, isActive: true, comments: [this.#seen(field)] };
    });
  }

  /** A rule for what the pool cannot set would stop the plan. */
  #onlySettable(line: ProposedRule): ProposedRule {
    if (!line.isActive || this.#pool === undefined || this.#pool.csvHeader.includes(line.key)) return line;
    return { ...line, isActive: false, comments: [...line.comments, "this pool cannot set it"] };
  }

  #warnOfRequired(attributes: readonly ProposedRule[]): void {
    const given = new Set(attributes.filter(({ isActive }) => isActive).map(({ key }) => key));
    const usernames: readonly string[] = this.#pool?.usernameAttributes ?? [];
    const missing = (this.#pool?.attributes ?? []).filter(
      ({ name, required }) => required && name !== "sub" && !given.has(name) && !usernames.includes(name),
    );
    for (const { name } of missing)
      this.#warnings.push(`The pool requires ${name} of every user: a plan needs mapping.attributes.${name}`);
  }

  /** Fields whose names differ in case, spaces or separators only. */
  #doubles(): readonly string[] {
    const bySpelling = Map.groupBy(this.#survey.fields, ({ container, name }) =>
      JSON.stringify([container, spellingOf(name)]),
    );
    return [...bySpelling.values()]
      .filter((fields) => fields.length > 1)
      .map((fields) => `Fields that read alike: ${fields.map(({ path }) => shownName(path)).join(", ")}`);
  }

  #plain(role: FieldRole, key: string, why?: string): readonly ProposedRule[] {
    const field = this.#field(role);
    if (field === undefined) return [];
    const comments = [this.#seen(field), ...(why === undefined ? [] : [why])];
    return [{ key, rule: field.path, isActive: field.lists === 0, comments }];
  }

  #flagPart(role: FieldRole, key: string, why: string): readonly ProposedRule[] {
    const field = this.#field(role);
    if (field === undefined) return [];
    const rule = flagRule(field) ?? wordRule(field, WORDS_OF_FLAG[key] ?? ["answer"], key === "disabled");
    const comments = [
      this.#seen(field),
      ...(rule === undefined ? [UNCLEAR_FLAG] : [why, ...wordsComment(rule)]),
    ];
    return [{ key, rule: rule ?? flagByName(field), isActive: rule !== undefined, comments }];
  }

  #suggest(
    role: FieldRole,
    key: string,
    { rule, why }: { readonly rule: (field: FieldSurvey) => Rule; readonly why: string },
  ): readonly ProposedRule[] {
    const field = this.#field(role);
    if (field === undefined) return [];
    return [{ key, rule: rule(field), isActive: false, comments: [this.#seen(field), why] }];
  }

  #field(role: FieldRole): FieldSurvey | undefined {
    return this.#byRole.get(role)?.find(({ isSecret }) => !isSecret);
  }

  #seen(field: FieldSurvey): string {
    this.#use(field);
    return `${shownName(field.path)}: ${describeField(field, this.#survey)}`;
  }

  #use({ path }: FieldSurvey): void {
    this.#used.add(path);
  }
}

/** Names of fields that cannot hold a password itself. */
const HASH_NAME = /digest|hash|encrypted|verschl(u|ue)sselt/;

const UNCLEAR_FLAG = "its values are not flags throughout, nor times: say what they mean";

/** What databases write for a time that there is not. */
const NO_TIMES = ["NULL", "\\N", "0000-00-00 00:00:00"] as const;

/** Spellings of a custom attribute that keeps the user's id of before. */
const OLD_ID = /^(legacy|old|source|external|previous)(user)?id$/;

/**
 * How a field says yes or no: as a flag, or as a time that is there or not. Undefined when its values are neither
 * throughout, or when it is always empty.
 */
function flagRule(field: FieldSurvey): Rule | undefined {
  const { filled, shapes, path, lists, objects } = field;
  if (lists + objects > 0) return undefined;
  const times =
    shapes.epochSeconds + shapes.epochMilliseconds + shapes.zonedTime + shapes.unzonedTime + shapes.date;
  if (filled > 0 && shapes.flag === filled) return path;
  if (filled > 0 && times === filled) return { present: path };
  return undefined;
}

/** What words may answer where a flag is asked for, besides yes and no. */
const WORDS_OF_FLAG: Readonly<Record<string, readonly WordKind[]>> = {
  enabled: ["answer", "state"],
  disabled: ["answer", "state"],
};

/**
 * The lookup of exactly the words that a field holds, where each of its values is a well-known word of these kinds. With
 * `isOpposite`, a word for someone who may sign in says no. Undefined for other fields.
 */
function wordRule(field: FieldSurvey, kinds: readonly WordKind[], isOpposite = false): Rule | undefined {
  const { filled, answers, flagWords, path, lists, objects } = field;
  const known = kinds.reduce((sum, kind) => sum + answers[kind], 0);
  if (filled === 0 || known !== filled || lists + objects > 0) return undefined;
  const table = [...flagWords].sort().flatMap((text): [string, boolean][] => {
    const word = flagWordOf(text);
    return word === undefined ? [] : [[text, word.isYes !== (isOpposite && word.kind === "state")]];
  });
  return { lookup: path, table: Object.fromEntries(table) };
}

function wordsComment(rule: Rule): readonly string[] {
  return typeof rule === "object" && "lookup" in rule
    ? ["these are all the words in the rows looked at; a user with another one is named in the warnings"]
    : [];
}

/** A list as it stands, or the text that holds one: JSON, or elements that stand apart by a separator. */
function listRule({ path, lists, shapes, filled }: FieldSurvey): Rule {
  if (lists > 0) return path;
  if (filled > 0 && shapes.jsonList === filled) return { parse: path };
  const at = shapes.bars > 0 ? "|" : shapes.semicolons > 0 ? ";" : shapes.commas > 0 ? "," : undefined;
  return at === undefined ? path : { split: path, at };
}

/** The format that a field's dates most likely have; a table of one order cannot tell days from months. */
function statedDate({ path, shapes, filled }: FieldSurvey): Rule {
  if (shapes.epochMilliseconds > 0) return { date: path, format: "epoch-ms" };
  if (shapes.epochSeconds > 0) return { date: path, format: "epoch-s" };
  if (shapes.unzonedTime === filled) return { date: path, format: "yyyy-MM-dd HH:mm:ss", zone: "UTC" };
  if (shapes.otherTime > 0) return { date: path, format: "dd.MM.yyyy HH:mm", zone: "UTC" };
  return { date: path, format: "dd.MM.yyyy" };
}

/** What a field's name says of how it says yes or no: those that end in "at" or "am" hold a time, or nothing. */
function flagByName({ name, path }: FieldSurvey): Rule {
  return /(at|am)$/.test(spellingOf(name)) ? { present: path } : path;
}
