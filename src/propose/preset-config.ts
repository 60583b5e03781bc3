import { PRESET_NAMES, presetFor } from "../transform/presets.ts";
import type { Mapping } from "../transform/mapping.ts";
import { FerryError } from "../core/ferry-error.ts";
import { configText, type ConfigEntry } from "./config-text.ts";

/** What each part of a preset is for, beside its rule. */
const PRESET_COMMENTS: Readonly<Record<string, readonly string[]>> = {
  username: ["the first of these that the pool accepts as a username"],
  sourceId: ["the old id, for identity-map.csv"],
  disabled: ["such users are created and disabled at once (policies.disabled)"],
  socialOnly: [
    "users who sign in through other providers only: none of their providers is one of these (policies.socialOnly)",
  ],
  mfa: ["second factors; authenticators cannot be moved, and a warning names who loses one"],
  attributes: ["null takes a rule of the preset away: nickname: null"],
  "custom:legacy_id": ["passed over by a pool that has no such attribute"],
  email_verified: ["Auth0's own word; a missing flag means false"],
};

/** What a preset leaves to the operator, as comments. */
const SUGGESTIONS: Readonly<Record<string, readonly ConfigEntry[]>> = {
  auth0: [
    suggestion("groups", "app_metadata.roles", "the pool's groups, where your roles are kept there"),
    suggestion(
      "linkedProviders",
      {
        list: "identities",
        provider: "provider",
        subject: "user_id",
        names: { "google-oauth2": "Google" },
      },
      "identities at providers that the pool has too, by the pool's names; with policies.socialOnly: link",
    ),
  ],
};

function suggestion(key: string, value: unknown, why: string): ConfigEntry {
  return { key, value, isActive: false, comments: [why] };
}

/** The mapping of a preset as entries of a config. */
export function presetEntries(name: string): readonly ConfigEntry[] {
  const { attributes = {}, ...parts } = presetNamed(name);
  return [
    ...Object.entries(parts).map(([key, value]) => active(key, value)),
    ...(SUGGESTIONS[name] ?? []),
    {
      key: "attributes",
      value: undefined,
      isActive: true,
      comments: PRESET_COMMENTS["attributes"] ?? [],
      entries: Object.entries(attributes).map(([key, value]) => active(key, value)),
    },
  ];
}

function active(key: string, value: unknown): ConfigEntry {
  return { key, value, isActive: true, comments: PRESET_COMMENTS[key] ?? [] };
}

/** A preset as a config file to save and edit; it decides as the preset does. Throws USAGE for an unknown name. */
export function presetConfig(name: string): string {
  const mapping = presetEntries(name);
  return configText(
    [
      `The mapping that comes with --from ${name}:PATH, to edit.`,
      "A part that you delete here still comes from the preset; an attribute's rule goes with null.",
      "Every key: docs/configuration.md",
    ],
    [
      { key: "source", value: { type: name, path: `${name}-export.json` }, isActive: true, comments: [] },
      suggestion("userPool", { id: "eu-central-1_AbCd12345" }, "where the users go; or --user-pool-id"),
      { key: "mapping", value: undefined, isActive: true, comments: [], entries: mapping },
    ],
  );
}

function presetNamed(name: string): Mapping {
  const preset = PRESET_NAMES.includes(name) ? presetFor(name) : undefined;
  if (preset !== undefined) return preset;
  throw new FerryError("USAGE", `There is no preset ${name}`, {
    hint: `The presets are: ${PRESET_NAMES.join(", ")}`,
  });
}
