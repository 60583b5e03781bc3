import { NATIVE_STATUSES } from "../transform/presets/cognito.ts";
import { configText, type ConfigEntry } from "./config-text.ts";

/** What was seen of a pool that was exported. */
export interface ExportFacts {
  readonly userPoolId: string;
  readonly type: "ndjson" | "csv";
  /** The file as the config is to name it. */
  readonly path: string;
  /** The names of all attributes that some user has. */
  readonly attributes: ReadonlySet<string>;
  /** The identity providers that some user is linked to. */
  readonly providers: ReadonlySet<string>;
  readonly hasGroups: boolean;
}

/** A commented config that reads an exported pool back; attributes map by their names. */
export function exportConfig(facts: ExportFacts): string {
  return configText(
    [
      `Made by poolferry export of ${facts.userPoolId}: name the target, and read every line.`,
      "Attributes go to the attributes of the same name; those that the target does not have are named in the plan.",
      "Passwords and second factors cannot be read out of a pool: everyone sets them anew.",
      "Every key: docs/configuration.md",
    ],
    [
      active("source", { type: facts.type, path: facts.path }),
      suggestion("userPool", { id: "eu-central-1_AbCd12345" }, "where the users go; or --user-pool-id"),
      suggestion(
        "importJob",
        { logsRoleArn: "arn:aws:iam::123456789012:role/poolferry-import-log" },
        "the role that lets an import job write its log; a plan can do without",
      ),
      { key: "mapping", value: undefined, isActive: true, comments: [], entries: mappingOf(facts) },
    ],
  );
}

function mappingOf({ type, attributes, providers, hasGroups }: ExportFacts): readonly ConfigEntry[] {
  const contacts = ["email", "phone_number"].filter((name) => attributes.has(name));
  return [
    active("username", { firstOf: ["username", ...contacts] }, [
      "the first of these that the target accepts as a username",
    ]),
    active("sourceId", "sub", ["the old sub, for identity-map.csv"]),
    active("enabled", "enabled", ["who is not is created and disabled at once (policies.disabled)"]),
    active("socialOnly", { path: "status", noneOf: NATIVE_STATUSES }, [
      "users whom another identity provider signed in; skipped unless policies.socialOnly says otherwise",
    ]),
    ...(hasGroups
      ? [active("groups", type === "csv" ? { split: "groups", at: " " } : "groups")]
      : [suggestion("groups", "groups", "the pool has no groups with members")]),
    active("changedAt", "modified_at", ["for policies.duplicates: newest"]),
    active("lowerCaseEmail", false, ["addresses stay as the pool has them"]),
    ...linksOf(type, providers),
  ];
}

function linksOf(type: ExportFacts["type"], providers: ReadonlySet<string>): readonly ConfigEntry[] {
  if (providers.size === 0) return [];
  if (type === "csv") {
    const why = "! some users are linked to other identity providers; export as ndjson to take that along";
    return [{ key: "", value: undefined, isActive: false, comments: [why] }];
  }
  const names = Object.fromEntries([...providers].sort().map((name) => [name, name]));
  return [
    suggestion(
      "linkedProviders",
      { list: "identities", provider: "providerName", subject: "userId", names },
      "identities at other providers, by the names that these have in the target, where they must be set up first",
    ),
  ];
}

function active(key: string, value: unknown, comments: readonly string[] = []): ConfigEntry {
  return { key, value, isActive: true, comments };
}

function suggestion(key: string, value: unknown, why: string): ConfigEntry {
  return { key, value, isActive: false, comments: [why] };
}
