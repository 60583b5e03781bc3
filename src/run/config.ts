import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLParseError,
} from "yaml";
import { z } from "zod";
import { didYouMean } from "../core/did-you-mean.ts";
import { FerryError } from "../core/ferry-error.ts";
import { VERIFIED_FLAG } from "../core/pool.ts";
import { VARIABLE_NAME } from "../core/variable-name.ts";
import { FILE_OPTIONS } from "../extract/open-source.ts";
import { PLACE_KEYS, placeKeyOf, type PlaceKey } from "../extract/place-key.ts";
import { AUTO, SOURCE_TYPES } from "../extract/sources.ts";
import { mappingSchema } from "../transform/mapping.ts";
import { syncSchema } from "../sync/sync-policies.ts";
import { policiesSchema } from "../transform/policies.ts";
import { RULE_KEYS } from "../transform/rule.ts";
import { keysAt } from "./config-keys.ts";

/** What is wrong with the keys that say where a source is, and which key it is. */
function explainPlace(
  source: { readonly type: string } & Readonly<Partial<Record<PlaceKey, unknown>>>,
): { readonly key: PlaceKey; readonly text: string } | undefined {
  const wanted = placeKeyOf(source.type);
  const other = Object.values(PLACE_KEYS).find((key) => key !== wanted && source[key] !== undefined);
  if (other !== undefined)
    return { key: other, text: `a source of type ${source.type} has ${wanted} in its place` };
  return source[wanted] === undefined ? { key: wanted, text: "it is missing" } : undefined;
}

const SOURCE_TYPE_NAMES = [...SOURCE_TYPES.map(({ type }) => type), AUTO];

/** The name of an environment variable; what is none may be the secret itself. */
const environmentVariable = z.string().regex(VARIABLE_NAME, {
  error: "expected the name of an environment variable, and never its value",
});

