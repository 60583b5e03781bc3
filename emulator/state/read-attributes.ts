import type { Rules } from "../rules.ts";
import { invalidParameter } from "../wire/error.ts";
import { conform, verifiedWithoutValue } from "./conform.ts";
import type { Pool } from "./pool.ts";
import type { FlatAttributes } from "./user.ts";

/** An attribute as requests give it; without a value it is an empty one. */
export interface GivenAttribute {
  readonly Name: string;
  readonly Value?: string;
}

/**
 * Reads the attributes of a request against the pool's schema. Values that do not conform are refused together;
 * empty ones are kept, as they take an attribute away where there was one.
 */
export function readAttributes(
  pool: Pool,
  given: readonly GivenAttribute[],
  rules: Rules,
  purpose: "create" | "change" = "create",
): FlatAttributes {
  const troubles: string[] = [];
  const attributes: string[] = [];
  // The last value of a name that is given twice holds (guess).
  for (const [name, value] of new Map(given.map(({ Name, Value = "" }) => [Name, Value]))) {
    const attribute = pool.settings.schema.get(name);
    if (attribute === undefined) {
      troubles.push(`${name}: Attribute does not exist in the schema.`);
    } else if (name === "sub") {
      throw invalidParameter("Cannot modify the non-mutable attribute sub");
    } else if (value === "") {
      attributes.push(attribute.Name, "");
    } else {
      const conformity = conform(attribute, value, rules);
      if (conformity.kind === "conforms") attributes.push(attribute.Name, conformity.value);
      else if (!conformity.why.startsWith(`${name}: `)) throw invalidParameter(conformity.why);
      else troubles.push(conformity.why);
    }
  }
  if (troubles.length > 0) throw invalidParameter(troubleWords(troubles, purpose));
  return attributes;
}

// Both forms are reported.
function troubleWords(troubles: readonly string[], purpose: "create" | "change"): string {
  if (purpose === "change") return troubles.map((trouble) => `user.${trouble}`).join("\n");
  return `Attributes did not conform to the schema: ${troubles.join("\n")}`;
}

/** Refuses attributes that call an e-mail or phone verified which is not there. */
export function checkVerified(attributes: FlatAttributes, rules: Rules): void {
  const trouble = verifiedWithoutValue(attributes, rules);
  if (trouble !== undefined) throw invalidParameter(trouble);
}
