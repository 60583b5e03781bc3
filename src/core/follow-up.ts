import type { Attributes } from "./planned-user.ts";

/** The kinds of follow-up, in the order in which they are done for one user: who may not sign in is disabled first. */
export const FOLLOW_UP_KINDS = [
  "disable",
  "confirm",
  "set-attributes",
  "set-password",
  "add-to-group",
  "set-mfa",
  "link-provider",
] as const;

/** One of {@link FOLLOW_UP_KINDS}. */
export type FollowUpKind = (typeof FOLLOW_UP_KINDS)[number];

/** One thing that is done to a user after its creation, since what creates it cannot. */
export type FollowUp =
  | { readonly kind: "disable" }
  /** A user who has signed up is confirmed without a code. Verifies nothing. */
  | { readonly kind: "confirm" }
  /** Attributes that an import job's CSV or SignUp could not carry, in API encoding. */
  | { readonly kind: "set-attributes"; readonly attributes: Attributes }
  /** A random permanent password in the place of the temporary one, so that "forgot password" works. Nobody is told it. */
  | { readonly kind: "set-password" }
  | { readonly kind: "add-to-group"; readonly group: string }
  /** Text messages become the user's preferred second factor; import jobs carry that in a column of their own. */
  | { readonly kind: "set-mfa" }
  /** The pool's name of the identity provider, and the user's id there. */
  | { readonly kind: "link-provider"; readonly provider: string; readonly subject: string };