/** A config file: all that the command line can say, and the mapping. The command line overrides it. */
const configSchema = z
  .strictObject({
    source: z
      .strictObject({
        type: z.enum(SOURCE_TYPE_NAMES).describe("What the source is"),
        path: z
          .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
          .optional()
          .describe(
            "The file, relative to this config file; or several, or a pattern such as users-*.json, whose rows count as one source",
          ),
        urlEnv: environmentVariable
          .optional()
          .describe("The environment variable that holds the address of a live source, with its credentials"),
        userPoolId: z.string().min(1).optional().describe("The user pool that users are read from"),
        region: z
          .string()
          .min(1)
          .optional()
          .describe(
            "The region of the user pool that users are read from; the one its id names when left out",
          ),
        profile: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A profile of the AWS configuration that may read the user pool that users are read from",
          ),
        endpointUrl: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe("A Cognito-compatible service, instead of AWS, that users are read from"),
        separator: z
          .string()
          .length(1)
          .optional()
          .describe("The separator of a CSV file; recognised when left out"),
        skipLines: z.int().min(0).optional().describe("How many lines of a CSV file stand before its header"),
        list: z.string().min(1).optional().describe("The key of the list of users in a JSON document"),
        groups: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A file with the groups of the users, where the source exports them on their own, relative to this config file",
          ),
        passwordHashes: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A file with the users' password hashes, where the source exports them on their own, relative to this config file",
          ),
        usermeta: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A file with the rows of WordPress's wp_usermeta, relative to this config file, which are joined to the users",
          ),
        query: z.string().min(1).optional().describe("The SQL that reads the users; a row is a user"),
        preset: z
          .string()
          .min(1)
          .optional()
          .describe(
            "Whose users a csv, ndjson or json file holds: brings the mapping of that source type; of a database the application whose tables it holds: brings a query too",
          ),
        cursorColumn: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A column of the query, or an attribute of a directory's entries, that grows with every change; rows come in its order, and a later plan goes on behind the last",
          ),
        baseDn: z.string().min(1).optional().describe("Below which entry of a directory users are read"),
        filter: z
          .string()
          .min(1)
          .optional()
          .describe("Which entries of a directory are read (RFC 4515); people and accounts when left out"),
        bindDn: z
          .string()
          .min(1)
          .optional()
          .describe("As whom a directory is read; anonymously when left out"),
        bindPasswordEnv: environmentVariable
          .optional()
          .describe("The environment variable that holds the password of bindDn"),
        startTls: z
          .boolean()
          .optional()
          .describe(
            "Whether a connection by ldap:// is encrypted before anything is said; false when left out",
          ),
        caFile: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A file with the certificates of the authorities that vouch for a directory, as PEM, relative to this config file; those of Node when left out",
          ),
        realm: z
          .string()
          .min(1)
          .optional()
          .describe(
            "The realm whose users are read, of an export of Keycloak or its database; the only one beside master when left out",
          ),
        after: z
          .string()
          .min(1)
          .optional()
          .describe(
            "Where an earlier plan of the same source ended, as its report.json says (source.cursor): only what is behind it is read",
          ),
      })
      .check(({ value, issues }) => {
        const message = explainPlace(value);
        if (message !== undefined)
          issues.push({ code: "custom", path: [message.key], message: message.text, input: value });
      })
      .optional()
      .describe("Where the users come from"),
    userPool: z
      .strictObject({
        id: z.string().min(1).optional().describe("The id of the target user pool"),
        region: z.string().min(1).optional().describe("Its region; the one its id names when left out"),
        expectAccount: z
          // Without quotes YAML makes a number of it, and its leading zeros are gone.
          .string({ error: "expected the 12 digits of an AWS account, in quotes" })
          .regex(/^\d{12}$/, { error: "expected the 12 digits of an AWS account" })
          .optional()
          .describe("The AWS account in which the pool must be, 12 digits in quotes; any when left out"),
        description: z
          .string()
          .min(1)
          .optional()
          .describe(
            "A file with what aws cognito-idp describe-user-pool prints, for those who may not read the pool, relative to this config file; only with signUp, and nothing but SignUp is called then",
          ),
        profile: z.string().min(1).optional().describe("A profile of the AWS configuration"),
        endpointUrl: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe("A Cognito-compatible service instead of AWS"),
        logsEndpointUrl: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe("The address of CloudWatch Logs, when it differs from endpointUrl"),
      })
      .optional()
      .describe("Where the users go"),
    importJob: z
      .strictObject({
        logsRoleArn: z.string().min(20).optional().describe("The role that lets an import job write its log"),
        waitMinutes: z
          .number()
          .min(0)
          .max(1_380)
          .optional()
          .describe(
            "How long to wait for another import job of the account, as only one can be active; 60 when left out",
          ),
      })
      .optional(),
    signUp: z
      .strictObject({
        clientId: z.string().min(1).max(128).describe("The app client that users sign up with"),
        clientSecretEnv: environmentVariable
          .optional()
          .describe("The environment variable that holds the client's secret; none when left out"),
        clientSecretFile: z
          .string()
          .min(1)
          .optional()
          .describe("A file with the client's secret that only you may read, relative to this config file"),
        confirm: z
          .boolean()
          .optional()
          .describe(
            "Whether users are confirmed afterwards with AdminConfirmSignUp, which needs AWS credentials; false when left out",
          ),
        messages: z
          .literal("allowed")
          .optional()
          .describe(
            "Must be allowed where the pool verifies addresses or numbers by itself, as Cognito then sends a code to everyone who signs up",
          ),
      })
      .optional()
      .describe("Has every user sign up with an app client, instead of import jobs and AdminCreateUser"),
    runDir: z.string().min(1).optional().describe("The folder of the run, relative to this config file"),
    ledger: z
      .string()
      .regex(/^postgres:[A-Za-z_]\w{0,63}$/, {
        error:
          "expected postgres: and the name of the environment variable that holds the database's address",
      })
      .optional()
      .describe(
        "Where ledgers are kept: postgres:VARIABLE, the variable that holds the address of a PostgreSQL; a file in the folder when left out",
      ),
    mapping: mappingSchema
      .optional()
      .describe("How a row becomes a user; overrides the preset of the source type"),
    hook: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A TypeScript or JavaScript file for what the mapping cannot say, relative to this config file",
      ),
    policies: policiesSchema.optional().describe("What becomes of users who are no ordinary ones"),
    sync: syncSchema.optional().describe("How the pool follows the source, and when"),
    limits: z
      .strictObject({
        unreadableRows: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe(
            "The share of rows, or of one flag in them, that cannot be read, above which a plan stops; 0.2 when left out",
          ),
        canaryUsers: z
          .int()
          .min(0)
          .optional()
          .describe(
            "How many users go first, for a trial, in a job of their own; 100 when left out, 0 for no trial",
          ),
        failedShare: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe("The share of failing users above which a run stops; 0.05 when left out"),
        quotaShare: z
          .number()
          .gt(0)
          .max(1)
          .optional()
          .describe(
            "The share of every request quota of the account that a run takes; 0.8 when left out, and the rest is left to the sign-ups of production",
          ),
      })
      .optional(),
  })
  .describe("A poolferry config file");

