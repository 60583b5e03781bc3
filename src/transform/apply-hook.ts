import { FerryError } from "../core/ferry-error.ts";
import type { DraftUser, Hook, HookRow } from "../core/hook.ts";
import type { Issue } from "../core/issue.ts";
import { CONTACTS, VERIFIED_FLAG, type Contact, type Pool, type PoolAttribute } from "../core/pool.ts";
import type { JsonObject, JsonValue, ReadableRow, SourceRecord, SourceShape } from "../core/row.ts";
import type { CompiledMapping } from "./compile-mapping.ts";
import { normaliseEmail, type EmailOptions } from "./normalise/email.ts";
import { parseFlag } from "./parse-flag.ts";
import { createGroupReader } from "./read-groups.ts";
import { elementsOf, isPresent, Unusable, type Reader, type Reading } from "./reading.ts";

/** Characters of a hook's reason that are kept; what was longer ends in an ellipsis. */
const MAX_REASON_LENGTH = 200;

/** What a hook is applied to. */
export interface HookedMapping {
  readonly mapping: CompiledMapping;
  readonly hook: Hook;
  readonly shape: SourceShape;
  readonly pool: Pool;
  /** The attributes that the pool lets a hook set, with or without a rule. */
  readonly settable: readonly PoolAttribute[];
}

/**
 * The mapping whose readers read what a hook made of the rules' draft. `runHook` must be called with a row before any of
 * them reads its record. It throws HOOK_FAILED when the hook throws, is asynchronous or returns what is no draft, and
 * MAPPING_INVALID for an attribute that the pool cannot set. A contact becomes verified only if the rules called this
 * very contact verified, or trustSource stands in the flag's rule.
 */
export function applyHook(hooked: HookedMapping): CompiledMapping {
  const { mapping, settable } = hooked;
  const settableNames = new Set(settable.map(({ name }) => name));
  const rowOf = createRowView(hooked.shape);
  const attributeReaders = new Map(mapping.attributes.map(({ attribute, read }) => [attribute.name, read]));
  let current: { readonly record: SourceRecord; readonly readings: Readings } | undefined;
  const readingsOf = (record: SourceRecord): Readings => {
    if (current?.record !== record) throw new Error("a row was read before its hook ran");
    return current.readings;
  };
  const usernames = (record: SourceRecord): readonly Reading[] => readingsOf(record).usernames;

  return {
    ...mapping,
    usernames: Array.from(
      { length: Math.max(MAX_USERNAMES, mapping.usernames.length) },
      (_, index): Reader =>
        (record) =>
          usernames(record)[index],
    ),
    sourceId: (record) => readingsOf(record).sourceId,
    disabled: (record) => readingsOf(record).disabled,
    mfa: (record) => readingsOf(record).mfa,
    readGroups: createGroupReader((record) => readingsOf(record).groups, mapping.groupNaming, hooked.pool),
    attributes: settable.map((attribute) => ({
      attribute,
      read: (record) => readingsOf(record).attributes.get(attribute.name),
      ...mapping.normaliserFor(attribute),
    })),
    runHook: (row, issues) => {
      const { record } = row;
      const ruled = readRules(mapping, attributeReaders, record);
      const shown = draftOf(ruled);
      const answer = askHook(hooked.hook, shown, { row, view: rowOf(record) });
      const refusal = refusalOf(answer, row);
      const changed =
        answer === undefined || refusal !== undefined
          ? ruled
          : changeReadings(ruled, shown, requireDraft(answer, { row, settableNames, pool: hooked.pool }));
      current = { record, readings: keepUntrusted(ruled, changed, hooked, issues) };
      if (refusal?.code === "hook-rejected") issues.push(refusal);
      return refusal?.code === "hook-skipped" ? refusal : undefined;
    },
  };
}

/** Candidates for the username that a hook may name. */
const MAX_USERNAMES = 20;

/** What is read of one record, by the rules or after the hook. */
interface Readings {
  readonly usernames: readonly Reading[];
  readonly sourceId: Reading;
  readonly disabled: Reading;
  readonly groups: Reading;
  readonly mfa: Reading;
  readonly attributes: ReadonlyMap<string, Reading>;
}

