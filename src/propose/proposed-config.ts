import type { Pool } from "../core/pool.ts";
import type { SourceShape } from "../core/row.ts";
import { configText, type ConfigEntry } from "./config-text.ts";
import { describeField, shownName } from "./describe-field.ts";
import { presetEntries } from "./preset-config.ts";
import { PRESET_NAMES, presetFor } from "../transform/presets/presets.ts";
import { FieldUse, keysReadOf } from "../transform/used-fields.ts";
import { proposeMapping, type ProposedRule } from "./propose-mapping.ts";
import type { FieldSurvey, Survey } from "./survey-fields.ts";

/** The fields of a preset's source are keys of documents. */
const DOCUMENTS: SourceShape = { kind: "documents" };

/** What a config is proposed for. */
export interface ConfigFacts {
  readonly source: {
    readonly type: string;
    readonly path: string;
    /** As the operator stated them. */
    readonly list?: string | undefined;
    readonly separator?: string | undefined;
    readonly skipLines?: number | undefined;
    readonly description: string;
  };
  /** What the command line said of the pool. */
  readonly connection: {
    readonly userPoolId?: string | undefined;
    readonly region?: string | undefined;
    readonly profile?: string | undefined;
    readonly endpointUrl?: string | undefined;
  };
  readonly survey: Survey;
  /** Whether the rows surveyed are all there are. */
  readonly isWhole: boolean;
  readonly pool: Pool | undefined;
}

/** A commented config for a source that was surveyed. Holds names of fields, counts, and of values well-known words alone. */
export function proposedConfig(facts: ConfigFacts): string {
  const hasPreset = PRESET_NAMES.includes(facts.source.type);
  const { mapping, warnings, unmapped } = hasPreset ? presetMapping(facts) : ownMapping(facts);
  return configText(
    [...headerOf(facts), ...warnings.map((warning) => `! ${warning}`)],
    [
      { key: "source", value: sourceOf(facts), isActive: true, comments: [facts.source.description] },
      userPoolOf(facts),
      {
        key: "importJob",
        value: { logsRoleArn: "arn:aws:iam::123456789012:role/poolferry-import-log" },
        isActive: false,
        comments: ["the role that lets an import job write its log; a plan can do without"],
      },
      ...mapping,
      comment("hook", "./hook.mts", "a TypeScript or JavaScript file for what rules cannot say"),
      ...unmappedEntry(unmapped, facts),
    ],
  );
}

function headerOf({ survey, isWhole }: ConfigFacts): readonly string[] {
  const { rows, unreadable, isPartial } = survey;
  return [
    `Made by poolferry init from ${isWhole ? "all" : "the first"} ${rows} rows: proposals by the names of fields. Read every line.`,
    "Every key: docs/configuration.md",
    ...(unreadable === 0 ? [] : [`! ${unreadable} of these rows cannot be read and would be rejected`]),
    ...(isPartial
      ? ["! Some fields are not listed: there are very many, or their names look like data"]
      : []),
  ];
}

function sourceOf({ source }: ConfigFacts): object {
  const { type, path, list, separator, skipLines } = source;
  return {
    type,
    path,
    ...(list === undefined ? {} : { list }),
    ...(separator === undefined ? {} : { separator }),
    ...(skipLines === undefined ? {} : { skipLines }),
  };
}

function userPoolOf({ connection }: ConfigFacts): ConfigEntry {
  const { userPoolId, region, profile, endpointUrl } = connection;
  const given = Object.entries({ id: userPoolId, region, profile, endpointUrl }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    key: "userPool",
    value: given.length === 0 ? { id: "eu-central-1_AbCd12345" } : Object.fromEntries(given),
    isActive: given.length > 0,
    comments: given.length === 0 ? ["where the users go; or --user-pool-id"] : [],
  };
}

interface MappingPart {
  readonly mapping: readonly ConfigEntry[];
  readonly warnings: readonly string[];
  readonly unmapped: readonly FieldSurvey[];
}

function presetMapping({ source, survey, pool }: ConfigFacts): MappingPart {
  const entries = presetEntries(source.type);
  const use = new FieldUse(DOCUMENTS);
  for (const path of rulesIn(entries).flatMap(textsIn)) use.note(path);
  const isByName = presetFor(source.type)?.mapping.attributesByName === true;
  const isRead = (field: string): boolean =>
    use.fields.has(field) || (isByName && mayBeAttribute(field, pool));
  return {
    mapping: [
      {
        key: "mapping",
        value: undefined,
        isActive: true,
        comments: [`the preset of ${source.type}; a part that you delete here still comes from it`],
        entries,
      },
    ],
    warnings: [],
    unmapped: survey.fields.filter(({ name, container }) =>
      container === undefined ? !isRead(name) : keysReadOf(container, use.fields)?.has(name) === false,
    ),
  };
}

/** Whether the pool, or one that is not known yet, has an attribute of this name; those of Cognito begin with a small letter. */
function mayBeAttribute(name: string, pool: Pool | undefined): boolean {
  return pool === undefined
    ? /^[a-z]/.test(name)
    : pool.attributes.some((attribute) => attribute.name === name);
}

/** What the entries say, without their keys, which name attributes, and their comments. */
function rulesIn(entries: readonly ConfigEntry[]): readonly unknown[] {
  return entries.flatMap(({ value, entries: within = [] }) => [value, ...rulesIn(within)]);
}

/** Every text in a value, whatever holds it. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function ownMapping({ survey, pool }: ConfigFacts): MappingPart {
  const { parts, attributes, unmapped, warnings } = proposeMapping(survey, pool);
  const entries = [
    ...parts.map(entryOf),
    {
      key: "attributes",
      value: undefined,
      isActive: attributes.some(({ isActive }) => isActive),
      comments: [],
      entries: attributes.map(entryOf),
    },
  ];
  const isActive = entries.some((entry) => entry.isActive);
  return {
    mapping: [{ key: "mapping", value: undefined, isActive, comments: [], entries }],
    warnings,
    unmapped,
  };
}

function entryOf({ key, rule, isActive, comments }: ProposedRule): ConfigEntry {
  return { key, value: rule, isActive: isActive && rule !== undefined, comments };
}

function unmappedEntry(fields: readonly FieldSurvey[], { survey }: ConfigFacts): readonly ConfigEntry[] {
  if (fields.length === 0) return [];
  const lines = fields.map((field) => `  ${shownName(field.path)}: ${describeField(field, survey)}`);
  return [
    { key: "", value: undefined, isActive: false, comments: ["fields that nothing above reads:", ...lines] },
  ];
}

function comment(key: string, value: unknown, why: string): ConfigEntry {
  return { key, value, isActive: false, comments: [why] };
}