/** A checked config file, with its paths made absolute. docs/configuration.md says what each key means. */
export type Config = z.infer<typeof configSchema>;

/** The JSON Schema of a config file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { target: "draft-7", io: "input", reused: "inline" });
}

/**
 * Reads a YAML (or JSON) config file. Throws CONFIG_NOT_FOUND, or CONFIG_INVALID with file, line, column and the path of
 * every mistake.
 *
 * @example
 * ```ts
 * import { plan, readConfig } from "poolferry";
 *
 * const { source, userPool, importJob, mapping, policies } = await readConfig("ferry.yaml");
 * if (typeof source?.path !== "string" || userPool?.id === undefined) throw new Error("ferry.yaml says too little");
 * const { outcomes } = await plan({
 *   source: { type: source.type, path: source.path },
 *   userPoolId: userPool.id,
 *   logsRoleArn: importJob?.logsRoleArn,
 *   mapping,
 *   policies,
 * });
 * console.log(outcomes.rejected, "rejected");
 * ```
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new FerryError("CONFIG_NOT_FOUND", `The config file ${path} cannot be read`, {
      hint: "Check --config",
      cause: error,
    });
  });
  const lines = new LineCounter();
  // Its warnings would go to the terminal as the process's own; what they are about is refused below.
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const [syntaxError] = document.errors;
  if (syntaxError?.code === "DUPLICATE_KEY") throw stoodTwice(document, syntaxError, { path, lines });
  if (syntaxError !== undefined) {
    const [summary] = syntaxError.message.split("\n");
    throw invalid(`${path}: ${summary ?? syntaxError.code}`, "Mend the YAML");
  }
  const checked = checkDocument(document, path);
  if (!checked.success) {
    const content: unknown = document.toJS();
    const mistakes = checked.error.issues
      .flatMap((issue) => mistakesOf(issue, content))
      .map(withMeantKey)
      .map((mistake) => {
        const { line, col } = positionOf(document, mistake, lines);
        return `${path}:${line}:${col} ${mistake.path.join(".") || "the file"}: ${mistake.message}`;
      });
    throw invalid(
      mistakes.join("\n"),
      "docs/configuration.md has every key, and so has the JSON Schema dist/config.schema.json (both in the checkout, or in node_modules/poolferry), with which editors complete it",
    );
  }
  return withAbsolutePaths(checked.data, dirname(resolve(path)));
}

/** The error of a key that stands twice in one map, as two rules for one attribute do. */
function stoodTwice(
  document: Document,
  { pos: [start] }: YAMLParseError,
  { path, lines }: { readonly path: string; readonly lines: LineCounter },
): FerryError {
  let configPath = "a key";
  visit(document, {
    Pair(_index, pair, ancestors) {
      if ((pair.key as Node | null)?.range?.[0] !== start) return undefined;
      const keys = [...ancestors, pair].filter((each) => isPair(each)).map(({ key }) => String(key));
      configPath = keys.join(".");
      return visit.BREAK;
    },
  });
  const { line, col } = lines.linePos(start);
  return invalid(`${path}:${line}:${col} ${configPath} stands twice`, "Keep one of the two");
}

