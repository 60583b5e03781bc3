import type { Attributes } from "./planned-user.ts";

/** The kinds of follow-up, in the order in which they are done for one user: who may not sign in is disabled first. */
export const FOLLOW_UP_KINDS = [
  "disable",
  "confirm",
  "set-attributes",
  "set-own-password",
  "set-password",
  "add-to-group",
  "set-mfa",
  "link-provider",
  "reset-password",
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
  /** The password that the user had at the source, for good. It is a secret, and stands elsewhere. */
  | { readonly kind: "set-own-password" }
  /** A random permanent password in the place of the temporary one, so that "forgot password" works. Nobody is told it. */
  | { readonly kind: "set-password" }
  | { readonly kind: "add-to-group"; readonly group: string }
  /** Text messages become the user's preferred second factor; import jobs carry that in a column of their own. */
  | { readonly kind: "set-mfa" }
  /** The pool's name of the identity provider, and the user's id there. */
  | { readonly kind: "link-provider"; readonly provider: string; readonly subject: string }
  /** The password no longer works, and Cognito sends the user a code to set another one. */
  | { readonly kind: "reset-password" };

/** Follow-ups of one user in the order of {@link FOLLOW_UP_KINDS}; those of one kind stay as they are. */
export function inOrder(followUps: readonly FollowUp[]): readonly FollowUp[] {
  const place = ({ kind }: FollowUp): number => FOLLOW_UP_KINDS.indexOf(kind);
  return followUps.toSorted((one, other) => place(one) - place(other));
}
