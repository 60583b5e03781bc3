import { randomInt } from "node:crypto";

import { ApiError } from "../wire/error.ts";
import type { PasswordPolicy } from "./pool.ts";

const KINDS = [
  {
    requirement: "RequireLowercase",
    pattern: /[a-z]/,
    letters: "abcdefghijkmnopqrstuvwxyz",
    name: "lowercase",
  },
  {
    requirement: "RequireUppercase",
    pattern: /[A-Z]/,
    letters: "ABCDEFGHJKLMNPQRSTUVWXYZ",
    name: "uppercase",
  },
  { requirement: "RequireNumbers", pattern: /\d/, letters: "23456789", name: "numeric" },
  {
    requirement: "RequireSymbols",
    pattern: /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+-]/,
    letters: "!@#%&*_+",
    name: "symbol",
  },
] as const;

/** How AWS begins to say that a password does not meet the policy: operations differ (reported). */
export const POLICY_WORDS = {
  /** SignUp's words; that the operations not named here have them too is a guess. */
  usual: "Password did not conform with policy",
  adminCreateUser: "Password did not conform with password policy",
  confirmForgotPassword: "Password does not conform to policy",
} as const;

/** Refuses a password that does not meet the policy. */
export function checkPassword(
  password: string,
  policy: PasswordPolicy,
  words: string = POLICY_WORDS.usual,
): void {
  const trouble = passwordTrouble(password, policy);
  if (trouble !== undefined) throw new ApiError("InvalidPasswordException", `${words}: ${trouble}`);
}

/** What a password lacks, in the words of AWS's InvalidPasswordException (reported). */
function passwordTrouble(password: string, policy: PasswordPolicy): string | undefined {
  if (password.length < policy.MinimumLength) return "Password not long enough";
  const missing = KINDS.find(({ requirement, pattern }) => policy[requirement] && !pattern.test(password));
  return missing === undefined ? undefined : `Password must have ${missing.name} characters`;
}

/** A random password that any policy of this length takes. */
export function generatePassword(policy: PasswordPolicy): string {
  const characters = Array.from({ length: Math.max(policy.MinimumLength, 12) }, (_, place) => {
    const { letters } = KINDS[place % KINDS.length] ?? KINDS[0];
    return letters.charAt(randomInt(letters.length));
  });
  return characters.join("");
}
