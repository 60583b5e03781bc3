import type { Change } from "../core/change.ts";
import type { Attributes } from "../core/planned-user.ts";
import { contactsSentCode } from "../core/code-sent.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool } from "../core/pool.ts";
import type { SyncPolicies } from "./sync-policies.ts";

/** How the source wants a user. */
export interface Wanted {
  /** In API encoding. */
  readonly attributes: Attributes;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
}

/** How the pool has a user. */
export interface Had {
  /** In API encoding; Cognito's own among them. */
  readonly attributes: Attributes;
  /** Those of the groups that the sync looks at; undefined where nobody looked. */
  readonly groups: readonly string[] | undefined;
  /** Undefined where the service does not say. */
  readonly isEnabled: boolean | undefined;
}

/** How the sync left a user when it last had to do with it. */
export interface Left {
  readonly attributes: Attributes;
  readonly groups: readonly string[];
  /** Whether the sync itself has disabled the user. */
  readonly isDisabled: boolean;
}

/**
 * Why something is not as the source wants it, and is the pool's doing. `pool-changed`: somebody changed it in the pool.
 * `disabled-in-pool`: somebody disabled the user there, whom no sync lets in again. `immutable`: the pool does not let it
 * be changed. `required`: the pool does not let it be deleted. `code-sent`: setting it would send the user a message.
 * `gone-from-pool`: somebody deleted the user there.
 */
export const CONFLICT_KINDS = [
  "pool-changed",
  "disabled-in-pool",
  "immutable",
  "required",
  "code-sent",
  "gone-from-pool",
] as const;

/** One of {@link CONFLICT_KINDS}. */
export type ConflictKind = (typeof CONFLICT_KINDS)[number];

/** One thing about one user on which source and pool disagree, and more than the source's change is behind it. */
export interface Conflict {
  readonly kind: ConflictKind;
  /** The attribute, `group NAME`, `enabled`, `username` or `user`. */
  readonly what: string;
  /** Whether the source's value is set all the same. */
  readonly isOverruled: boolean;
}

/** One value that a change replaces; undefined where there is or will be none. */
export interface ValueChange {
  readonly name: string;
  readonly old: string | undefined;
  readonly new: string | undefined;
}

/** What a sync would do about one user. */
export interface Comparison {
  /** In the order in which they are to be done. */
  readonly changes: readonly Change[];
  /** What the changes of attributes replace. */
  readonly values: readonly ValueChange[];
  readonly conflicts: readonly Conflict[];
  /** How the user is left once the changes are done. */
  readonly left: Left;
}

/** What a comparison depends on, beside the user. */
export interface ComparisonRules {
  readonly pool: Pool;
  readonly policies: Pick<SyncPolicies, "conflicts" | "messages">;
}

/** Attributes that Cognito gives by itself, and no sync compares. */
const COGNITOS_OWN: ReadonlySet<string> = new Set(["sub", "identities"]);

const FLAGS: ReadonlyMap<string, Contact> = new Map(
  CONTACTS.map((contact) => [VERIFIED_FLAG[contact], contact]),
);

/**
 * Compares one user three ways: what the source wants, what the pool has, and how the last sync left it, which tells a
 * change of the source from one of the pool. `left` is undefined for a user who is adopted: then the source's values are
 * wanted, and whatever else it has is its own. Pure.
 *
 * What the sync never set, and the source does not give, is left alone. That a contact is verified is never taken back
 * while the contact stays: the user has proved it. Nobody is let in whom the sync did not lock out.
 */
export function compareUser(
  wanted: Wanted,
  had: Had,
  left: Left | undefined,
  rules: ComparisonRules,
): Comparison {
  const attributes = compareAttributes(wanted.attributes, had.attributes, left?.attributes, rules);
  const groups = compareGroups(wanted.groups, had.groups, left, rules);
  const access = compareAccess(wanted.isDisabled, had.isEnabled, left, rules);
  return {
    changes: [...access.disable, ...attributes.changes, ...groups.changes, ...access.enable],
    values: attributes.values,
    conflicts: [...access.conflicts, ...attributes.conflicts, ...groups.conflicts],
    left: { attributes: attributes.left, groups: groups.left, isDisabled: access.isDisabled },
  };
}