function readRules(
  mapping: CompiledMapping,
  attributeReaders: ReadonlyMap<string, Reader>,
  record: SourceRecord,
): Readings {
  const attributes = new Map<string, Reading>();
  for (const [name, read] of attributeReaders) attributes.set(name, read(record));
  return {
    usernames: mapping.usernames.map((read) => read(record)),
    sourceId: mapping.sourceId?.(record),
    disabled: mapping.disabled?.(record),
    groups: mapping.groups?.(record),
    mfa: mapping.mfa?.(record),
    attributes,
  };
}

/** What is shown to the hook: a reading that cannot be used is no value, and stays one unless the hook gives another. */
function draftOf(readings: Readings): DraftUser {
  const attributes: Record<string, JsonValue> = {};
  for (const [name, reading] of readings.attributes) {
    const value = valueOf(reading);
    if (value !== undefined) attributes[name] = value;
  }
  return deepFreeze({
    usernames: readings.usernames.map(valueOf).filter((value) => value !== undefined),
    sourceId: valueOf(readings.sourceId),
    disabled: valueOf(readings.disabled),
    groups: elementsOf(valueOf(readings.groups)),
    mfa: valueOf(readings.mfa),
    attributes,
  });
}

function valueOf(reading: Reading): JsonValue | undefined {
  return reading instanceof Unusable || !isPresent(reading) ? undefined : (reading ?? undefined);
}

interface HookCall {
  readonly row: ReadableRow;
  readonly view: HookRow;
}

function askHook(hook: Hook, draft: DraftUser, { row, view }: HookCall): object | undefined {
  let answer: unknown;
  try {
    answer = hook(draft, view);
  } catch (error) {
    throw hookThrew(error, row);
  }
  if (answer === undefined) return undefined;
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    const what = answer === null ? "null" : Array.isArray(answer) ? "a list" : `a ${typeof answer}`;
    throw hookFailed(`returned ${what}`, row, RETURN_HINT);
  }
  if ("then" in answer && typeof answer.then === "function") {
    // Its own failure is not heard of twice.
    Promise.resolve(answer).catch(() => undefined);
    throw hookFailed("returned a promise", row, "A hook must answer at once: it may not be async");
  }
  return answer;
}

const RETURN_HINT =
  'It must return a user, { skip: "reason" }, { reject: "reason" }, or undefined to leave the user as it is';

/**
 * The error of a hook that threw. What it said may hold a user's data, so it is only the cause; the message has the
 * error's kind, its place in the hook and the row.
 */
function hookThrew(error: unknown, row: ReadableRow): FerryError {
  const name = error instanceof Error && /^\w{1,40}$/.test(error.name) ? error.name : "value";
  const place = error instanceof Error ? placeOf(error) : undefined;
  return hookFailed(
    `threw ${/^[AEIO]/.test(name) ? "an" : "a"} ${name}${place === undefined ? "" : ` at ${place}`}`,
    row,
    "What it said is not shown, as it may hold a user's data; try the hook with this row of the source",
    error,
  );
}

/** The file's name, line and column of the innermost frame. */
function placeOf({ stack = "" }: Error): string | undefined {
  return /^\s+at .*?([^/\\(]+:\d+:\d+)\)?$/m.exec(stack)?.[1];
}

function hookFailed(what: string, { seq, line }: ReadableRow, hint: string, cause?: unknown): FerryError {
  const where = line === undefined ? `row ${seq}` : `row ${seq} (line ${line})`;
  return new FerryError("HOOK_FAILED", `The hook ${what}, for ${where} of the source`, { hint, cause });
}

function refusalOf(answer: object | undefined, row: ReadableRow): Issue | undefined {
  if (answer === undefined || !("skip" in answer || "reject" in answer)) return undefined;
  const { skip, reject, ...others } = answer as { readonly skip?: unknown; readonly reject?: unknown };
  const reason = skip ?? reject;
  if (
    typeof reason !== "string" ||
    reason.trim() === "" ||
    (skip !== undefined && reject !== undefined) ||
    Object.keys(others).length > 0
  ) {
    throw hookFailed("returned a refusal without one reason", row, RETURN_HINT);
  }
  return {
    code: skip === undefined ? "hook-rejected" : "hook-skipped",
    attribute: undefined,
    message: oneLine(reason),
  };
}

