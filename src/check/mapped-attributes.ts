import { mappedCustomAttributes } from "../transform/mapped-attributes.ts";
import type { Mapping } from "../transform/mapping.ts";
import { failure, notTried, ok, type Finding } from "./check.ts";
import { resultOf, type Surroundings } from "./surroundings.ts";

/** Whether the pool has the custom attributes that a mapping names. */
export async function checkMappedAttributes(
  { pool, userPoolId }: Surroundings,
  mapping: Mapping | undefined,
): Promise<Finding> {
  if (mapping === undefined) return notTried("No mapping is named");
  const known = await resultOf(pool);
  if (known === undefined) return notTried("The pool could not be read");
  const wanted = mappedCustomAttributes(mapping);
  const names = new Set(known.attributes.map(({ name }) => name));
  const missing = wanted.filter((name) => !names.has(name));
  if (missing.length === 0) return ok("The pool has every custom attribute that the mapping names");
  const flags = missing.map((name) => `--attribute ${name}:String`).join(" ");
  return failure(
    `The mapping names ${missing.join(", ")}, which the pool does not have`,
    `poolferry pool prepare --user-pool-id ${userPoolId} ${flags}`,
  );
}
