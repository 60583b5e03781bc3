import type { JsonValue } from "./row.ts";

/** What the rules read of one user, before anything is normalised. It is frozen: a hook returns a changed copy. */
export interface DraftUser {
  /** Candidates for the username, the best first; the first one that the pool accepts is taken. */
  readonly usernames: readonly JsonValue[];
  /** The user's id in the source, for reports. */
  readonly sourceId: JsonValue | undefined;
  /** Whether the user may not sign in, in any spelling of a flag. */
  readonly disabled: JsonValue | undefined;
  /** Names of groups. */
  readonly groups: readonly JsonValue[];
  /** The second factor, as mapping.mfa reads it. */
  readonly mfa: JsonValue | undefined;
  /** Values by the names of Cognito's attributes (`custom:` ones with their prefix); those without a value are left out. */
  readonly attributes: Readonly<Record<string, JsonValue | undefined>>;
}

/** The fields of the row by name: the columns of a table, or the keys of a document. Frozen, and with its secrets. */
export type HookRow = Readonly<Record<string, JsonValue | undefined>>;

/**
 * A user whom the hook does not let through. The reason stands in reports, so it should name no one: one
 * line of at most 200 characters.
 */
export type HookRefusal = { readonly skip: string } | { readonly reject: string };

/**
 * What a hook file exports by default: asked once for each row, in the order of the source, after the rules and before
 * anything is normalised or checked. It returns what changes (a part that is left out stays as the rules read it,
 * `attributes` are taken as a whole), a refusal, or undefined to leave the user as it is. It must answer at once and
 * always the same for the same row.
 *
 * @example
 * ```ts
 * import type { Hook } from "poolferry";
 *
 * const hook: Hook = (user, row) => {
 *   if (row["deleted_at"]) return { skip: "deleted in the shop" };
 *   return { attributes: { ...user.attributes, locale: row["country"] === "AT" ? "de-AT" : "en" } };
 * };
 * export default hook;
 * ```
 */
export type Hook = (user: DraftUser, row: HookRow) => Partial<DraftUser> | HookRefusal | undefined;
