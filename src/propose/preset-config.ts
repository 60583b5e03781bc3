import type { Preset } from "../transform/presets/preset.ts";
import { PRESET_NAMES, presetFor } from "../transform/presets/presets.ts";
import { didYouMean } from "../core/did-you-mean.ts";
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
};

function suggestion(key: string, value: unknown, why: string): ConfigEntry {
  return { key, value, isActive: false, comments: [why] };
}

/** The mapping of a preset as entries of a config. */
export function presetEntries(name: string): readonly ConfigEntry[] {
  const { mapping, comments = {}, suggestions = [] } = presetNamed(name);
  const { attributes = {}, ...parts } = mapping;
  const active = (key: string, value: unknown): ConfigEntry => ({
    key,
    value,
    isActive: true,
    comments: commentsOn(key, comments),
  });
  const inner = [
    ...Object.entries(attributes).map(([key, value]) => active(key, value)),
    ...suggestions.flatMap((each) =>
      "attribute" in each ? [suggestion(each.attribute, each.value, each.why)] : [],
    ),
  ];
  return [
    ...Object.entries(parts).map(([key, value]) => active(key, value)),
    ...suggestions.flatMap((each) => ("key" in each ? [suggestion(each.key, each.value, each.why)] : [])),
    ...(inner.length === 0
      ? []
      : [
          {
            key: "attributes",
            value: undefined,
            isActive: true,
            comments: commentsOn("attributes", comments),
            entries: inner,
          },
        ]),
  ];
}

function commentsOn(key: string, own: NonNullable<Preset["comments"]>): readonly string[] {
  const comment = own[key];
  return comment === undefined ? (PRESET_COMMENTS[key] ?? []) : [comment];
}

/** A preset as a config file to save and edit; it decides as the preset does. Throws USAGE for an unknown name. */
export function presetConfig(name: string): string {
  const mapping = presetEntries(name);
  const { place = { path: `${name}-export.json` } } = presetNamed(name);
  return configText(
    [
      `The mapping that comes with --from ${name}:PATH, to edit.`,
      "A part that you delete here still comes from the preset; an attribute's rule goes with null.",
      "Every key: docs/configuration.md",
    ],
    [
      { key: "source", value: { type: name, ...place }, isActive: true, comments: [] },
      suggestion("userPool", { id: "eu-central-1_AbCd12345" }, "where the users go; or --user-pool-id"),
      { key: "mapping", value: undefined, isActive: true, comments: [], entries: mapping },
    ],
  );
}

function presetNamed(name: string): Preset {
  const preset = presetFor(name);
  if (preset !== undefined) return preset;
  throw new FerryError("USAGE", `There is no preset ${name}${didYouMean(name, PRESET_NAMES)}`, {
    hint: `The presets are: ${PRESET_NAMES.join(", ")}`,
  });
}
