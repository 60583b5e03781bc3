import type { Attributes } from "./planned-user.ts";

/** One thing that a sync does to a user who is in the pool already. */
export type Change =
  | { readonly kind: "disable" }
  | { readonly kind: "enable" }
  | { readonly kind: "set-attributes"; readonly attributes: Attributes }
  | { readonly kind: "delete-attributes"; readonly names: readonly string[] }
  | { readonly kind: "add-to-group"; readonly group: string }
  | { readonly kind: "remove-from-group"; readonly group: string }
  | { readonly kind: "delete" };

/** The kinds of change, in the order in which they are done for one user. */
export const CHANGE_KINDS = [
  "disable",
  "set-attributes",
  "delete-attributes",
  "remove-from-group",
  "add-to-group",
  "enable",
  "delete",
] as const satisfies readonly Change["kind"][];

/** One of {@link CHANGE_KINDS}. */
export type ChangeKind = Change["kind"];