function checkDocument(document: Document, path: string): z.ZodSafeParseResult<Config> {
  try {
    return configSchema.safeParse(document.toJS() ?? {}, { reportInput: false });
  } catch (error) {
    // An alias that is not there, that holds itself, or that unfolds without end.
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error;
    throw invalid(`${path}: ${error.message}`, "Write the value out in place of an alias");
  }
}

/** A mistake that names the key that was meant, where it is one letter or two away from what there is. */
function withMeantKey(mistake: Mistake): Mistake {
  const { path, message, isKey } = mistake;
  if (isKey !== true) return mistake;
  const known = keysAt(configJsonSchema(), path.slice(0, -1));
  return { ...mistake, message: `${message}${didYouMean(String(path.at(-1)), known)}` };
}

interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether it is the key that is wrong, not what stands behind it. */
  readonly isKey?: boolean;
}

// The exact path of an unknown key is the key itself, not the object that holds it.
function mistakesOf(issue: z.core.$ZodIssue, content: unknown): readonly Mistake[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], message: "there is no such key", isKey: true }));
  if (issue.code === "invalid_union") {
    const value = path.reduce(valueAt, content);
    const alternatives = alternativesOf(issue);
    const meant =
      alternatives.find((alternative) => isMeant(alternative, value)) ??
      alternatives.find((alternative) => isNamed(alternative, value));
    if (meant === undefined) return [{ path, message: explainRule(value, path, alternatives) }];
    return meant
      .flatMap((each) => mistakesOf(each, value))
      .map((mistake) => ({ ...mistake, path: [...path, ...mistake.path] }));
  }
  if (issue.code === "invalid_value" && issue.values.length > 1)
    return [{ path, message: explainChoice(issue.values.map(String), path.reduce(valueAt, content)) }];
  return [{ path, message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1) }];
}

/** What was meant comes first: the choices may be three dozen. */
function explainChoice(choices: readonly string[], value: unknown): string {
  const meant = typeof value === "string" ? didYouMean(value, choices) : "";
  return `there is no such value${meant}; it is one of ${choices.join(", ")}`;
}

type Alternative = readonly z.core.$ZodIssue[];

/** What is wrong with each alternative of a union, and of a union that is one of them. */
function alternativesOf({ errors }: z.core.$ZodIssueInvalidUnion): readonly Alternative[] {
  return errors.flatMap((alternative) => {
    const [only, ...others] = alternative;
    const isUnion = only?.code === "invalid_union" && only.path.length === 0 && others.length === 0;
    return isUnion ? alternativesOf(only) : [alternative];
  });
}

/** Whether an alternative is the rule that the value names by its key, whatever else is missing or wrong. */
function isNamed(alternative: Alternative, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const unknown = new Set(
    alternative.flatMap((issue) =>
      issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [],
    ),
  );
  const hasRoot = alternative.some((issue) => issue.path.length === 0 && issue.code !== "unrecognized_keys");
  return !hasRoot && Object.keys(value).some((key) => NAMES_OF_RULES.has(key) && !unknown.has(key));
}

/** Keys by which a rule is known, with those that only passwordHash and groups have. */
const NAMES_OF_RULES: ReadonlySet<string> = new Set([...RULE_KEYS, "hash", "keycloak", "from"]);

