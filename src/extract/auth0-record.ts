import type { JsonObject, JsonValue } from "../core/row.ts";
import { isJsonObject } from "./json-row.ts";

/**
 * Names under which the import/export extension writes fields of the profile, in CSV and in JSON alike (documented by its
 * source, `defaultFields`).
 */
const EXTENSION_NAMES: Readonly<Record<string, string>> = {
  Id: "user_id",
  "Given Name": "given_name",
  "Family Name": "family_name",
  Nickname: "nickname",
  Name: "name",
  Email: "email",
  "Email Verified": "email_verified",
  Picture: "picture",
  Connection: "identities[0].connection",
  "Created At": "created_at",
  "Updated At": "updated_at",
};

/** A field of a profile that was exported by its path; other names with dots in them are names. */
const PATH = /^(?:identities|user_metadata|app_metadata)(?:\.[^.[\]]+|\[\d{1,2}\])+$/;
const STEP = /([^.[\]]+)|\[(\d+)\]/g;

/** Where the values of a record go in the user's profile. */
type Layout =
  | { readonly kind: "value"; readonly index: number }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Layout])[] }
  | { readonly kind: "list"; readonly elements: readonly Layout[] };

/** Puts the values of a record, in the order of their names, into the user's profile. */
export type BuildProfile = (values: readonly JsonValue[]) => JsonObject;

/**
 * Compiles the names of a record's values into what makes Auth0's own profile of them: the extension's names become the
 * profile's, and paths such as `user_metadata.country` and `identities[0].connection` become objects and lists. Undefined
 * where two names mean the same field, or one is a part of the other.
 */
export function compileProfile(names: readonly string[]): BuildProfile | undefined {
  const root: Building = new Map();
  const isRenamed = !names.includes("user_id");
  for (const [index, name] of names.entries()) {
    const field = isRenamed && Object.hasOwn(EXTENSION_NAMES, name) ? EXTENSION_NAMES[name] : name;
    if (!place(root, stepsOf(field ?? name), index)) return undefined;
  }
  const layout = layoutOf(root);
  return (values) => build(layout, values) as JsonObject;
}

/** The name of a key, or the number of an element. */
type Step = string | number;

/** What is known of an object or a list so far; a number is that of a value. */
type Building = Map<Step, Building | number>;

function stepsOf(field: string): readonly Step[] {
  if (!PATH.test(field)) return [field];
  return [...field.matchAll(STEP)].map(([, key, element]) => key ?? Number(element));
}

/** Whether there was a place for the value that is nobody else's. */
function place(root: Building, steps: readonly Step[], index: number): boolean {
  let within = root;
  for (const [at, step] of steps.entries()) {
    const there = within.get(step);
    const [other] = within.keys();
    if (other !== undefined && typeof other !== typeof step) return false;
    if (at === steps.length - 1) {
      if (there !== undefined) return false;
      within.set(step, index);
      return true;
    }
    if (typeof there === "number") return false;
    const next: Building = there ?? new Map<Step, Building | number>();
    within.set(step, next);
    within = next;
  }
  return false;
}

const NOTHING: Layout = { kind: "object", entries: [] };

function layoutOf(building: Building | number): Layout {
  if (typeof building === "number") return { kind: "value", index: building };
  const [first] = building.keys();
  if (typeof first !== "number") {
    return {
      kind: "object",
      entries: [...building].map(([key, inner]) => [String(key), layoutOf(inner)] as const),
    };
  }
  const length = Math.max(...[...building.keys()].map(Number)) + 1;
  // An element of which nothing was exported has its place all the same.
  const elements = Array.from({ length }, (_, at) => {
    const inner = building.get(at);
    return inner === undefined ? NOTHING : layoutOf(inner);
  });
  return { kind: "list", elements };
}

function build(layout: Layout, values: readonly JsonValue[]): JsonValue {
  switch (layout.kind) {
    case "value":
      return values[layout.index] ?? null;
    case "list":
      return layout.elements.map((element) => build(element, values));
    case "object":
      // From entries, so that a key named __proto__ is a key.
      return Object.fromEntries(layout.entries.map(([key, inner]) => [key, build(inner, values)]));
  }
}

/**
 * Makes the function that brings users of an Auth0 export in JSON into the form of the profile, however their fields were
 * named. A user that has two values for one field stays as written.
 */
export function createProfileReader(): (user: JsonObject) => JsonObject {
  // Those of one export have the same names, in the same order.
  let names: readonly string[] = [];
  let toProfile: BuildProfile | undefined;
  return (user) => {
    if (!hasOtherNames(user)) return withProvider(user);
    const keys = Object.keys(user);
    if (keys.length !== names.length || keys.some((key, at) => key !== names[at])) {
      names = keys;
      toProfile = compileProfile(keys);
    }
    return withProvider(toProfile?.(Object.values(user)) ?? user);
  };
}

function hasOtherNames(user: JsonObject): boolean {
  const isRenamed = !Object.hasOwn(user, "user_id");
  return Object.keys(user).some(
    (key) =>
      (isRenamed && Object.hasOwn(EXTENSION_NAMES, key)) ||
      ((key.includes(".") || key.includes("[")) && PATH.test(key)),
  );
}

/** Fields that only the file of a bulk import has; an id there has no provider before it (documented). */
const IMPORT_FIELDS = ["password_hash", "custom_password_hash", "mfa_factors"] as const;

/**
 * A user whose export says nothing of the provider gets the one that the id begins with (documented: `user_id` is the
 * provider, a bar, and the id there), as what tells social users from others.
 */
export function withProvider(user: JsonObject): JsonObject {
  const id = user["user_id"];
  if (typeof id !== "string" || IMPORT_FIELDS.some((field) => Object.hasOwn(user, field))) return user;
  const bar = id.indexOf("|");
  const identities = user["identities"] ?? [];
  if (bar < 1 || !Array.isArray(identities)) return user;
  const [first = {}, ...others] = identities as readonly JsonValue[];
  if (!isJsonObject(first)) return user;
  const isStated = [first, ...others].some((each) => isJsonObject(each) && isText(each["provider"]));
  if (isStated) return user;
  const main = { ...first, provider: id.slice(0, bar), user_id: id.slice(bar + 1) };
  return { ...user, identities: [main, ...others] };
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}
