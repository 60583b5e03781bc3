import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { FerryError } from "../core/ferry-error.ts";
import { SOURCE_TYPES } from "../extract/sources.ts";
import { mappingSchema } from "../transform/mapping.ts";
import { policiesSchema } from "../transform/policies.ts";

const SOURCE_TYPE_NAMES = SOURCE_TYPES.map(({ type }) => type);

/** A config file: all that the command line can say, and the mapping. The command line overrides it. */
const configSchema = z
  .strictObject({
    source: z
      .strictObject({
        type: z.enum(SOURCE_TYPE_NAMES).describe("What the source is"),
        path: z.string().min(1).describe("The file, relative to this config file"),
        separator: z
          .string()
          .length(1)
          .optional()
          .describe("The separator of a CSV file; recognised when left out"),
        list: z.string().min(1).optional().describe("The key of the list of users in a JSON document"),
      })
      .optional()
      .describe("Where the users come from"),
    userPool: z
      .strictObject({
        id: z.string().min(1).optional().describe("The id of the target user pool"),
        region: z.string().min(1).optional().describe("Its region; the one its id names when left out"),
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
      })
      .optional(),
    runDir: z.string().min(1).optional().describe("The folder of the run, relative to this config file"),
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
    limits: z
      .strictObject({
        unreadableRows: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe("The share of unreadable rows above which a plan stops; 0.2 when left out"),
      })
      .optional(),
  })
  .describe("A poolferry config file");

/** A checked config file, with its paths made absolute. */
export type Config = z.infer<typeof configSchema>;

/** The JSON Schema of a config file, for editors. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { target: "draft-7", io: "input", reused: "inline" });
}

/**
 * Reads a YAML (or JSON) config file. Throws CONFIG_NOT_FOUND, or CONFIG_INVALID with file, line, column and the path of
 * every mistake.
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new FerryError("CONFIG_NOT_FOUND", `The config file ${path} cannot be read`, {
      hint: "Check --config",
      cause: error,
    });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const [summary] = syntaxError.message.split("\n");
    throw invalid(`${path}: ${summary ?? syntaxError.code}`, "Mend the YAML");
  }
  const checked = checkDocument(document, path);
  if (!checked.success) {
    const mistakes = checked.error.issues
      .flatMap((issue) => mistakesOf(issue))
      .map((mistake) => {
        const { line, col } = positionOf(document, mistake.path, lines);
        return `${path}:${line}:${col} ${mistake.path.join(".") || "the file"}: ${mistake.message}`;
      });
    throw invalid(
      mistakes.join("\n"),
      "The JSON Schema poolferry/config.schema.json lists every key; editors complete it",
    );
  }
  return withAbsolutePaths(checked.data, dirname(resolve(path)));
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

interface Mistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

// The exact path of an unknown key is the key itself, not the object that holds it.
function mistakesOf(issue: z.core.$ZodIssue): readonly Mistake[] {
  const path = issue.path.map((part) => (typeof part === "symbol" ? String(part) : part));
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], message: "there is no such key" }));
  if (issue.code === "invalid_union") {
    return [{ path, message: "expected a path, { constant: … }, { firstOf: […] } or { not: … }" }];
  }
  return [{ path, message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1) }];
}

function positionOf(
  document: Document,
  path: readonly (string | number)[],
  lines: LineCounter,
): { readonly line: number; readonly col: number } {
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
    ...(config.source === undefined
      ? {}
      : { source: { ...config.source, path: resolve(directory, config.source.path) } }),
    ...(config.hook === undefined ? {} : { hook: resolve(directory, config.hook) }),
    ...(config.runDir === undefined ? {} : { runDir: resolve(directory, config.runDir) }),
  };
}

function invalid(message: string, hint: string): FerryError {
  return new FerryError("CONFIG_INVALID", message, { hint });
}