function oneLine(reason: string): string {
  const line = reason
    .toWellFormed()
    .replaceAll(/[\s\p{C}]+/gu, " ")
    .trim();
  if (line.length <= MAX_REASON_LENGTH) return line;
  // Half a character may be left at the end.
  return `${line.slice(0, MAX_REASON_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const DRAFT_KEYS: readonly string[] = [
  "usernames",
  "sourceId",
  "disabled",
  "groups",
  "mfa",
  "attributes",
] satisfies readonly (keyof DraftUser)[];

interface DraftPlace {
  readonly row: ReadableRow;
  readonly settableNames: ReadonlySet<string>;
  readonly pool: Pool;
}

function requireDraft(answer: object, { row, settableNames, pool }: DraftPlace): Partial<DraftUser> {
  const unknown = Object.keys(answer).find((key) => !DRAFT_KEYS.includes(key));
  if (unknown !== undefined) {
    throw hookFailed(
      `returned a user with the unknown key ${named(unknown)}`,
      row,
      `A user has the keys ${DRAFT_KEYS.join(", ")}`,
    );
  }
  const { usernames, groups, attributes, ...single } = answer as Readonly<Record<string, unknown>>;
  for (const [key, list] of Object.entries({ usernames, groups })) {
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw hookFailed(`returned ${key} that is no list`, row, RETURN_HINT);
    if (key === "usernames" && list.length > MAX_USERNAMES) {
      throw hookFailed(`returned more than ${MAX_USERNAMES} usernames`, row, "Name the best ones");
    }
    for (const value of list as readonly unknown[]) requireJson(value, key, row);
  }
  for (const [key, value] of Object.entries(single)) requireJson(value, key, row);
  if (attributes !== undefined) {
    if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
      throw hookFailed("returned attributes that are no object", row, RETURN_HINT);
    }
    for (const [name, value] of Object.entries(attributes)) {
      if (!settableNames.has(name)) {
        throw new FerryError(
          "MAPPING_INVALID",
          `The hook returned ${named(name)}, an attribute that the user pool ${pool.id} does not have to set`,
          { hint: `It can set: ${[...settableNames].join(", ")}` },
        );
      }
      requireJson(value, name, row);
    }
  }
  return answer;
}

/** A name as a message can hold it: the hook may have made it of anything. */
function named(name: string): string {
  return /^[\w:.-]{1,64}$/.test(name) ? name : "of odd characters";
}

function requireJson(value: unknown, name: string, row: ReadableRow): void {
  const kind = foreignKind(value);
  if (kind === undefined) return;
  throw hookFailed(
    `returned ${kind} in ${name}`,
    row,
    "Use text, numbers, true, false, null, lists and plain objects",
  );
}

/** What a value is that JSON does not have; undefined for those that it has, and for undefined. */
function foreignKind(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "string" || typeof value === "boolean")
    return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number that is none";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return value.map(foreignKind).find((kind) => kind !== undefined);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    return value instanceof Date ? "a Date" : "an object of a class";
  }
  return Object.values(value)
    .map(foreignKind)
    .find((kind) => kind !== undefined);
}

/** The rules' readings with what the hook changed; a part that it handed back as it was keeps its own reading. */
function changeReadings(ruled: Readings, shown: DraftUser, draft: Partial<DraftUser>): Readings {
  const single = (key: "sourceId" | "disabled" | "mfa"): Reading =>
    !(key in draft) || draft[key] === shown[key] ? ruled[key] : draft[key];
  return {
    usernames:
      draft.usernames === undefined || sameList(draft.usernames, shown.usernames)
        ? ruled.usernames
        : draft.usernames,
    sourceId: single("sourceId"),
    disabled: single("disabled"),
    mfa: single("mfa"),
    groups: draft.groups === undefined || sameList(draft.groups, shown.groups) ? ruled.groups : draft.groups,
    attributes:
      draft.attributes === undefined
        ? ruled.attributes
        : changeAttributes(ruled.attributes, shown.attributes, draft.attributes),
  };
}

function changeAttributes(
  ruled: Readings["attributes"],
  shown: DraftUser["attributes"],
  returned: DraftUser["attributes"],
): Readings["attributes"] {
  const changed = new Map<string, Reading>();
  for (const name of new Set([...ruled.keys(), ...Object.keys(returned)])) {
    changed.set(name, returned[name] === shown[name] ? ruled.get(name) : returned[name]);
  }
  return changed;
}

function sameList(one: readonly JsonValue[], other: readonly JsonValue[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}

/**
 * The changed readings, in which no contact is verified that the rules did not call so: neither by a changed flag nor
 * by another contact under the same flag.
 */
function keepUntrusted(
  ruled: Readings,
  changed: Readings,
  { mapping, pool }: HookedMapping,
  issues: Issue[],
): Readings {
  if (changed === ruled) return ruled;
  const attributes = new Map(changed.attributes);
  for (const contact of CONTACTS) {
    const flag = VERIFIED_FLAG[contact];
    if (mapping.trusted.has(flag) || !isTrue(changed.attributes.get(flag))) continue;
    const wasVerified = isTrue(ruled.attributes.get(flag));
    if (wasVerified && sameContact(contact, { ruled, changed, pool, options: mapping.options })) continue;
    attributes.set(flag, false);
    issues.push({
      code: "verified-untrusted",
      attribute: flag,
      message: wasVerified
        ? `the hook changed the ${contact} that the row calls verified`
        : `the hook set ${flag}, which the row does not say`,
    });
  }
  return { ...changed, attributes };
}

function isTrue(reading: Reading): boolean {
  return !(reading instanceof Unusable) && parseFlag(reading) === true;
}

interface Change {
  readonly ruled: Readings;
  readonly changed: Readings;
  readonly pool: Pool;
  readonly options: EmailOptions;
}

function sameContact(contact: Contact, { ruled, changed, pool, options }: Change): boolean {
  const before = contactsOf(contact, ruled, pool);
  const after = contactsOf(contact, changed, pool);
  return (
    before.length === after.length &&
    before.every((text, index) => {
      const other = after[index] ?? "";
      return contact === "email" ? isSameEmail(text, other, options) : isSamePhone(text, other);
    })
  );
}

/** The contact as text, or the candidates of the username that is the contact in this pool. */
function contactsOf(contact: Contact, readings: Readings, pool: Pool): readonly string[] {
  const value = valueOf(readings.attributes.get(contact));
  if (value !== undefined) return [textOf(value)];
  if (!pool.usernameAttributes.includes(contact)) return [];
  return readings.usernames.map((reading) => textOf(valueOf(reading)));
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function isSameEmail(before: string, after: string, options: EmailOptions): boolean {
  const [one, other] = [before, after].map((text) => normaliseEmail(text.normalize("NFC").trim(), options));
  return typeof one === "string" && typeof other === "string" ? one === other : before === after;
}

/** Digits without the zeros of a trunk prefix or an international one; fewer than these tell no two numbers apart. */
const MIN_SAME_DIGITS = 6;

/** The same digits, or the same number behind its country code. */
function isSamePhone(before: string, after: string): boolean {
  if (before === after) return true;
  const [one, other] = [before, after].map((text) => text.replaceAll(/\D/g, "").replace(/^0+/, ""));
  return one !== undefined && one.length >= MIN_SAME_DIGITS && other !== undefined && other.endsWith(one);
}

function createRowView(shape: SourceShape): (record: SourceRecord) => HookRow {
  if (shape.kind === "documents") return (record) => deepFreeze(record as JsonObject);
  const { columns } = shape;
  return (record) =>
    Object.freeze(
      Object.fromEntries(columns.map((column, index) => [column, (record as readonly string[])[index]])),
    );
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null && !Object.isFrozen(part)) deepFreeze(part as object);
  }
  return Object.freeze(value);
}
