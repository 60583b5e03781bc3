import type { IssueCode } from "../../core/issue.ts";

/** A value in API encoding, nothing to send, or the reason why the attribute is left out. */
export type Normalised =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "empty" }
  | { readonly kind: "dropped"; readonly code: IssueCode; readonly message: string };

/** Nothing to send. */
export const EMPTY: Normalised = { kind: "empty" };

/** A value to send. */
export function sent(value: string): Normalised {
  return { kind: "value", value };
}

/** An attribute to leave out; the message never holds its value. */
export function dropped(code: IssueCode, message: string): Normalised {
  return { kind: "dropped", code, message };
}
