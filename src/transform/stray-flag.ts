import { FerryError } from "../core/ferry-error.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";
import type { SourceRecord, SourceShape } from "../core/row.ts";
import { pathsOf, type RuleCompiler } from "./compile-rule.ts";
import type { Mapping } from "./mapping.ts";
import { canonicalPath } from "./path.ts";
import type { Rule } from "./rule.ts";

/** What the check of stray flags is made of. */
export interface StrayFlagRules {
  /** The rules that hold where the operator states none: a preset's, or those by name. */
  readonly base: Mapping;
  readonly config: Mapping | undefined;
  readonly shape: SourceShape;
  readonly pool: Pool;
  readonly compiler: RuleCompiler;
}

/**
 * Makes the check that no verified flag strays: where the operator takes another field for an address or number and
 * does not state its flag, the base's flag is about the base's field. Throws MAPPING_INVALID at the first record that has
 * both of these, since nothing tells whether the flag is about the other field as well.
 */
export function createStrayFlagCheck(rules: StrayFlagRules): (record: SourceRecord) => void {
  const strays = CONTACTS.filter((contact) => isReplaced(contact, rules)).map((contact) => ({
    contact,
    hasContact: rules.compiler.finder(rules.base.attributes?.[contact]),
    hasFlag: rules.compiler.finder(rules.base.attributes?.[VERIFIED_FLAG[contact]]),
  }));
  return (record) => {
    for (const { contact, hasContact, hasFlag } of strays) {
      if (hasContact(record) && hasFlag(record)) throw strayFlag(contact);
    }
  };
}

/** Whether the operator reads another field for a contact, and leaves its flag to the base. */
function isReplaced(contact: Contact, { base, config, shape, pool }: StrayFlagRules): boolean {
  const stated = config?.attributes ?? {};
  if (VERIFIED_FLAG[contact] in stated) return false;
  const isUsername = stated[contact] === null && pool.usernameAttributes.includes(contact);
  const rule = isUsername ? config?.username : stated[contact];
  const before = base.attributes?.[contact];
  if (rule === undefined || rule === null || before === undefined || before === null) return false;
  const known = new Set(
    [...pathsOf(before), ...valuePathsOf(before)].map((path) => canonicalPath(path, shape)),
  );
  return valuePathsOf(rule).some((path) => !known.has(canonicalPath(path, shape)));
}

/** The paths whose values become a rule's value: the country of a phone number only helps to read it. */
function valuePathsOf(rule: Rule): readonly string[] {
  if (typeof rule === "string") return [rule];
  if ("firstOf" in rule) return rule.firstOf.flatMap(valuePathsOf);
  if ("phone" in rule) return valuePathsOf(rule.phone);
  if ("unless" in rule) return valuePathsOf(rule.value);
  // Another element of the same list holds another value.
  if ("pick" in rule) return [JSON.stringify(rule)];
  return pathsOf(rule);
}

function strayFlag(contact: Contact): FerryError {
  const flag = VERIFIED_FLAG[contact];
  return new FerryError(
    "MAPPING_INVALID",
    `mapping.attributes.${flag} is not stated, and the one that the source has is about another ${contact}`,
    {
      hint: `Add mapping.attributes.${flag}: the field that tells it of this ${contact}, or null where none does`,
    },
  );
}