/** What to write where something stands that is no alternative at all. */
function explainRule(
  value: unknown,
  path: readonly (string | number)[],
  alternatives: readonly Alternative[],
): string {
  const isRule = alternatives.some(
    ([first]) => first?.code !== "invalid_type" || first.expected === "object",
  );
  if (!isRule) return "expected a text, a number, true or false";
  const rule = `a path, or an object with one of the keys of a rule: ${RULE_KEYS.join(", ")}`;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const unknown = Object.keys(value).filter((key) => !NAMES_OF_RULES.has(key));
    return unknown.length === 0
      ? `expected ${rule}`
      : `no rule has the ${unknown.length === 1 ? "key" : "keys"} ${unknown.map(withMeantRule).join(", ")}: expected ${rule}`;
  }
  if (value === true && VERIFIED_FLAGS.has(String(path.at(-1)))) {
    return `if you answer for every user's being verified, write { trustSource: true }; otherwise expected ${rule}`;
  }
  return typeof value === "boolean" || typeof value === "number"
    ? `for one value for everyone, write { constant: … }; otherwise expected ${rule}`
    : `expected ${rule}`;
}

function withMeantRule(key: string): string {
  return `${key}${didYouMean(key, [...NAMES_OF_RULES])}`;
}

const VERIFIED_FLAGS: ReadonlySet<string> = new Set(Object.values(VERIFIED_FLAG));

/** Whether an alternative of a union is the one that was meant: all the keys that it asks for are there. */
function isMeant(alternative: Alternative, value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    alternative.every(({ code, path: [first] }) =>
      first === undefined ? code === "unrecognized_keys" : Object.hasOwn(value, first),
    )
  );
}

function valueAt(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string | number, unknown>>)[key]
    : undefined;
}

function positionOf(
  document: Document,
  { path, isKey }: Mistake,
  lines: LineCounter,
): { readonly line: number; readonly col: number } {
  const holder = isKey === true ? document.getIn(path.slice(0, -1), true) : undefined;
  if (isMap<Node>(holder)) {
    const start = holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key.range?.[0];
    if (start !== undefined) return lines.linePos(start);
  }
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as
      | { readonly range?: readonly number[] | null }
      | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return lines.linePos(start);
  }
  return { line: 1, col: 1 };
}

function withAbsolutePaths(config: Config, directory: string): Config {
  return {
    ...config,
    ...(config.source === undefined ? {} : { source: withAbsoluteFiles(config.source, directory) }),
    ...(config.userPool?.description === undefined
      ? {}
      : {
          userPool: { ...config.userPool, description: resolve(directory, config.userPool.description) },
        }),
    ...(config.signUp?.clientSecretFile === undefined
      ? {}
      : {
          signUp: {
            ...config.signUp,
            clientSecretFile: resolve(directory, config.signUp.clientSecretFile),
          },
        }),
    ...(config.hook === undefined ? {} : { hook: resolve(directory, config.hook) }),
    ...(config.runDir === undefined ? {} : { runDir: resolve(directory, config.runDir) }),
    ...(config.sync?.dir === undefined
      ? {}
      : { sync: { ...config.sync, dir: resolve(directory, config.sync.dir) } }),
  };
}

function withAbsoluteFiles(
  source: NonNullable<Config["source"]>,
  directory: string,
): NonNullable<Config["source"]> {
  const { path } = source;
  const absolute = (file: string): string => resolve(directory, file);
  const besides = FILE_OPTIONS.flatMap((key) => {
    const file = source[key];
    return file === undefined ? [] : [[key, absolute(file)] as const];
  });
  return {
    ...source,
    ...Object.fromEntries(besides),
    ...(path === undefined ? {} : { path: typeof path === "string" ? absolute(path) : path.map(absolute) }),
  };
}

function invalid(message: string, hint: string): FerryError {
  return new FerryError("CONFIG_INVALID", message, { hint });
}
