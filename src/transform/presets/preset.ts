import type { Mapping } from "../mapping.ts";
import type { Rule } from "../rule.ts";

/** What comes with a source type whose fields have fixed names. */
export interface Preset {
  /** What says where such a source is, in a config to begin with; a file of the type's name when undefined. */
  readonly place?: Readonly<Record<string, string>>;
  readonly mapping: Mapping;
  /** What a part of the mapping is for, by its key, where the usual word does not say it; stands as a comment in a config. */
  readonly comments?: Readonly<Record<string, string>>;
  /** What only the operator can decide on; it stands commented out in a config, an attribute's rule among the attributes. */
  readonly suggestions?: readonly Suggestion[];
}

/** A part of a mapping, or the rule of an attribute, that a preset leaves to the operator. */
export type Suggestion = {
  readonly value: Rule | object;
  readonly why: string;
} & ({ readonly key: keyof Mapping } | { readonly attribute: string });
