import { overrideMapping, type Mapping } from "./mapping.ts";

/**
 * The custom attributes that mappings together have a rule for, each with its prefix, in the order in which they are
 * written; those of the later mapping take the place of the earlier's.
 */
export function mappedCustomAttributes(...mappings: readonly (Mapping | undefined)[]): readonly string[] {
  const { attributes = {} } = mappings.reduce<Mapping>(
    (base, over) => (over === undefined ? base : overrideMapping(base, over)),
    {},
  );
  return Object.entries(attributes).flatMap(([name, rule]) =>
    rule !== null && name.startsWith("custom:") ? [name] : [],
  );
}