/** How a user is left that was created as the source wants it. */
export function leftAsWanted({ attributes, groups, isDisabled }: Wanted): Left {
  const own = attributes.filter(([name]) => !COGNITOS_OWN.has(name) && !FLAGS.has(name));
  return { attributes: sorted(own), groups: groups.toSorted(), isDisabled };
}

function sorted(attributes: Attributes): Attributes {
  return attributes.toSorted(([one], [other]) => (one < other ? -1 : 1));
}

interface AttributesComparison {
  readonly changes: readonly Change[];
  readonly values: readonly ValueChange[];
  readonly conflicts: readonly Conflict[];
  readonly left: Attributes;
}

function compareAttributes(
  wanted: Attributes,
  had: Attributes,
  lastLeft: Attributes | undefined,
  rules: ComparisonRules,
): AttributesComparison {
  const want = new Map(wanted);
  const have = new Map(had);
  const last = new Map(lastLeft);
  const left = new Map<string, string>();
  const toSet: ValueChange[] = [];
  const toDelete: ValueChange[] = [];
  const conflicts: Conflict[] = [];
  const isAdopted = lastLeft === undefined;
  for (const name of new Set([...want.keys(), ...last.keys()])) {
    if (COGNITOS_OWN.has(name) || FLAGS.has(name)) continue;
    const value = { name, old: have.get(name), new: want.get(name) };
    const verdict = judgeValue(value, last.get(name), isAdopted, rules);
    if (verdict.conflict !== undefined) conflicts.push(verdict.conflict);
    if (verdict.isChanged && value.new === undefined) toDelete.push(value);
    else if (verdict.isChanged) toSet.push(value);
    const remains = verdict.isChanged || value.old === value.new ? value.new : last.get(name);
    if (remains !== undefined) left.set(name, remains);
  }
  for (const contact of CONTACTS)
    compareContact(contact, { want, have, last, left, toSet, conflicts }, rules);
  return {
    changes: [
      ...(toSet.length === 0
        ? []
        : [
            {
              kind: "set-attributes" as const,
              attributes: toSet.map(({ name, new: value }) => [name, value ?? ""] as const),
            },
          ]),
      ...(toDelete.length === 0
        ? []
        : [{ kind: "delete-attributes" as const, names: toDelete.map(({ name }) => name) }]),
    ],
    values: [...toSet, ...toDelete],
    conflicts,
    left: sorted([...left]),
  };
}

interface Verdict {
  readonly isChanged: boolean;
  readonly conflict?: Conflict | undefined;
}

const UNCHANGED: Verdict = { isChanged: false };

function judgeValue(
  { name, old, new: value }: ValueChange,
  last: string | undefined,
  isAdopted: boolean,
  { pool, policies }: ComparisonRules,
): Verdict {
  if (value === old) return UNCHANGED;
  // Gone from the pool and from the source, or never the sync's.
  if (value === undefined && last === undefined) return UNCHANGED;
  const attribute = pool.attributes.find((each) => each.name === name);
  if (attribute?.mutable === false) return { isChanged: false, conflict: kept("immutable", name) };
  if (value === undefined && attribute?.required === true)
    return { isChanged: false, conflict: kept("required", name) };
  // Of a user who is adopted nobody knows who set what.
  const isPoolsDoing = isAdopted ? old !== undefined : old !== last;
  if (!isPoolsDoing) return { isChanged: true };
  const isOverruled = policies.conflicts === "source-wins";
  if (isAdopted && isOverruled) return { isChanged: true };
  return { isChanged: isOverruled, conflict: { kind: "pool-changed", what: name, isOverruled } };
}

function kept(kind: ConflictKind, what: string): Conflict {
  return { kind, what, isOverruled: false };
}

interface ContactComparison {
  readonly want: ReadonlyMap<string, string>;
  readonly have: ReadonlyMap<string, string>;
  readonly last: ReadonlyMap<string, string>;
  readonly left: Map<string, string>;
  readonly toSet: ValueChange[];
  readonly conflicts: Conflict[];
}

/**
 * A flag goes with its contact. One that says verified is set; one that says the opposite only together with a new
 * contact, as Cognito takes a contact that is set without its flag for one to be verified and sends a code (documented).
 */
