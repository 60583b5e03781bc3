import { FerryError } from "../core/ferry-error.ts";
import { AUTO, sourceTypeNamed } from "../extract/sources.ts";
import type { Mapping } from "../transform/mapping.ts";
import { presetFor } from "../transform/presets/presets.ts";

/**
 * The mapping that comes with a type of source; undefined of a type whose fields can bear any name. Throws USAGE for a
 * type that there is not, and for the one that a file is looked into for.
 */
export function presetMappingOf(type: string): Mapping | undefined {
  if (type === AUTO) {
    throw new FerryError("USAGE", "The source's type is not said", {
      hint: "Name it, as in --from auth0:export.json: no file is looked into here",
    });
  }
  return presetFor(sourceTypeNamed(type).type)?.mapping;
}
