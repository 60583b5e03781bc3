import { DEFAULT_RULES, type Rules, type RuleSettings } from "../rules.ts";

/** Keys of settings that are one of a few words or numbers. */
type ChoiceKey = {
  [Key in keyof Rules]: Rules[Key] extends string | number
    ? string extends Rules[Key]
      ? never
      : number extends Rules[Key]
        ? never
        : Key
    : never;
}[keyof Rules];

const CHOICES: { readonly [Key in ChoiceKey]: readonly Rules[Key][] } = {
  firstLineNumber: [1, 2],
  logDelivery: ["while-in-progress", "at-the-end", "never"],
  logRole: ["any", "must-exist"],
  hashWithoutAlgorithm: ["ignored", "fails-the-row", "fails-the-job"],
  filterTermsMatch: ["words", "parts"],
  oneActiveJobPer: ["account", "pool"],
  wrongFieldCount: ["fails-the-row", "fails-the-job"],
  existingUserCheck: ["before-values", "after-values"],
  aliasConflict: ["failed", "skipped", "moved"],
  birthdateStoredAs: ["api-form", "csv-form"],
  importedStatus: [
    "UNCONFIRMED",
    "CONFIRMED",
    "ARCHIVED",
    "COMPROMISED",
    "UNKNOWN",
    "RESET_REQUIRED",
    "FORCE_CHANGE_PASSWORD",
    "EXTERNAL_PROVIDER",
  ],
  resetOfUnconfirmed: ["refused", "confirms"],
  signInCodesGoTo: ["verified", "any"],
  unnamedWriteAttributes: ["all", "standard"],
  aliasOnUpdate: ["move", "refuse"],
  poolChangesDuringImport: ["refused", "allowed"],
  aliasExistsError: ["AliasExistsException", "UsernameExistsException"],
};

/** Keys of settings that are lists of a few words. */
type ListKey = {
  [Key in keyof Rules]: Rules[Key] extends readonly string[] ? Key : never;
}[keyof Rules];

const LISTED: { readonly [Key in ListKey]: Rules[Key] } = {
  stoppableStatuses: ["Created", "Pending", "InProgress"],
  alsoCountsAsActive: [
    "AdminDeleteUser",
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminLinkProviderForUser",
    "AdminListGroupsForUser",
    "AdminSetUserMFAPreference",
  ],
  mfaPreferenceRefusedFor: CHOICES.importedStatus,
  pbkdf2Base64: ["dot", "plus", "padding"],
};

/** Reads settings that came as JSON, where patterns are texts and what has no end is null. Throws a TypeError that names what is wrong. */
export function readRules(given: unknown): RuleSettings {
  return readObject(given, DEFAULT_RULES, "");
}

/** Settings as JSON. */
export function writeRules(rules: Rules): object {
  const entries = Object.entries(rules).map(([name, value]: [string, unknown]) => {
    return [name, value instanceof RegExp ? value.source : value] as const;
  });
  return Object.fromEntries(entries);
}

function readObject<Settings extends object>(
  given: unknown,
  defaults: Settings,
  path: string,
): Partial<Settings> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${path === "" ? "the settings" : path} must be an object`);
  }
  const read = Object.entries(given).map(([name, value]: [string, unknown]) => {
    if (!Object.hasOwn(defaults, name)) throw new TypeError(`there is no setting ${path}${name}`);
    const known: unknown = defaults[name as keyof Settings];
    return [name, readValue(value, known, path + name)];
  });
  // Every name and value has just been held against the defaults.
  return Object.fromEntries(read) as Partial<Settings>;
}

function readValue(value: unknown, known: unknown, name: string): unknown {
  if (known instanceof RegExp) return readPattern(value, known, name);
  if (Array.isArray(known)) {
    const words: readonly unknown[] = wordsFor(LISTED, name) ?? [];
    if (Array.isArray(value) && value.every((item) => words.includes(item))) return value;
    throw new TypeError(`${name} must be a list of ${words.join(", ")}`);
  }
  if (typeof known === "object" && known !== null) return readObject(value, known, `${name}.`);
  if (known === Infinity && value === null) return Infinity;
  if (typeof value !== typeof known) throw new TypeError(`${name} must be a ${typeof known}`);
  if (typeof value === "number" && value < 0) throw new TypeError(`${name} must not be negative`);
  const choices = wordsFor(CHOICES, name);
  if (choices !== undefined && !choices.includes(value)) {
    throw new TypeError(`${name} must be one of ${choices.join(", ")}`);
  }
  return value;
}

function wordsFor(table: Readonly<Record<string, readonly unknown[]>>, name: string) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function readPattern(value: unknown, { flags }: RegExp, name: string): RegExp {
  if (typeof value !== "string") throw new TypeError(`${name} must be a pattern`);
  try {
    return new RegExp(value, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new TypeError(`${name}: ${error.message}`, { cause: error });
  }
}
