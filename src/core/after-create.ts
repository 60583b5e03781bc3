import type { FollowUp } from "./follow-up.ts";
import type { Issue } from "./issue.ts";
import type { LoadPolicies } from "./load-policies.ts";
import type { Attributes } from "./planned-user.ts";
import { CONTACTS, VERIFIED_FLAG } from "./pool.ts";

/** A user for AdminCreateUser, by its plan or since an import job refused its row. */
export interface UserForCreation {
  /** All that AdminCreateUser sends. */
  readonly attributes: Attributes;
  readonly smsMfa: boolean;
  /** Whether a password hash is lost, as only import jobs take one. */
  readonly hasHash: boolean;
  readonly isDisabled: boolean;
  /** Whether the user's own password is set afterwards, so that it needs no other. */
  readonly hasPassword: boolean;
}

/** What AdminCreateUser cannot do of what an import job can. */
export interface AfterCreate {
  /** What is to be done instead once the user is there. */
  readonly followUps: readonly FollowUp[];
  /** What is lost. */
  readonly issues: readonly Issue[];
}

/** What follows from a user's going by AdminCreateUser, beside what follows for everyone. */
export function afterCreate(
  user: UserForCreation,
  policies: Pick<LoadPolicies, "passwordAfterCreate">,
): AfterCreate {
  const passwordAfterCreate = user.hasPassword ? "none" : policies.passwordAfterCreate;
  const isToReset = passwordAfterCreate === "reset-required" && !user.isDisabled;
  const canReset = isToReset && hasVerifiedContact(user.attributes);
  return {
    followUps: [
      ...(passwordAfterCreate === "none" ? [] : [{ kind: "set-password" } as const]),
      // An import job has a column for it.
      ...(user.smsMfa ? [{ kind: "set-mfa" } as const] : []),
      ...(canReset ? [{ kind: "reset-password" } as const] : []),
    ],
    issues: [
      ...(user.hasHash && !user.hasPassword ? [HASH_LOST] : []),
      ...(isToReset && !canReset ? [UNREACHABLE] : []),
    ],
  };
}

/** Cognito sends codes to verified addresses and numbers only (reported). */
function hasVerifiedContact(attributes: Attributes): boolean {
  const values = new Map(attributes);
  return CONTACTS.some((contact) => values.has(contact) && values.get(VERIFIED_FLAG[contact]) === "true");
}

const HASH_LOST: Issue = {
  code: "password-not-carried",
  attribute: undefined,
  message: "the user goes by AdminCreateUser, which takes no password hash",
};

const UNREACHABLE: Issue = {
  code: "reset-code-undeliverable",
  attribute: undefined,
  message: "no address or number is verified, so no code can be sent, and the password is not reset",
};