function compareContact(
  contact: Contact,
  { want, have, last, left, toSet, conflicts }: ContactComparison,
  { pool, policies }: ComparisonRules,
): void {
  const flag = VERIFIED_FLAG[contact];
  const wantsVerified = want.get(flag) === "true";
  const place = toSet.findIndex(({ name }) => name === contact);
  const old = have.get(flag);
  if (place === -1) {
    // The flag is about the contact that the source has, and nobody else's.
    const isSame = want.get(contact) !== undefined && want.get(contact) === have.get(contact);
    if (wantsVerified && isSame && old !== "true") toSet.push({ name: flag, old, new: "true" });
    return;
  }
  if (wantsVerified) {
    // With a new value the old flag is gone (documented), so it is said again.
    toSet.push({ name: flag, old, new: "true" });
    return;
  }
  const value = want.get(contact) ?? "";
  if (last.get(contact) === value && pool.verifiedBeforeUpdate?.includes(contact) === true) {
    // It was set before, and waits for the user to enter the code; to set it again would send another one.
    toSet.splice(place, 1);
    conflicts.push(kept("code-sent", contact));
    return;
  }
  const update: Attributes = [
    [contact, value],
    [flag, "false"],
  ];
  if (contactsSentCode(update, [...have], pool).length > 0 && policies.messages !== "allowed") {
    toSet.splice(place, 1);
    conflicts.push(kept("code-sent", contact));
    // What the sync does not set is not its own.
    const before = last.get(contact);
    if (before === undefined) left.delete(contact);
    else left.set(contact, before);
    return;
  }
  toSet.push({ name: flag, old, new: "false" });
}

interface GroupsComparison {
  readonly changes: readonly Change[];
  readonly conflicts: readonly Conflict[];
  readonly left: readonly string[];
}

function compareGroups(
  wanted: readonly string[],
  had: readonly string[] | undefined,
  last: Left | undefined,
  { policies }: ComparisonRules,
): GroupsComparison {
  const want = new Set(wanted);
  const have = new Set(had ?? last?.groups);
  const before = new Set(last?.groups);
  const left = new Set<string>();
  const changes: Change[] = [];
  const conflicts: Conflict[] = [];
  const sourceWins = policies.conflicts === "source-wins";
  for (const group of new Set([...want, ...have, ...before])) {
    const isWanted = want.has(group);
    if (isWanted === have.has(group)) {
      if (isWanted) left.add(group);
      continue;
    }
    const isPoolsDoing = have.has(group) !== before.has(group);
    if (isPoolsDoing && last !== undefined)
      conflicts.push({ kind: "pool-changed", what: `group ${group}`, isOverruled: sourceWins });
    // What an adopted user is to join it joins, whoever wins.
    const isChanged = !isPoolsDoing || sourceWins || (last === undefined && isWanted);
    if (isChanged) changes.push({ kind: isWanted ? "add-to-group" : "remove-from-group", group });
    if (isChanged ? isWanted : before.has(group)) left.add(group);
  }
  // Who is to leave a group leaves it before others are joined.
  return {
    changes: changes.toSorted(
      (one, other) => Number(one.kind !== "remove-from-group") - Number(other.kind !== "remove-from-group"),
    ),
    conflicts,
    left: [...left].toSorted(),
  };
}

interface AccessComparison {
  readonly disable: readonly Change[];
  readonly enable: readonly Change[];
  readonly conflicts: readonly Conflict[];
  readonly isDisabled: boolean;
}

function compareAccess(
  shallBeDisabled: boolean,
  isEnabled: boolean | undefined,
  last: Left | undefined,
  { policies }: ComparisonRules,
): AccessComparison {
  const wasDisabled = last?.isDisabled ?? false;
  const nothing = { disable: [], enable: [], conflicts: [] };
  if (shallBeDisabled) {
    // Of a user who is adopted the source's word counts as the reason.
    if (isEnabled === false) return { ...nothing, isDisabled: last === undefined || wasDisabled };
    // Who was disabled by a sync and can sign in was let in by somebody.
    const isOverruled = policies.conflicts === "source-wins";
    const conflicts: Conflict[] = wasDisabled ? [{ kind: "pool-changed", what: "enabled", isOverruled }] : [];
    if (wasDisabled && !isOverruled) return { ...nothing, conflicts, isDisabled: true };
    return { ...nothing, disable: [{ kind: "disable" }], conflicts, isDisabled: true };
  }
  if (isEnabled !== false) return { ...nothing, isDisabled: false };
  if (wasDisabled) return { ...nothing, enable: [{ kind: "enable" }], isDisabled: false };
  return { ...nothing, conflicts: [kept("disabled-in-pool", "enabled")], isDisabled: false };
}
