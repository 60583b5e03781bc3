import type { Attributes } from "./planned-user.ts";

/**
 * The kinds of change, in the order in which they are done for one user: who may not sign in is disabled first, rights go
 * before others come, and who is to be let in again is enabled once all else is right. A contact is taken away after its
 * successor has come. A deletion comes alone.
 */
export const CHANGE_KINDS = [
  "disable",
  "set-attributes",
  "delete-attributes",
  "remove-from-group",
  "add-to-group",
  "enable",
  "delete",
] as const;

/** One of {@link CHANGE_KINDS}. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** One thing that is done to a user who is in the pool already. Each can be done again without harm. */
export type Change =
  | { readonly kind: "disable" }
  /** In API encoding; a blank value takes its attribute away (documented). */
  | { readonly kind: "set-attributes"; readonly attributes: Attributes }
  | { readonly kind: "delete-attributes"; readonly names: readonly string[] }
  | { readonly kind: "remove-from-group"; readonly group: string }
  | { readonly kind: "add-to-group"; readonly group: string }
  | { readonly kind: "enable" }
  | { readonly kind: "delete" };

/** Compares two changes of one user by {@link CHANGE_KINDS}, for a sort; those of one kind are equal. */
export function compareChanges(one: Change, other: Change): number {
  return CHANGE_KINDS.indexOf(one.kind) - CHANGE_KINDS.indexOf(other.kind);
}
